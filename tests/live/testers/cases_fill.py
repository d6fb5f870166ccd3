"""Groups 1 and 2 of the engine's specification: market orders, limit orders."""

from tests.live.testers.case import Case, hears, moves, rests

OPEN, SHORT = {"open_position_on_start_qty": "0.01"}, {"open_position_on_start_qty": "-0.01"}
CLOSE_LONG = "SELL MARKET 0.010 GTC reduce_only: Submitted Accepted Filled"
CLOSE_SHORT = "BUY MARKET 0.010 GTC reduce_only: Submitted Accepted Filled"
RESTING_BUY, RESTING_SELL = "BUY LIMIT 0.010 @ 49950.00 GTC", "SELL LIMIT 0.010 @ 50050.10 GTC"
BUYS, SELLS = {"enable_limit_buys": True}, {"enable_limit_sells": True}
WHOLE_SECONDS = (
    "the tester's expiry has nanoseconds; the client denies it: Binance's goodTillDate is in whole seconds (rc6)"
)

MARKET = [
    Case(
        name="E01 a market buy opens a long, E06 and E61 stopping closes it reduce-only",
        config=OPEN,
        steps=(hears("Filled"),),
        told=("BUY MARKET 0.010 GTC: Submitted Accepted Filled", CLOSE_LONG),
        sends={"WS order.place": 2},
    ),
    Case(
        name="E02 a market sell opens a short",
        config=SHORT,
        steps=(hears("Filled"),),
        told=("SELL MARKET 0.010 GTC: Submitted Accepted Filled", CLOSE_SHORT),
    ),
    Case(
        name="E03 a market order, immediate or cancel",
        config=OPEN | {"open_position_time_in_force": "IOC"},
        steps=(hears("Filled"),),
        told=("BUY MARKET 0.010 IOC: Submitted Accepted Filled", CLOSE_LONG),
    ),
    Case(
        name="E04 a market order, fill or kill",
        config=OPEN | {"open_position_time_in_force": "FOK"},
        steps=(hears("Filled"),),
        told=("BUY MARKET 0.010 FOK: Submitted Accepted Filled", CLOSE_LONG),
    ),
    Case(
        name="E05 a market order in quote currency",
        config={"open_position_on_start_qty": "500", "use_quote_quantity": True},
        steps=(hears("(?:Filled|Rejected|Denied)"),),
        told=("BUY MARKET 500.000 GTC: Submitted Accepted Filled", CLOSE_LONG),
        fails="USD-M has no quote quantity; the client neither denies nor converts it but sends quantity=500 (of BTC)",
        measured=("BUY MARKET 500.000 GTC: Submitted Rejected",),
    ),
    Case(
        name="E80 a position is opened before the first quote, then limit orders follow, E82 all ends on stop",
        config=OPEN | BUYS | SELLS | {"use_post_only": True, "modify_orders_to_maintain_tob_offset": True},
        steps=(
            rests("BUY LIMIT 0.010 @ 49950.00 GTX", "SELL LIMIT 0.010 @ 50050.10 GTX"),
            hears("Accepted", 3),
            moves(50_020.0),
            rests("BUY LIMIT 0.010 @ 49970.00 GTX", "SELL LIMIT 0.010 @ 50050.10 GTX"),
            hears("Updated"),
        ),
        told=(
            "BUY MARKET 0.010 GTC: Submitted Accepted Filled",
            "BUY LIMIT 0.010 @ 49970.00 GTC post_only: Submitted Accepted PendingUpdate Updated Canceled",
            "SELL LIMIT 0.010 @ 50050.10 GTC post_only: Submitted Accepted Canceled",
            CLOSE_LONG,
        ),
        sample=True,
    ),
]

LIMIT = [
    Case(
        name="E10 a limit buy rests",
        config=BUYS,
        steps=(rests(RESTING_BUY), hears("Accepted")),
        told=(f"{RESTING_BUY}: Submitted Accepted Canceled",),
    ),
    Case(
        name="E11 a limit sell rests",
        config=SELLS,
        steps=(rests(RESTING_SELL), hears("Accepted")),
        told=(f"{RESTING_SELL}: Submitted Accepted Canceled",),
    ),
    Case(
        name="E12 a pair sent as one batch rests",
        config=BUYS | SELLS | {"batch_submit_limit_pair": True},
        steps=(rests(RESTING_BUY, RESTING_SELL), hears("Accepted", 2)),
        told=(f"{RESTING_BUY}: Submitted Accepted Canceled", f"{RESTING_SELL}: Submitted Accepted Canceled"),
        sends={"POST /fapi/v1/batchOrders": 1},
    ),
    Case(
        name="E13 a marketable limit buy, immediate or cancel, is filled",
        config=BUYS | {"limit_time_in_force": "IOC", "limit_aggressive": True},
        steps=(hears("Filled"),),
        told=("BUY LIMIT 0.010 @ 50050.10 IOC: Submitted Accepted Filled", CLOSE_LONG),
    ),
    Case(
        name="E14 a passive limit buy, immediate or cancel, is cancelled by the venue",
        config=BUYS | {"limit_time_in_force": "IOC"},
        client={"treat_expired_as_canceled": True},
        steps=(hears("Canceled"),),
        told=("BUY LIMIT 0.010 @ 49950.00 IOC: Submitted Accepted Canceled",),
    ),
    Case(
        name="E14 the same with the client's default: the venue's own word is expired",
        config=BUYS | {"limit_time_in_force": "IOC"},
        steps=(hears("Expired"),),
        told=("BUY LIMIT 0.010 @ 49950.00 IOC: Submitted Accepted Expired",),
    ),
    Case(
        name="E15 a marketable limit sell, fill or kill, is filled",
        config=SELLS | {"limit_time_in_force": "FOK", "limit_aggressive": True},
        steps=(hears("Filled"),),
        told=("SELL LIMIT 0.010 @ 49950.00 FOK: Submitted Accepted Filled", CLOSE_SHORT),
    ),
    Case(
        name="E16 a passive limit buy, fill or kill, is cancelled by the venue",
        config=BUYS | {"limit_time_in_force": "FOK"},
        client={"treat_expired_as_canceled": True},
        steps=(hears("Canceled"),),
        told=("BUY LIMIT 0.010 @ 49950.00 FOK: Submitted Accepted Canceled",),
    ),
    Case(
        name="E17 a limit order good till a date rests",
        config=BUYS | {"order_expire_time_delta_mins": 60},
        steps=(hears("(?:Accepted|Denied)"),),
        told=("BUY LIMIT 0.010 @ 49950.00 GTD: Submitted Accepted Canceled",),
        fails=WHOLE_SECONDS,
        measured=("BUY LIMIT 0.010 @ 49950.00 GTD: Denied",),
    ),
    Case(
        name="E19 and E73 a day order is denied: the venue has none",
        config=BUYS | {"limit_time_in_force": "DAY"},
        steps=(hears("Denied"),),
        told=("BUY LIMIT 0.010 @ 49950.00 DAY: Denied",),
        reason="UNSUPPORTED_TIME_IN_FORCE: DAY",
    ),
]
