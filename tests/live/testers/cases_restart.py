"""Group 9 of the engine's specification: what a former session left at the venue is there after the start."""

from collections.abc import Callable

from tests.live.binance_rest import RestClient
from tests.live.testers.case import Case, rests
from tests.live.testers.cases_fill import CLOSE_LONG, CLOSE_SHORT
from tests.live.venue import SimulatedVenue

CLAIM = {"external_order_instrument_ids": ["BTCUSDT-PERP.BINANCE"]}


def left_orders(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    assert client.limit("BUY", 0.01, 49_000.0, "left-limit").status == 200
    stop = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "type": "STOP_MARKET", "side": "BUY", "quantity": 0.01}
    placed = client.signed("POST", "/fapi/v1/algoOrder", **stop, triggerPrice=51_000.0, clientAlgoId="left-stop")
    assert placed.status == 200


def traded(*sides: str) -> Callable[[SimulatedVenue], None]:
    def before(venue: SimulatedVenue) -> None:
        for number, side in enumerate(sides):
            assert RestClient(venue.http).market(side, 0.01, f"left-{number}").status == 200

    return before


RESTART = [
    Case(
        name="E84 open orders of a former session are known, and stopping cancels them",
        config=CLAIM,
        before=left_orders,
        steps=(rests("BUY LIMIT 0.01 @ 49000.0 GTC", "BUY STOP_MARKET 0.01 at 51000.0"),),
        told=(
            "BUY LIMIT 0.010 @ 49000.00 GTC: Accepted Canceled",
            "BUY STOP_MARKET 0.010 at 51000.00 GTC: Accepted Canceled",
        ),
    ),
    Case(
        name="E85 filled orders of a former session are known",
        config=CLAIM,
        before=traded("BUY", "SELL"),
        told=("BUY MARKET 0.010 GTC: Accepted Filled", "SELL MARKET 0.010 GTC: Accepted Filled"),
        fails="the client asks for trades of instruments with a position or an order only; nothing of a closed trade",
        measured=(),
    ),
    Case(
        name="E86 a long of a former session is known, and stopping closes it",
        config=CLAIM,
        before=traded("BUY"),
        entry="50000.1",
        told=("BUY MARKET 0.010 GTC: Accepted Filled", CLOSE_LONG),
    ),
    Case(
        name="E87 a short of a former session is known, and stopping closes it",
        config=CLAIM,
        before=traded("SELL"),
        entry="50000.0",
        told=("SELL MARKET 0.010 GTC: Accepted Filled", CLOSE_SHORT),
    ),
]
