"""Groups 6 to 8 of the engine's specification: brackets, flags, refusals and answers that are lost."""

from tests.live.testers.case import Case, faults, hears, requotes, rests
from tests.live.testers.cases_fill import BUYS, OPEN, RESTING_BUY
from tests.live.testers.cases_stop import SELL
from tests.live.venue import SimulatedVenue


def loses_the_answer(venue: SimulatedVenue) -> None:
    """Take the first order, answer that its outcome is unknown, and lose the event that it is there."""
    venue.post("/faults", kind="fail_after", path="order.place", http_status=503, code=-1007)
    venue.post("/faults", kind="drop_event", event="ORDER_TRADE_UPDATE/NEW")


FLAGS = [
    Case(
        name="E50 to E53 a bracket rests with its stop and target",
        config=BUYS | {"enable_brackets": True},
        steps=(hears("(?:Accepted|Denied)", 3),),
        told=(
            f"{RESTING_BUY}: Submitted Accepted Canceled",
            "SELL STOP_MARKET 0.010 at 49900.00 GTC reduce_only: Submitted Accepted Canceled",
            "SELL LIMIT 0.010 @ 50000.00 GTC reduce_only: Submitted Accepted Canceled",
        ),
        measured=(
            f"{RESTING_BUY}: Denied",
            "SELL STOP_MARKET 0.010 at 49900.00 GTC reduce_only: Denied",
            "SELL LIMIT 0.010 @ 50000.00 GTC reduce_only: Denied",
        ),
        fails="the client denies linked orders: 'require adapter-level OCO-on-fill state'",
    ),
    Case(
        name="E60 a post-only limit buy rests as a maker",
        config=BUYS | {"use_post_only": True},
        steps=(rests("BUY LIMIT 0.010 @ 49950.00 GTX"), hears("Accepted")),
        told=("BUY LIMIT 0.010 @ 49950.00 GTC post_only: Submitted Accepted Canceled",),
    ),
    Case(
        name="E62 an iceberg shows a part of its quantity",
        config=BUYS | {"order_display_qty": "0.005"},
        steps=(hears("(?:Accepted|Denied)"),),
        told=(f"{RESTING_BUY}: Denied",),
        fails="USD-M has no iceberg orders; the client drops the display quantity and shows the whole order",
        measured=(f"{RESTING_BUY}: Submitted Accepted Canceled",),
    ),
    Case(
        name="E63 the client knows the parameter close_position and denies it where it does not fit",
        config=SELL | {"order_params": {"close_position": True}},
        steps=(hears("Denied"),),
        told=("SELL STOP_MARKET 0.010 at 49990.00 GTC: Denied",),
        reason="`close_position` requires `reduce_only=true`",
    ),
]

REFUSE = [
    Case(
        name="E70 a post-only order that would take is refused, and the refusal says so",
        config=BUYS | {"test_reject_post_only": True, "tob_offset_ticks": 1},
        steps=(hears("Rejected"),),
        told=("BUY LIMIT 0.010 @ 50000.20 GTC post_only: Submitted Rejected",),
        reason="-5022",
    ),
    Case(
        name="E71 a reduce-only order without a position is refused",
        config=OPEN | {"test_reject_reduce_only": True},
        steps=(hears("Rejected"),),
        told=("BUY MARKET 0.010 GTC reduce_only: Submitted Rejected",),
        reason="-2022",
    ),
    Case(
        name="an order beyond the account's margin is refused",
        config=BUYS | {"order_qty": "100.000"},
        steps=(hears("Rejected"),),
        told=("BUY LIMIT 100.000 @ 49950.00 GTC: Submitted Rejected",),
        reason="-2019",
    ),
]

LOST = [
    Case(
        name="E74 an order whose answer is lost is looked up, not sent again",
        config=BUYS,
        before=loses_the_answer,
        steps=(rests(RESTING_BUY), hears("Accepted")),
        told=(f"{RESTING_BUY}: Submitted Accepted Canceled",),
        sends={"WS order.place": 1, "GET /fapi/v1/order": 1},
    ),
    Case(
        name="E75 a cancel whose answer is lost ends with the venue's event",
        config=BUYS | {"use_individual_cancels_on_stop": True},
        steps=(
            rests(RESTING_BUY),
            hears("Accepted"),
            faults(kind="fail_after", path="order.cancel", http_status=503, code=-1007),
        ),
        told=(f"{RESTING_BUY}: Submitted Accepted PendingCancel Canceled",),
        sends={"WS order.cancel": 1},
    ),
    Case(
        name="E76 a modification whose answer is lost ends with the venue's event",
        config=BUYS | {"test_modify_rejected": True},
        steps=(
            rests(RESTING_BUY),
            hears("Accepted"),
            faults(kind="fail_after", path="order.modify", http_status=503, code=-1007),
            requotes(),
            hears("Updated"),
        ),
        told=("BUY LIMIT 0.010 @ 49950.10 GTC: Submitted Accepted PendingUpdate Updated Canceled",),
        sends={"WS order.modify": 1},
    ),
]
