"""The entry of a trade (Spec 7.4, 4.2.4; D11, D15b, D15d) and what an end of the entry leaves behind."""

import math
from typing import Any

import pytest
from msgspec.structs import replace
from trades import (
    BACKSTOP,
    DROP_EXITS,
    ENTRY,
    MARKET,
    NS,
    STOP,
    TP1,
    TP2,
    BarClosed,
    CloseDue,
    Drop,
    EntryEnded,
    EntryFilled,
    EntryTimeout,
    ExitFilled,
    ExitRefused,
    Market,
    RepriceDue,
    Rest,
    follow,
    opened,
    plan,
    px,
    start,
)

from execution.config import ExitConfig
from execution.lifecycle import advance, begin
from execution.trade import HoldUntil, Intent, Phase, Work

both_sides = pytest.mark.parametrize("side", [pytest.param(1, id="long-side"), pytest.param(-1, id="short-side")])


def test_a_trade_begins_with_a_limit_at_the_signal_price() -> None:
    trade, intents = begin(plan())
    assert (trade.phase, trade.working, trade.remaining, trade.entry_px, trade.exit_px) == (
        Phase.ENTERING,
        True,
        0.0,
        0.0,
        0.0,
    )
    assert intents == (Work(100.0, 4.0),)


# --- fills ------------------------------------------------------------------------------------------------------------


@both_sides
def test_entry_fill_wishes_the_stop_first_then_the_targets(side: int) -> None:
    trade, intents = follow(start(side), EntryFilled(7, 4.0, 100.0))
    assert intents == (
        Rest(STOP, px(side, 97.0), 4.0),
        Rest(TP1, px(side, 106.0), 2.0),
        Rest(TP2, px(side, 112.0), 2.0),
        HoldUntil(7 + 86_400 * NS),
    )
    assert (trade.phase, trade.entry_ns, trade.stop, trade.stop_initial) == (
        Phase.OPEN,
        7,
        px(side, 97.0),
        px(side, 97.0),
    )


@both_sides
def test_backstop_rests_at_twice_the_stop_distance_behind_the_stop(side: int) -> None:
    _, intents = follow(start(side, backstop=True), EntryFilled(7, 4.0, 100.0))
    assert intents[:2] == (Rest(STOP, px(side, 97.0), 4.0), Rest(BACKSTOP, px(side, 94.0), 4.0))


@both_sides
def test_partial_fills_grow_the_protection_and_anchor_it_again(side: int) -> None:
    trade, intents = follow(start(side), EntryFilled(1, 1.0, 100.0))
    assert intents[:-1] == (Rest(STOP, px(side, 97.0), 1.0), Rest(TP1, px(side, 106.0), 1.0), Drop(TP2))
    trade, intents = follow(trade, EntryFilled(2, 1.0, px(side, 99.0)))  # average 99.5
    assert intents == (
        Rest(STOP, px(side, 96.5), 2.0),
        Rest(TP1, px(side, 105.5), 1.0),
        Rest(TP2, px(side, 111.5), 1.0),
    )
    trade, intents = follow(trade, EntryFilled(3, 2.0, px(side, 99.0)))  # average 99.25
    assert intents == (
        Rest(STOP, px(side, 96.25), 4.0),
        Rest(TP1, px(side, 105.25), 2.0),
        Rest(TP2, px(side, 111.25), 2.0),
    )
    assert (trade.entry_ns, trade.stop_initial, trade.entry_px) == (1, px(side, 96.25), px(side, 99.25))


@both_sides
def test_prices_are_rounded_away_from_entry_for_stop_and_targets(side: int) -> None:
    _, intents = follow(start(side, stop_distance=3.1, tp1_distance=6.1, tp2_distance=12.3), EntryFilled(1, 4.0, 100.0))
    assert intents[:3] == (
        Rest(STOP, px(side, 96.75), 4.0),
        Rest(TP1, px(side, 106.25), 2.0),
        Rest(TP2, px(side, 112.5), 2.0),
    )


@pytest.mark.parametrize(
    ("filled", "fields", "first", "second"),
    [
        pytest.param(4.0, {}, 2.0, 2.0, id="D15b-halves"),
        pytest.param(5.0, {}, 3.0, 2.0, id="D15b-odd-lot-on-the-first"),
        pytest.param(1.0, {}, 1.0, 0.0, id="D15b-one-lot"),
        pytest.param(4.0, {"min_quantity": 2.0}, 2.0, 2.0, id="7.4-halves-at-the-minimum-quantity"),
        pytest.param(4.0, {"min_quantity": 3.0}, 4.0, 0.0, id="7.4-halves-under-the-minimum-quantity"),
        pytest.param(4.0, {"min_notional": 200.0}, 2.0, 2.0, id="7.4-halves-at-the-minimum-notional"),
        pytest.param(4.0, {"min_notional": 201.0}, 4.0, 0.0, id="7.4-halves-under-the-minimum-notional"),
        pytest.param(4.0, {"min_notional": 400.0, "multiplier": 2.0}, 2.0, 2.0, id="7.4-contracts-of-two"),
        pytest.param(4.0, {"min_notional": 402.0, "multiplier": 2.0}, 4.0, 0.0, id="7.4-contracts-of-two-under"),
    ],
)
def test_targets_split_what_is_filled(filled: float, fields: dict[str, float], first: float, second: float) -> None:
    _, intents = follow(start(quantity=10.0, **fields), EntryFilled(1, filled, 100.0))
    rests = {wish.leg: wish.quantity for wish in intents if isinstance(wish, Rest)}
    assert (rests[STOP], rests[TP1], rests.get(TP2, 0.0)) == (filled, first, second)


@pytest.mark.parametrize(
    ("secs", "profile"),
    [
        pytest.param(86_400, "intraday", id="D15c-24h"),
        pytest.param(864_000, "swing", id="D15c-10d"),
        pytest.param(300, "scalping", id="D15c-5min"),
    ],
)
def test_maximum_hold_counts_from_the_first_fill(secs: int, profile: str) -> None:
    trade, intents = follow(start(exits=ExitConfig(max_hold_secs=secs)), EntryFilled(11, 1.0, 100.0))
    assert intents[-1] == HoldUntil(11 + secs * NS)
    _, intents = follow(trade, EntryFilled(12, 1.0, 100.0))
    assert not any(isinstance(wish, HoldUntil) for wish in intents)


# --- reprice and time-out ---------------------------------------------------------------------------------------------


@both_sides
def test_entry_is_repriced_once(side: int) -> None:
    trade, intents = follow(start(side), RepriceDue(15 * NS, px(side, 101.0)))
    assert intents == (Work(px(side, 101.0), 4.0),)
    assert trade.limit_px == px(side, 101.0)
    after, intents = follow(trade, RepriceDue(16 * NS, px(side, 102.0)))
    assert (after, intents) == (trade, ())


@pytest.mark.parametrize(
    "best_px", [pytest.param(100.0, id="7.4-already-there"), pytest.param(math.nan, id="D32-no-price")]
)
def test_no_reprice_without_a_better_price(best_px: float) -> None:
    trade = start()
    assert follow(trade, RepriceDue(15 * NS, best_px)) == (trade, ())


def test_a_partly_filled_entry_is_repriced_for_the_whole_order() -> None:
    _, intents = follow(start(), EntryFilled(1, 1.0, 100.0), RepriceDue(15 * NS, 101.0))
    assert intents == (Work(101.0, 4.0),)  # an amended order keeps its total quantity


@pytest.mark.parametrize(
    "before",
    [
        pytest.param((EntryFilled(1, 4.0, 100.0), EntryEnded(1)), id="filled"),
        pytest.param((EntryFilled(1, 1.0, 100.0), CloseDue(2, "SHUTDOWN")), id="closing"),
        pytest.param((CloseDue(2, "SHUTDOWN"),), id="closing-before-a-fill"),
        pytest.param((EntryFilled(1, 2.0, 100.0), ExitFilled(2, STOP, 1.0, 97.0)), id="exiting"),
        pytest.param((EntryTimeout(2),), id="timed-out"),
    ],
)
def test_no_reprice_once_the_entry_is_not_wanted(before: tuple[Any, ...]) -> None:
    trade, _ = follow(start(), *before)
    assert follow(trade, RepriceDue(15 * NS, 101.0)) == (trade, ())


def test_timeout_cancels_and_an_entry_without_a_fill_is_missed() -> None:
    trade, intents = follow(start(), EntryTimeout(30 * NS))
    assert intents == (Drop(ENTRY),)
    trade, intents = follow(trade, EntryEnded(31 * NS))
    assert (trade.phase, trade.exit_ns, trade.exit_reason, trade.working) == (Phase.MISSED, 31 * NS, "", False)
    assert intents == ()


def test_timeout_after_the_entry_is_gone_does_nothing() -> None:
    trade = opened()
    assert follow(trade, EntryTimeout(30 * NS)) == (trade, ())


def test_timeout_of_a_part_leaves_what_is_filled_protected() -> None:
    trade, intents = follow(start(), EntryFilled(1, 2.0, 100.0), EntryTimeout(30 * NS))
    assert intents == (Drop(ENTRY),)
    trade, intents = follow(trade, EntryEnded(31 * NS))
    assert (trade.phase, trade.remaining, trade.working, intents) == (Phase.OPEN, 2.0, False, ())


def test_market_entry_follows_only_when_the_limit_is_gone() -> None:
    trade, intents = follow(start(entry_on_timeout="market"), EntryFilled(1, 1.0, 100.0), EntryTimeout(30 * NS))
    assert intents == (Drop(ENTRY),)  # never both at once
    trade, intents = follow(trade, EntryFilled(31 * NS, 1.0, 100.0))  # a fill on the way to the cancel
    assert not any(isinstance(wish, Market) for wish in intents)
    trade, intents = follow(trade, EntryEnded(32 * NS))
    assert intents == (Market(ENTRY, 2.0),)
    trade, intents = follow(trade, EntryFilled(33 * NS, 2.0, 101.0))
    assert intents[0] == Rest(STOP, 97.5, 4.0)
    trade, intents = follow(trade, EntryEnded(33 * NS))
    assert (trade.phase, trade.working, intents) == (Phase.OPEN, False, ())


@pytest.mark.parametrize(
    "events",
    [
        pytest.param((EntryTimeout(30), EntryFilled(31, 4.0, 100.0), EntryEnded(31)), id="filled-while-cancelled"),
        pytest.param((EntryTimeout(30), CloseDue(31, "SHUTDOWN"), EntryEnded(32)), id="shutdown-before-it-is-gone"),
        pytest.param((CloseDue(29, "SHUTDOWN"), EntryTimeout(30), EntryEnded(32)), id="shutdown-before-the-timeout"),
        pytest.param(
            (EntryFilled(1, 2.0, 100.0), EntryTimeout(30), ExitFilled(31, STOP, 2.0, 97.0), EntryEnded(32)),
            id="stopped-out-before-it-is-gone",
        ),
        pytest.param(
            (EntryFilled(1, 2.0, 100.0), ExitFilled(29, TP1, 1.0, 106.0), EntryTimeout(30), EntryEnded(32)),
            id="first-target-before-the-timeout",
        ),
        pytest.param((EntryTimeout(30), EntryEnded(31), EntryEnded(32)), id="market-entry-refused-is-not-repeated"),
    ],
)
def test_market_entry_is_not_sent_for_nothing_or_against_an_exit(events: tuple[Any, ...]) -> None:
    trade, intents = start(entry_on_timeout="market"), ()
    wishes: list[Intent] = []
    for event in events:
        trade, intents = advance(trade, event)
        wishes += intents
    sent = [wish for wish in wishes if isinstance(wish, Market) and wish.leg is ENTRY]
    assert sent == ([Market(ENTRY, 4.0)] if events == (EntryTimeout(30), EntryEnded(31), EntryEnded(32)) else [])
    assert not trade.working


# --- what a cancel leaves behind (D15b) -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "closes"),
    [
        pytest.param({"min_notional": 200.0}, False, id="D15b-at-the-minimum-notional"),
        pytest.param({"min_notional": 200.5}, True, id="D15b-below-the-minimum-notional"),
        pytest.param({"min_notional": 400.0, "multiplier": 2.0}, False, id="D15b-contracts-of-two"),
        pytest.param({"min_notional": 401.0, "multiplier": 2.0}, True, id="D15b-contracts-of-two-below"),
        pytest.param({"min_quantity": 2.0}, False, id="7.4-at-the-minimum-quantity"),
        pytest.param({"min_quantity": 3.0}, True, id="7.4-below-the-minimum-quantity"),
    ],
)
@both_sides
def test_a_runt_is_closed_at_market(side: int, fields: dict[str, float], closes: bool) -> None:
    trade, _ = follow(start(side, **fields), EntryFilled(1, 2.0, 100.0), EntryTimeout(30))
    trade, intents = follow(trade, EntryEnded(31))
    if not closes:
        assert (trade.phase, intents) == (Phase.OPEN, ())
        return
    assert (trade.phase, trade.exit_reason) == (Phase.CLOSING, "MANUAL")
    assert intents == (Drop(TP1), Drop(TP2), Market(MARKET, 2.0))
    trade, intents = follow(trade, ExitFilled(32, MARKET, 2.0, 100.0))
    assert (trade.phase, trade.exit_reason, intents) == (Phase.CLOSED, "MANUAL", DROP_EXITS)


def test_a_runt_that_is_closing_already_is_not_closed_again() -> None:
    trade, _ = follow(start(min_notional=200.5), EntryFilled(1, 2.0, 100.0), CloseDue(2, "SHUTDOWN"))
    trade, intents = follow(trade, EntryEnded(3))
    assert (trade.phase, trade.exit_reason, intents) == (Phase.CLOSING, "SHUTDOWN", ())


# --- exits while the entry works --------------------------------------------------------------------------------------


@both_sides
def test_close_while_the_entry_works_drops_the_entry_first(side: int) -> None:
    trade, intents = follow(start(side), EntryFilled(1, 1.0, 100.0), CloseDue(2, "SHUTDOWN"))
    assert intents == (Drop(ENTRY), Drop(TP1), Drop(TP2), Market(MARKET, 1.0))
    assert trade.phase is Phase.CLOSING


def test_late_fill_while_closing_is_closed_too() -> None:
    trade, _ = follow(start(), EntryFilled(1, 1.0, 100.0), CloseDue(2, "SHUTDOWN"))
    trade, intents = follow(trade, EntryFilled(3, 1.0, 100.0))
    assert intents == (Market(MARKET, 2.0),)
    trade, intents = follow(trade, ExitFilled(4, MARKET, 1.0, 99.0))  # the exit that did not know of the late fill
    assert intents == (Drop(ENTRY), Market(MARKET, 1.0))
    trade, intents = follow(trade, EntryEnded(5))
    assert (trade.phase, intents) == (Phase.CLOSING, ())
    trade, intents = follow(trade, ExitFilled(6, MARKET, 1.0, 99.0))
    assert (trade.phase, trade.exit_reason, intents) == (Phase.CLOSED, "SHUTDOWN", DROP_EXITS)


def test_late_fill_after_a_shutdown_without_a_position_is_closed() -> None:
    trade, intents = follow(start(), CloseDue(2, "SHUTDOWN"))
    assert (trade.phase, intents) == (Phase.CLOSING, (Drop(ENTRY),))
    trade, intents = follow(trade, EntryFilled(3, 1.0, 100.0))
    assert intents == (Market(MARKET, 1.0),)
    assert trade.stop == 97.0  # what heat is measured with until it is gone (D19)
    trade, _ = follow(trade, EntryEnded(4), ExitFilled(5, MARKET, 1.0, 99.0))
    assert (trade.phase, trade.exit_reason, trade.remaining) == (Phase.CLOSED, "SHUTDOWN", 0.0)


def test_shutdown_without_any_fill_is_a_missed_entry() -> None:
    trade, intents = follow(start(), CloseDue(2, "SHUTDOWN"), EntryEnded(3))
    assert (trade.phase, trade.exit_reason, intents) == (Phase.MISSED, "", ())


def test_late_fill_after_the_market_exit_is_closed_too() -> None:
    trade, _ = follow(start(), EntryFilled(1, 1.0, 100.0), CloseDue(2, "SHUTDOWN"))
    trade, intents = follow(trade, ExitFilled(3, MARKET, 1.0, 99.0))
    assert (trade.phase, intents) == (Phase.CLOSING, (Drop(ENTRY),))  # the entry may still fill
    trade, intents = follow(trade, EntryFilled(4, 2.0, 100.0))
    assert intents == (Market(MARKET, 2.0),)


def test_late_fill_after_a_stop_is_protected_again() -> None:
    trade, intents = follow(start(), EntryFilled(1, 1.0, 100.0), ExitFilled(2, STOP, 1.0, 97.0))
    assert (trade.phase, trade.exit_reason, intents) == (Phase.OPEN, "STOP", (Drop(ENTRY),))
    trade, intents = follow(trade, EntryFilled(3, 1.0, 100.0))
    assert intents[0] == Rest(STOP, 97.0, 1.0)
    trade, _ = follow(trade, EntryEnded(4), ExitFilled(5, STOP, 1.0, 97.0))
    assert (trade.phase, trade.exit_reason) == (Phase.CLOSED, "STOP")


def test_shutdown_after_a_stop_while_the_entry_is_dropped_keeps_the_reason() -> None:
    trade, intents = follow(
        start(), EntryFilled(1, 1.0, 100.0), ExitFilled(2, STOP, 1.0, 97.0), CloseDue(3, "SHUTDOWN")
    )
    assert (trade.phase, trade.exit_reason) == (Phase.CLOSING, "STOP")
    assert intents == (Drop(ENTRY), Drop(TP1), Drop(TP2))  # a late fill must find no target of the one before
    trade, intents = follow(trade, EntryEnded(4))
    assert (trade.phase, trade.exit_reason, trade.exit_ns, intents) == (Phase.CLOSED, "STOP", 2, DROP_EXITS)


def test_first_exit_drops_what_is_left_of_the_entry() -> None:
    trade, intents = follow(start(), EntryFilled(1, 2.0, 100.0), ExitFilled(2, TP1, 1.0, 106.0))
    assert intents == (Drop(ENTRY), Rest(STOP, 100.25, 1.0), Drop(TP1), Rest(TP2, 112.0, 1.0))
    trade, intents = follow(trade, EntryFilled(3, 2.0, 100.0))  # it was too late: the first target grows with it
    assert intents == (Rest(STOP, 100.25, 3.0), Rest(TP1, 106.0, 1.0), Rest(TP2, 112.0, 2.0))


# --- a position is never added to, a trade that is over wants nothing -------------------------------------------------

EVERYTHING = [
    EntryFilled(9, 1.0, 100.0),
    EntryEnded(9),
    RepriceDue(9, 101.0),
    EntryTimeout(9),
    ExitFilled(9, STOP, 1.0, 97.0),
    ExitRefused(9, STOP),
    BarClosed(9, 150.0, 2.0),
    CloseDue(9, "SHUTDOWN"),
]


@pytest.mark.parametrize("event", EVERYTHING, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize(
    "end",
    [
        pytest.param((EntryEnded(2),), id="MISSED"),
        pytest.param((EntryFilled(1, 4.0, 100.0), EntryEnded(1), ExitFilled(2, STOP, 4.0, 97.0)), id="CLOSED"),
    ],
)
def test_a_trade_that_is_over_wants_nothing(end: tuple[Any, ...], event: Any) -> None:
    trade, _ = follow(start(entry_on_timeout="market"), *end)
    assert trade.is_over
    assert advance(trade, event) == (trade, ())


@pytest.mark.parametrize("event", EVERYTHING[1:], ids=lambda event: type(event).__name__)
def test_an_open_position_never_enters_again(event: Any) -> None:
    _, intents = advance(opened(entry_on_timeout="market"), event)
    assert not any(isinstance(wish, Work) or (isinstance(wish, Market) and wish.leg is ENTRY) for wish in intents)


def test_unknown_event_is_an_error() -> None:
    with pytest.raises(TypeError, match="no transition for str in trade t"):
        advance(start(), "fill")  # type: ignore[arg-type]


def test_plan_is_not_changed() -> None:
    trade = opened()
    assert replace(trade, plan=plan()) == trade
