"""Orders, executions and order lists as Binance spot writes them in REST answers: eight decimals throughout."""

from decimal import Decimal
from typing import Any

from simvenue.orders import Fill, Side, TimeInForce
from simvenue.pairs.lists import ListState, OrderList
from simvenue.pairs.orders import PairOrder

Json = dict[str, Any]
SELF_TRADE = "EXPIRE_MAKER"


def amount(value: Decimal) -> str:
    return f"{value:.8f}"


def order_row(order: PairOrder) -> Json:
    """Return an order as a query answers it."""
    return _head(order) | {
        "clientOrderId": order.client_id,
        **_body(order),
        "stopPrice": amount(order.stop_price),
        "icebergQty": amount(Decimal(0)),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "isWorking": not order.waits,
        "workingTime": order.working_ms or -1,
        "origQuoteOrderQty": amount(order.quote_amount),
        "selfTradePreventionMode": SELF_TRADE,
    }


def placed_row(order: PairOrder, fills: list[Fill] | None, *, acknowledged: bool = False) -> Json:
    """Return a new order: an acknowledgement, the result, or the result with its executions."""
    row = _head(order) | {"clientOrderId": order.client_id, "transactTime": order.updated_ms}
    if acknowledged:
        return row
    row |= _body(order) | {"origQuoteOrderQty": amount(order.quote_amount)}
    if order.stop_price:
        row["stopPrice"] = amount(order.stop_price)
    row |= {"workingTime": order.working_ms or -1, "selfTradePreventionMode": SELF_TRADE}
    if fills is not None:
        row["fills"] = [_fill(fill) for fill in fills]
    return row


def cancelled_row(order: PairOrder) -> Json:
    row = _head(order) | {
        "origClientOrderId": order.client_id,
        "clientOrderId": order.cancel_id,
        "transactTime": order.updated_ms,
        **_body(order),
        "origQuoteOrderQty": amount(order.quote_amount),
        "selfTradePreventionMode": SELF_TRADE,
    }
    if order.stop_price:
        row["stopPrice"] = amount(order.stop_price)
    return row


def list_row(found: OrderList, legs: list[PairOrder], reports: list[Json] | None = None) -> Json:
    done = found.state is ListState.ALL_DONE
    row: Json = {
        "orderListId": found.list_id,
        "contingencyType": "OCO",
        "listStatusType": "ALL_DONE" if done else "EXEC_STARTED",
        "listOrderStatus": found.state.value,
        "listClientOrderId": found.client_id,
        "transactionTime": found.updated_ms,
        "symbol": found.symbol,
        "orders": [{"symbol": leg.symbol, "orderId": leg.order_id, "clientOrderId": leg.client_id} for leg in legs],
    }
    if reports is not None:
        row["orderReports"] = reports
    return row


def trade_row(fill: Fill, order: PairOrder) -> Json:
    return {
        "symbol": fill.symbol,
        "id": fill.trade_id,
        "orderId": fill.order_id,
        "orderListId": order.list_id,
        "price": amount(fill.price),
        "qty": amount(fill.quantity),
        "quoteQty": amount(fill.quote_quantity),
        "commission": amount(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": fill.time_ms,
        "isBuyer": fill.side is Side.BUY,
        "isMaker": fill.maker,
        "isBestMatch": True,
    }


def time_in_force(order: PairOrder) -> str:
    known = {TimeInForce.IOC, TimeInForce.FOK}
    return order.time_in_force.value if order.time_in_force in known else TimeInForce.GTC.value


def _head(order: PairOrder) -> Json:
    return {"symbol": order.symbol, "orderId": order.order_id, "orderListId": order.list_id}


def _body(order: PairOrder) -> Json:
    return {
        "price": amount(order.price),
        "origQty": amount(order.quantity),
        "executedQty": amount(order.executed),
        "cummulativeQuoteQty": amount(order.executed_quote),
        "status": order.status.value,
        "timeInForce": time_in_force(order),
        "type": order.pair_kind.value,
        "side": order.side.value,
    }


def _fill(fill: Fill) -> Json:
    return {
        "price": amount(fill.price),
        "qty": amount(fill.quantity),
        "commission": amount(fill.fee),
        "commissionAsset": fill.fee_asset,
        "tradeId": fill.trade_id,
    }
