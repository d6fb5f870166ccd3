"""Group 3 of the engine's specification: orders that wait for a price, and what happens when it comes."""

from tests.live.testers.case import Case, Step, hears, moves, prints, rests
from tests.live.testers.cases_fill import CLOSE_LONG, OPEN

BOTH = {"enable_stop_buys": True, "enable_stop_sells": True}
SELL = {"enable_stop_sells": True}
LIMITED = {"stop_order_type": "STOP_LIMIT", "stop_limit_offset_ticks": 50}
BOUGHT = "BUY MARKET 0.010 GTC: Submitted Accepted Filled"
ENDED = "Submitted Accepted Canceled"


def waiting(*lines: str) -> tuple[Step, ...]:
    return (rests(*lines), hears("Accepted", len(lines)))


WAIT = [
    Case(
        name="E20 and E21 stop-market orders wait",
        config=BOTH,
        steps=waiting("BUY STOP_MARKET 0.010 at 50010.10", "SELL STOP_MARKET 0.010 at 49990.00"),
        told=(f"BUY STOP_MARKET 0.010 at 50010.10 GTC: {ENDED}", f"SELL STOP_MARKET 0.010 at 49990.00 GTC: {ENDED}"),
        sends={"POST /fapi/v1/algoOrder": 2, "DELETE /fapi/v1/algoOpenOrders": 1},
    ),
    Case(
        name="E22 and E23 stop-limit orders wait",
        config=BOTH | LIMITED,
        steps=waiting("BUY STOP 0.010 at 50010.10 @ 50015.10", "SELL STOP 0.010 at 49990.00 @ 49985.00"),
        told=(
            f"BUY STOP_LIMIT 0.010 at 50010.10 @ 50015.10 GTC: {ENDED}",
            f"SELL STOP_LIMIT 0.010 at 49990.00 @ 49985.00 GTC: {ENDED}",
        ),
    ),
    Case(
        name="E24 and E25 market-if-touched orders wait",
        config=BOTH | {"stop_order_type": "MARKET_IF_TOUCHED"},
        steps=waiting("BUY TAKE_PROFIT_MARKET 0.010 at 49990.00", "SELL TAKE_PROFIT_MARKET 0.010 at 50010.10"),
        told=(
            f"BUY MARKET_IF_TOUCHED 0.010 at 49990.00 GTC: {ENDED}",
            f"SELL MARKET_IF_TOUCHED 0.010 at 50010.10 GTC: {ENDED}",
        ),
    ),
    Case(
        name="E26 and E27 limit-if-touched orders wait",
        config=BOTH | {"stop_order_type": "LIMIT_IF_TOUCHED", "stop_limit_offset_ticks": 50},
        steps=waiting("BUY TAKE_PROFIT 0.010 at 49990.00 @ 49995.00", "SELL TAKE_PROFIT 0.010 at 50010.10 @ 50005.10"),
        told=(
            f"BUY LIMIT_IF_TOUCHED 0.010 at 49990.00 @ 49995.00 GTC: {ENDED}",
            f"SELL LIMIT_IF_TOUCHED 0.010 at 50010.10 @ 50005.10 GTC: {ENDED}",
        ),
    ),
    Case(
        name="trailing stops wait for their activation price",
        config=BOTH | {"stop_order_type": "TRAILING_STOP_MARKET", "trailing_offset": "100"},
        steps=waiting("BUY TRAILING_STOP_MARKET 0.010 at 49990.00", "SELL TRAILING_STOP_MARKET 0.010 at 50010.10"),
        told=(
            f"BUY TRAILING_STOP_MARKET 0.010 at 49990.00 GTC: {ENDED}",
            f"SELL TRAILING_STOP_MARKET 0.010 at 50010.10 GTC: {ENDED}",
        ),
    ),
]

TRIGGER = [
    Case(
        name="a stop-market order is triggered and closes the long; the tester places the next",
        config=OPEN | SELL,
        steps=(
            *waiting("SELL STOP_MARKET 0.010 at 49990.00"),
            prints(49_985.0),
            hears("Filled", 2),
            moves(49_985.0),
            rests("SELL STOP_MARKET 0.010 at 49975.00"),
            hears("Accepted", 3),
        ),
        told=(
            BOUGHT,
            "SELL STOP_MARKET 0.010 at 49990.00 GTC: Submitted Accepted Updated Filled",
            f"SELL STOP_MARKET 0.010 at 49975.00 GTC: {ENDED}",
        ),
    ),
    Case(
        name="a stop-limit order is triggered and filled within its limit",
        config=OPEN | SELL | LIMITED,
        steps=(
            *waiting("SELL STOP 0.010 at 49990.00 @ 49985.00"),
            prints(49_988.0),
            hears("Filled", 2),
            moves(49_988.0),
            rests("SELL STOP 0.010 at 49978.00 @ 49973.00"),
            hears("Accepted", 3),
        ),
        told=(
            BOUGHT,
            "SELL STOP_LIMIT 0.010 at 49990.00 @ 49985.00 GTC: Submitted Accepted Updated Filled",
            f"SELL STOP_LIMIT 0.010 at 49978.00 @ 49973.00 GTC: {ENDED}",
        ),
        sample=True,
    ),
    Case(
        name="a stop-limit order is triggered beyond its limit and rests; stopping cancels it and closes at market",
        config=OPEN | SELL | LIMITED,
        steps=(
            *waiting("SELL STOP 0.010 at 49990.00 @ 49985.00"),
            prints(49_980.0),
            rests("SELL LIMIT 0.010 @ 49985.00 GTC"),
            hears("Updated"),
        ),
        told=(
            BOUGHT,
            "SELL STOP_LIMIT 0.010 at 49990.00 @ 49985.00 GTC: Submitted Accepted Updated Canceled",
            CLOSE_LONG,
        ),
    ),
]
