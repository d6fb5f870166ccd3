"""REST answers about income, key permissions, listen keys and what a client asks of the wallet when it starts."""

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.keys import READ
from simvenue.binance.params import Params
from simvenue.binance.wallet import coin, restrictions_of
from simvenue.ledger import Entry
from simvenue.orders import ZERO
from simvenue.usdm.rest_orders import MOST_ROWS, span
from simvenue.usdm.shapes import Json
from simvenue.usdm.venue import Endpoints, Venue


def income(venue: Venue, params: Params) -> list[Json]:
    start, end = span(params)
    wanted, symbol = params.text("incomeType", "ALL"), params.values.get("symbol", "")
    rows = [
        row
        for entry in venue.exchange.recorder.ledger.query(symbol=symbol)
        if start <= entry.time_ms <= end
        for row in _income_rows(entry)
        if wanted in ("ALL", row["incomeType"])
    ]
    return rows[-min(params.integer("limit", 100), MOST_ROWS) :]


def _income_rows(entry: Entry) -> list[Json]:
    def line(kind: str, amount: str) -> Json:
        return {
            "symbol": entry.symbol,
            "incomeType": kind,
            "income": amount,
            "asset": "USDT",
            "info": str(entry.details.get("trade_id", kind)),
            "time": entry.time_ms,
            "tranId": 9_000_000_000 + entry.sequence,
            "tradeId": str(entry.details.get("trade_id", "")),
        }

    if entry.kind == "fill":
        rows = [line("COMMISSION", f"-{entry.details['fee']}")]
        if float(entry.details["realised"]):
            rows.append(line("REALIZED_PNL", entry.details["realised"]))
        return rows
    kinds = {"funding": "FUNDING_FEE", "deposit": "TRANSFER"}
    return [line(kinds[entry.kind], f"{entry.amount:.8f}")] if entry.kind in kinds and entry.amount != ZERO else []


def coins(venue: Venue, params: Params) -> list[Json]:
    """List the coins without networks: nothing is deposited or withdrawn here."""
    del params
    assets = {"USDT"} | {instrument.base for instrument in venue.exchange.instruments.values()}
    return [coin(asset) for asset in sorted(assets)]


def none(venue: Venue, params: Params) -> list[Json]:
    """Answer with an empty list."""
    del venue, params
    return []


def restrictions(venue: Venue, params: Params) -> Json:
    return restrictions_of(venue.keys.identify(params.text("_key"), READ), futures=True)


def start_listening(venue: Venue, params: Params) -> Json:
    return {"listenKey": venue.listen_keys.start(params.text("_key"), venue.now_ms())}


def keep_listening(venue: Venue, params: Params) -> Json:
    key = venue.listen_keys.extend(params.text("_key"), venue.now_ms())
    if key is None:
        raise ApiError(-1125, "This listenKey does not exist.")
    return {"listenKey": key}


def stop_listening(venue: Venue, params: Params) -> Json:
    venue.listen_keys.end(params.text("_key"))
    return {}


ENDPOINTS: Endpoints = {
    ("GET", "/fapi/v1/income"): Endpoint(income, 30, READ),
    ("GET", "/sapi/v1/account/apiRestrictions"): Endpoint(restrictions, 1, READ),
    ("POST", "/fapi/v1/listenKey"): Endpoint(start_listening, 1, READ, signed=False),
    ("PUT", "/fapi/v1/listenKey"): Endpoint(keep_listening, 1, READ, signed=False),
    ("DELETE", "/fapi/v1/listenKey"): Endpoint(stop_listening, 1, READ, signed=False),
    ("GET", "/sapi/v1/capital/config/getall"): Endpoint(coins, 10, READ),
    ("GET", "/sapi/v1/margin/allPairs"): Endpoint(none, 1, READ, signed=False),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): Endpoint(none, 1, READ),
}
