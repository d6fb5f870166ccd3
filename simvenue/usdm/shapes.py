"""Orders, executions and conditional orders as Binance writes them in REST answers."""

from decimal import Decimal
from typing import Any

from simvenue.algo import Algo, AlgoKind
from simvenue.instrument import Instrument
from simvenue.orders import Fill, Order

Json = dict[str, Any]


def trimmed(value: Decimal) -> str:
    """Return a plain number without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def order_row(order: Order, instrument: Instrument) -> Json:
    price, quantity = instrument.price_text, instrument.quantity_text
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": order.status.value,
        "clientOrderId": order.client_id,
        "price": price(order.price),
        "avgPrice": f"{order.average_price:.5f}",
        "origQty": quantity(order.quantity),
        "executedQty": quantity(order.executed),
        "cumQty": quantity(order.executed),
        "cumQuote": f"{order.executed_quote:.5f}",
        "timeInForce": order.time_in_force.value,
        "type": order.kind.value,
        "reduceOnly": order.reduce_only,
        "closePosition": order.close_position,
        "side": order.side.value,
        "positionSide": "BOTH",
        "stopPrice": price(order.stop_price),
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": order.original_type,
        "priceMatch": "NONE",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "goodTillDate": order.good_till_ms,
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }


def trade_row(fill: Fill, instrument: Instrument) -> Json:
    return {
        "symbol": fill.symbol,
        "id": fill.trade_id,
        "orderId": fill.order_id,
        "side": fill.side.value,
        "price": instrument.price_text(fill.price),
        "qty": instrument.quantity_text(fill.quantity),
        "realizedPnl": f"{fill.realised:.8f}",
        "quoteQty": f"{fill.quote_quantity:.5f}",
        "commission": f"{fill.fee:.8f}",
        "commissionAsset": fill.fee_asset,
        "time": fill.time_ms,
        "positionSide": "BOTH",
        "buyer": fill.side.value == "BUY",
        "maker": fill.maker,
        "marginAsset": fill.fee_asset,
    }


def algo_row(algo: Algo, instrument: Instrument) -> Json:
    request = algo.request
    row: Json = {
        "algoId": algo.algo_id,
        "clientAlgoId": request.client_id,
        "algoType": "CONDITIONAL",
        "orderType": request.kind.value,
        "symbol": request.symbol,
        "side": request.side.value,
        "positionSide": "BOTH",
        "timeInForce": request.time_in_force.value,
        "quantity": instrument.quantity_text(request.quantity),
        "algoStatus": algo.status.value,
        "actualOrderId": str(algo.child_id) if algo.child_id else "",
        "actualPrice": f"{algo.average_price:.5f}",
        "actualQty": instrument.quantity_text(algo.executed),
        "triggerPrice": instrument.price_text(request.trigger_price),
        "price": instrument.price_text(request.price),
        "icebergQuantity": None,
        "tpTriggerPrice": "0.00000",
        "tpPrice": "0.00000",
        "slTriggerPrice": "0.00000",
        "slPrice": "0.00000",
        "tpOrderType": "",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "workingType": request.watch.value,
        "priceMatch": "NONE",
        "closePosition": request.close_position,
        "priceProtect": request.price_protect,
        "reduceOnly": request.reduce_only,
        "createTime": algo.created_ms,
        "updateTime": algo.updated_ms,
        "triggerTime": algo.triggered_ms,
        "goodTillDate": request.good_till_ms,
    }
    if request.kind is AlgoKind.TRAILING_STOP_MARKET:
        row["activatePrice"] = row["triggerPrice"]
        row["callbackRate"] = trimmed(request.callback_frac * 100)
    return row
