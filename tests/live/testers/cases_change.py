"""Groups 4 and 5 of the engine's specification: changing and cancelling orders."""

from tests.live.testers.case import Case, faults, hears, moves, prints, requotes, rests
from tests.live.testers.cases_fill import BUYS, RESTING_BUY, RESTING_SELL, SELLS
from tests.live.testers.cases_stop import LIMITED, SELL

FOLLOW = {"modify_orders_to_maintain_tob_offset": True}
REPLACE = {"cancel_replace_orders_to_maintain_tob_offset": True}
BOTH_REST = (rests(RESTING_BUY, RESTING_SELL), hears("Accepted", 2))
CANCELLED_BY_NAME = "Submitted Accepted PendingCancel Canceled"
NO_AMENDMENT = "Binance cannot amend conditional orders; "

MODIFY = [
    Case(
        name="E30 a limit buy follows the market up",
        config=BUYS | FOLLOW,
        steps=(rests(RESTING_BUY), hears("Accepted"), moves(50_020.0), hears("Updated")),
        told=("BUY LIMIT 0.010 @ 49970.00 GTC: Submitted Accepted PendingUpdate Updated Canceled",),
        sends={"WS order.place": 1, "WS order.modify": 1},
    ),
    Case(
        name="E31 a limit sell follows the market down",
        config=SELLS | FOLLOW,
        steps=(rests(RESTING_SELL), hears("Accepted"), moves(49_980.0), hears("Updated")),
        told=("SELL LIMIT 0.010 @ 50030.10 GTC: Submitted Accepted PendingUpdate Updated Canceled",),
        sends={"WS order.place": 1, "WS order.modify": 1},
    ),
    Case(
        name="E32 a limit buy is cancelled and sent again at its new price",
        config=BUYS | REPLACE,
        steps=(
            rests(RESTING_BUY),
            hears("Accepted"),
            moves(50_020.0),
            rests("BUY LIMIT 0.010 @ 49970.00 GTC"),
            hears("Accepted", 2),
        ),
        told=(f"{RESTING_BUY}: {CANCELLED_BY_NAME}", "BUY LIMIT 0.010 @ 49970.00 GTC: Submitted Accepted Canceled"),
    ),
    Case(
        name="E33 a limit sell is cancelled and sent again at its new price",
        config=SELLS | REPLACE,
        steps=(
            rests(RESTING_SELL),
            hears("Accepted"),
            moves(49_980.0),
            rests("SELL LIMIT 0.010 @ 50030.10 GTC"),
            hears("Accepted", 2),
        ),
        told=(f"{RESTING_SELL}: {CANCELLED_BY_NAME}", "SELL LIMIT 0.010 @ 50030.10 GTC: Submitted Accepted Canceled"),
    ),
    Case(
        name="E34 a stop-market order's trigger follows the market",
        config=SELL | {"modify_stop_orders_to_maintain_offset": True},
        steps=(hears("Accepted"), prints(50_020.0), hears("(?:Updated|ModifyRejected)")),
        told=("SELL STOP_MARKET 0.010 at 50010.00 GTC: Submitted Accepted PendingUpdate Updated Canceled",),
        fails=NO_AMENDMENT + "the client refuses: 'Price required for order modification'",
        measured=("SELL STOP_MARKET 0.010 at 49990.00 GTC: Submitted Accepted PendingUpdate ModifyRejected Canceled",),
    ),
    Case(
        name="E34 a stop-limit order's trigger follows the market",
        config=SELL | LIMITED | {"modify_stop_orders_to_maintain_offset": True},
        steps=(hears("Accepted"), prints(50_020.0), hears("(?:Updated|ModifyRejected)")),
        told=("SELL STOP_LIMIT 0.010 at 50010.00 @ 50005.00 GTC: Submitted Accepted PendingUpdate Updated Canceled",),
        fails=NO_AMENDMENT + "the client sends order.modify with the algo id, which is no order: -2011",
        measured=(
            "SELL STOP_LIMIT 0.010 at 49990.00 @ 49985.00 GTC: "
            "Submitted Accepted PendingUpdate ModifyRejected Canceled",
        ),
    ),
    Case(
        name="E35 a stop order is cancelled and sent again at its new trigger",
        config=SELL | {"cancel_replace_stop_orders_to_maintain_offset": True},
        steps=(
            rests("SELL STOP_MARKET 0.010 at 49990.00"),
            hears("Accepted"),
            prints(50_020.0),
            rests("SELL STOP_MARKET 0.010 at 50010.00"),
            hears("Accepted", 2),
        ),
        told=(
            f"SELL STOP_MARKET 0.010 at 49990.00 GTC: {CANCELLED_BY_NAME}",
            "SELL STOP_MARKET 0.010 at 50010.00 GTC: Submitted Accepted Canceled",
        ),
    ),
    Case(
        name="E36 a modification that the venue refuses leaves the order as it was",
        config=BUYS | {"test_modify_rejected": True},
        steps=(
            rests(RESTING_BUY),
            hears("Accepted"),
            faults(kind="fail_before", path="order.modify", http_status=400, code=-4014, message="Price not increased"),
            requotes(),
            hears("ModifyRejected"),
            rests(RESTING_BUY),
        ),
        told=(f"{RESTING_BUY}: Submitted Accepted PendingUpdate ModifyRejected Canceled",),
        reason="-4014",
    ),
    Case(
        name="a post-only order whose new price would take is cancelled by the venue",
        config=BUYS | {"use_post_only": True, "test_modify_rejected": True, "tob_offset_ticks": 0},
        steps=(rests("BUY LIMIT 0.010 @ 50000.00 GTX"), hears("Accepted"), requotes(), hears("Canceled"), rests()),
        told=("BUY LIMIT 0.010 @ 50000.00 GTC post_only: Submitted Accepted PendingUpdate Canceled",),
    ),
]

CANCEL = [
    Case(
        name="E40 and E41 stopping cancels all orders with one request per kind",
        config=BUYS | SELLS,
        steps=BOTH_REST,
        told=(f"{RESTING_BUY}: Submitted Accepted Canceled", f"{RESTING_SELL}: Submitted Accepted Canceled"),
        sends={"DELETE /fapi/v1/allOpenOrders": 1, "DELETE /fapi/v1/algoOpenOrders": 1},
    ),
    Case(
        name="E42 stopping cancels orders one by one",
        config=BUYS | SELLS | {"use_individual_cancels_on_stop": True},
        steps=BOTH_REST,
        told=(f"{RESTING_BUY}: {CANCELLED_BY_NAME}", f"{RESTING_SELL}: {CANCELLED_BY_NAME}"),
        sends={"WS order.cancel": 2},
    ),
    Case(
        name="E43 stopping cancels orders in one batch",
        config=BUYS | SELLS | {"use_batch_cancel_on_stop": True},
        steps=BOTH_REST,
        told=(f"{RESTING_BUY}: {CANCELLED_BY_NAME}", f"{RESTING_SELL}: {CANCELLED_BY_NAME}"),
        sends={"DELETE /fapi/v1/batchOrders": 1},
    ),
    Case(
        name="E44 an order is filled while its cancel is on the way: the cancel is refused, the fill is booked",
        config=BUYS | {"use_individual_cancels_on_stop": True},
        steps=(rests(RESTING_BUY), hears("Accepted"), faults(kind="fill_on_cancel")),
        told=(f"{RESTING_BUY}: Submitted Accepted PendingCancel Filled",),
        position="0.010",
    ),
]
