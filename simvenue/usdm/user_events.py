"""The account's events as Binance writes them on a user data stream."""

from decimal import Decimal

from simvenue.algo import Algo
from simvenue.instrument import Instrument
from simvenue.orders import Execution, Fill, Order
from simvenue.perpetuals import Perpetuals
from simvenue.usdm.shapes import Json


def order_update(order: Order, execution: Execution, fill: Fill | None, instrument: Instrument, now_ms: int) -> Json:
    price, quantity = instrument.price_text, instrument.quantity_text
    body: Json = {
        "s": order.symbol,
        "c": order.client_id,
        "S": order.side.value,
        "o": order.kind.value,
        "f": order.time_in_force.value,
        "q": quantity(order.quantity),
        "p": price(order.price),
        "ap": f"{order.average_price:.5f}",
        "sp": price(order.stop_price),
        "x": execution.value,
        "X": order.status.value,
        "i": order.order_id,
        "l": quantity(fill.quantity) if fill else "0",
        "z": quantity(order.executed),
        "L": price(fill.price) if fill else "0",
        "T": order.updated_ms,
        "t": fill.trade_id if fill else 0,
        "b": "0",
        "a": "0",
        "m": fill.maker if fill else False,
        "R": order.reduce_only,
        "wt": "CONTRACT_PRICE",
        "ot": order.original_type,
        "ps": "BOTH",
        "cp": order.close_position,
        "rp": f"{fill.realised:.8f}" if fill else "0",
        "pP": False,
        "si": 0,
        "ss": 0,
        "V": "EXPIRE_MAKER",
        "pm": "NONE",
        "gtd": order.good_till_ms,
        "er": "0",
    }
    if fill is not None:
        body |= {"N": fill.fee_asset, "n": f"{fill.fee:.8f}"}
    return {"e": "ORDER_TRADE_UPDATE", "T": order.updated_ms, "E": now_ms, "o": body}


def trade_lite(order: Order, fill: Fill, instrument: Instrument, now_ms: int) -> Json:
    return {
        "e": "TRADE_LITE",
        "E": now_ms,
        "T": fill.time_ms,
        "s": order.symbol,
        "q": instrument.quantity_text(order.quantity),
        "p": instrument.price_text(order.price),
        "m": fill.maker,
        "c": order.client_id,
        "S": order.side.value,
        "L": instrument.price_text(fill.price),
        "l": instrument.quantity_text(fill.quantity),
        "t": fill.trade_id,
        "i": order.order_id,
    }


def account_update(exchange: Perpetuals, cause: str, symbol: str, change: Decimal, now_ms: int) -> Json:
    wallet = f"{exchange.account.wallet:.8f}"
    positions: list[Json] = []
    if symbol and cause != "FUNDING_FEE":
        position = exchange.account.position(symbol)
        positions.append(
            {
                "s": symbol,
                "pa": exchange.instruments[symbol].quantity_text(position.quantity),
                "ep": f"{position.entry_price:.5f}",
                "bep": f"{position.entry_price:.5f}",
                "cr": f"{position.realised:.8f}",
                "up": f"{exchange.margin.unrealised(symbol):.8f}",
                "mt": "isolated" if position.isolated else "cross",
                "iw": "0",
                "ps": "BOTH",
            }
        )
    body = {"m": cause, "B": [{"a": "USDT", "wb": wallet, "cw": wallet, "bc": f"{change:.8f}"}], "P": positions}
    return {"e": "ACCOUNT_UPDATE", "T": now_ms, "E": now_ms, "a": body}


def algo_update(algo: Algo, instrument: Instrument, now_ms: int) -> Json:
    request = algo.request
    body: Json = {
        "caid": request.client_id,
        "aid": algo.algo_id,
        "at": "CONDITIONAL",
        "o": request.kind.value,
        "s": request.symbol,
        "S": request.side.value,
        "ps": "BOTH",
        "f": request.time_in_force.value,
        "q": instrument.quantity_text(request.quantity),
        "X": algo.status.value,
        "ai": str(algo.child_id) if algo.child_id else "",
        "ap": f"{algo.average_price:.5f}",
        "aq": instrument.quantity_text(algo.executed),
        "act": request.kind.child.value if algo.child_id else "0",
        "tp": instrument.price_text(request.trigger_price),
        "p": instrument.price_text(request.price),
        "V": "EXPIRE_MAKER",
        "wt": request.watch.value,
        "pm": "NONE",
        "cp": request.close_position,
        "pP": request.price_protect,
        "R": request.reduce_only,
        "tt": algo.triggered_ms,
        "gtd": request.good_till_ms,
    }
    if algo.note:
        body["rm"] = algo.note
    return {"e": "ALGO_UPDATE", "T": algo.updated_ms, "E": now_ms, "o": body}


def settings_update(symbol: str, leverage: int, now_ms: int) -> Json:
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now_ms, "T": now_ms, "ac": {"s": symbol, "l": leverage}}


def listen_key_expired(listen_key: str, now_ms: int) -> Json:
    return {"e": "listenKeyExpired", "E": now_ms, "listenKey": listen_key}
