"""Stops, targets, trail and the end of a trade (Spec 2.4, 5.1, 5.2; D12 - D15d)."""

import pytest
from trades import (
    BACKSTOP,
    DROP_EXITS,
    MARKET,
    STOP,
    TP1,
    TP2,
    BarClosed,
    CloseDue,
    Drop,
    EntryEnded,
    EntryFilled,
    ExitFilled,
    ExitReason,
    ExitRefused,
    Market,
    Rest,
    after_tp1,
    follow,
    opened,
    px,
    start,
)

from execution.trade import Leg, Phase

both_sides = pytest.mark.parametrize("side", [pytest.param(1, id="long-side"), pytest.param(-1, id="short-side")])


# --- the first target and break-even (5.2, D14) -----------------------------------------------------------------------


@both_sides
def test_first_target_moves_the_stop_to_break_even(side: int) -> None:
    trade, intents = follow(opened(side), ExitFilled(2, TP1, 2.0, px(side, 106.0)))
    # entry + 0.05 % = 100.05 (99.95), to the tick beyond it on the profitable side
    assert intents == (Rest(STOP, px(side, 100.25), 2.0), Drop(TP1), Rest(TP2, px(side, 112.0), 2.0))
    assert (trade.stop, trade.stop_initial, trade.stop_reason) == (px(side, 100.25), px(side, 97.0), "BREAKEVEN")


@pytest.mark.parametrize(
    ("tick", "stop"),
    [
        pytest.param(0.01, 100.05, id="5.2-on-a-tick"),
        pytest.param(0.02, 100.06, id="5.2-next-tick"),
        pytest.param(0.5, 100.5, id="5.2-coarse"),
    ],
)
@both_sides
def test_break_even_is_rounded_to_profit(side: int, tick: float, stop: float) -> None:
    assert after_tp1(side, tick=tick).stop == pytest.approx(px(side, stop), abs=1e-9)


@both_sides
def test_part_of_the_first_target_moves_no_stop(side: int) -> None:
    trade, intents = follow(opened(side), ExitFilled(2, TP1, 1.0, px(side, 106.0)))
    assert intents == (
        Rest(STOP, px(side, 97.0), 3.0),
        Rest(TP1, px(side, 106.0), 1.0),
        Rest(TP2, px(side, 112.0), 2.0),
    )
    assert trade.stop_reason == "STOP"
    trade, intents = follow(trade, ExitFilled(3, TP1, 1.0, px(side, 106.0)))
    assert intents[0] == Rest(STOP, px(side, 100.25), 2.0)
    assert trade.stop_reason == "BREAKEVEN"


@both_sides
def test_second_target_before_the_first_moves_no_stop(side: int) -> None:
    trade, intents = follow(opened(side), ExitFilled(2, TP2, 2.0, px(side, 112.0)))
    assert intents == (Rest(STOP, px(side, 97.0), 2.0), Rest(TP1, px(side, 106.0), 2.0), Drop(TP2))
    trade, _ = follow(trade, ExitFilled(3, TP1, 2.0, px(side, 106.0)))
    assert (trade.phase, trade.exit_reason) == (Phase.CLOSED, "TP2")


def test_a_target_with_nothing_to_close_is_dropped() -> None:
    """The stop took 3 of 4: the first target has the last one, and the second must not rest beside it."""
    _, intents = follow(opened(), ExitFilled(2, STOP, 3.0, 97.0))
    assert intents == (Rest(STOP, 97.0, 1.0), Rest(TP1, 106.0, 1.0), Drop(TP2))


# --- the trail (2.4.3, D14) -------------------------------------------------------------------------------------------


@both_sides
@pytest.mark.parametrize(
    ("closes", "stop"),
    [
        pytest.param([(110.0, 2.0)], 106.0, id="D14-highest-close-less-2-atr"),
        pytest.param([(110.0, 2.1)], 105.75, id="D14-rounded-away-from-the-market"),
        pytest.param([(104.25, 2.0)], 100.25, id="D14-equal-is-not-tighter"),
        pytest.param([(104.5, 2.0)], 100.5, id="D14-one-tick-tighter"),
        pytest.param([(110.0, 2.0), (108.0, 2.0)], 106.0, id="D14-highest-not-last"),
        pytest.param([(110.0, 2.0), (112.0, 4.0)], 106.0, id="D14-never-loosens-with-atr"),
        pytest.param([(110.0, 3.0), (109.0, 1.5)], 107.0, id="D14-current-atr"),
        pytest.param([(110.0, 2.0), (115.0, 2.0)], 111.0, id="D14-follows"),
    ],
)
def test_trail_after_the_first_target(side: int, closes: list[tuple[float, float]], stop: float) -> None:
    events = [BarClosed(10 + i, px(side, close), atr) for i, (close, atr) in enumerate(closes)]
    trade, _ = follow(after_tp1(side), *events)
    assert trade.stop == px(side, stop)
    assert trade.phase is Phase.OPEN
    assert trade.stop_reason == ("TRAIL" if stop != 100.25 else "BREAKEVEN")


@both_sides
def test_tighter_trail_is_sent_for_what_remains(side: int) -> None:
    trade, intents = follow(after_tp1(side), BarClosed(3, px(side, 110.0), 2.0))
    assert intents == (Rest(STOP, px(side, 106.0), 2.0), Drop(TP1), Rest(TP2, px(side, 112.0), 2.0))
    assert follow(trade, BarClosed(4, px(side, 110.0), 2.0))[1] == ()


@both_sides
def test_no_trail_before_the_first_target_but_its_closes_count(side: int) -> None:
    trade, intents = follow(opened(side), BarClosed(2, px(side, 109.0), 2.0))
    assert (trade.stop, intents) == (px(side, 97.0), ())
    trade, intents = follow(trade, ExitFilled(3, TP1, 1.0, px(side, 106.0)), BarClosed(4, px(side, 105.0), 2.0))
    assert (trade.stop, intents) == (px(side, 97.0), ())  # half of the first target is not the first target
    trade, _ = follow(trade, ExitFilled(5, TP1, 1.0, px(side, 106.0)), BarClosed(6, px(side, 106.0), 2.0))
    assert trade.stop == px(side, 105.0)  # 109 - 4: the highest close since entry


@both_sides
@pytest.mark.parametrize(
    ("close", "phase"),
    [
        pytest.param(108.25, Phase.OPEN, id="D14-a-tick-before-the-trail"),
        pytest.param(108.0, Phase.CLOSING, id="D14-on-the-trail"),
        pytest.param(107.0, Phase.CLOSING, id="D14-beyond-the-trail"),
    ],
)
def test_trail_through_the_market_closes_at_market(side: int, close: float, phase: Phase) -> None:
    trade, intents = follow(after_tp1(side), BarClosed(3, px(side, 110.0), 3.0), BarClosed(4, px(side, close), 1.0))
    assert trade.phase is phase
    if phase is Phase.CLOSING:
        assert intents == (Drop(TP1), Drop(TP2), Market(MARKET, 2.0))  # the stop stays
        assert trade.exit_reason == "TRAIL"


def test_a_late_fill_does_not_turn_a_trail_back_to_break_even() -> None:
    trade, _ = follow(start(), EntryFilled(1, 2.0, 100.0), ExitFilled(2, TP1, 1.0, 106.0), BarClosed(3, 110.0, 2.0))
    assert (trade.stop, trade.stop_reason) == (106.0, "TRAIL")
    trade, _ = follow(trade, EntryFilled(4, 2.0, 100.0), EntryEnded(4), ExitFilled(5, TP1, 1.0, 106.0))
    assert (trade.stop, trade.stop_reason) == (106.0, "TRAIL")


def test_bar_before_any_fill_changes_nothing() -> None:
    trade = start()
    assert follow(trade, BarClosed(1, 120.0, 2.0)) == (trade, ())


# --- how a trade ends -------------------------------------------------------------------------------------------------


@both_sides
@pytest.mark.parametrize(
    ("events", "reason"),
    [
        pytest.param([(STOP, 4.0, 97.0)], "STOP", id="5.1-stop"),
        pytest.param([(STOP, 1.0, 97.0), (STOP, 3.0, 96.75)], "STOP", id="5.1-stop-in-parts"),
        pytest.param([(BACKSTOP, 4.0, 94.0)], "STOP", id="D15-backstop"),
        pytest.param([(TP1, 2.0, 106.0), (TP2, 2.0, 112.0)], "TP2", id="5.2-both-targets"),
        pytest.param([(TP1, 2.0, 106.0), (STOP, 2.0, 100.25)], "BREAKEVEN", id="5.2-break-even"),
        pytest.param([(TP1, 1.0, 106.0), (STOP, 3.0, 97.0)], "STOP", id="5.2-half-a-target-then-stop"),
        pytest.param([(MARKET, 4.0, 99.0)], "MANUAL", id="market-order-of-an-operator"),
    ],
)
def test_exit_reasons(side: int, events: list[tuple[Leg, float, float]], reason: ExitReason) -> None:
    fills = [ExitFilled(2 + i, leg, quantity, px(side, price)) for i, (leg, quantity, price) in enumerate(events)]
    trade, intents = follow(opened(side), *fills)
    assert (trade.phase, trade.exit_reason, trade.remaining) == (Phase.CLOSED, reason, 0.0)
    assert intents == DROP_EXITS
    prices = [fill.price for fill in fills]
    assert (trade.lowest_exit_px, trade.highest_exit_px) == (min(prices), max(prices))
    assert trade.exit_px == pytest.approx(sum(fill.quantity * fill.price for fill in fills) / 4.0)
    assert trade.exit_ns == fills[-1].ts_ns


@both_sides
def test_stop_after_a_trail_is_a_trail(side: int) -> None:
    trade, _ = follow(after_tp1(side), BarClosed(3, px(side, 110.0), 2.0), ExitFilled(4, STOP, 2.0, px(side, 106.0)))
    assert (trade.phase, trade.exit_reason) == (Phase.CLOSED, "TRAIL")


def test_one_lot_ends_at_its_only_target() -> None:
    trade, _ = follow(opened(quantity=1.0), ExitFilled(2, TP1, 1.0, 106.0))
    assert (trade.phase, trade.exit_reason) == (Phase.CLOSED, "TP2")


@pytest.mark.parametrize("reason", ["MAX_HOLD", "SHUTDOWN", "MANUAL"])
@both_sides
def test_close_due_drops_the_targets_keeps_the_stop_and_goes_to_market(side: int, reason: ExitReason) -> None:
    trade, intents = follow(opened(side), CloseDue(5, reason))
    assert (trade.phase, intents) == (Phase.CLOSING, (Drop(TP1), Drop(TP2), Market(MARKET, 4.0)))
    assert follow(trade, CloseDue(6, "SHUTDOWN")) == (trade, ())  # asked once
    trade, intents = follow(trade, ExitFilled(7, MARKET, 1.0, 99.0))
    assert intents == (Market(MARKET, 3.0),)
    trade, intents = follow(trade, ExitFilled(8, MARKET, 3.0, 99.0))
    assert (trade.phase, trade.exit_reason, intents) == (Phase.CLOSED, reason, DROP_EXITS)


def test_stop_that_fills_while_closing_ends_the_trade_with_the_reason_asked_for() -> None:
    trade, intents = follow(opened(), CloseDue(5, "MAX_HOLD"), ExitFilled(6, STOP, 4.0, 97.0))
    assert (trade.phase, trade.exit_reason, intents) == (Phase.CLOSED, "MAX_HOLD", DROP_EXITS)


def test_market_exit_that_was_refused_is_asked_for_at_the_next_bar() -> None:
    trade, intents = follow(opened(), CloseDue(5, "MAX_HOLD"), ExitRefused(6, MARKET))
    assert (trade.phase, intents) == (Phase.CLOSING, ())
    assert follow(trade, BarClosed(7, 99.0, 2.0)) == (trade, (Market(MARKET, 4.0),))


# --- refusals (5.1: no stop, no position) -----------------------------------------------------------------------------


@both_sides
def test_a_refused_stop_closes_the_position(side: int) -> None:
    trade, intents = follow(opened(side), ExitRefused(2, STOP))
    assert (trade.phase, trade.exit_reason) == (Phase.CLOSING, "STOP")
    assert intents == (Drop(TP1), Drop(TP2), Market(MARKET, 4.0))


def test_a_refused_break_even_stop_closes_with_its_own_reason() -> None:
    trade, intents = follow(after_tp1(), ExitRefused(3, STOP))
    assert (trade.exit_reason, intents[-1]) == ("BREAKEVEN", Market(MARKET, 2.0))


def test_a_refused_stop_while_the_entry_works_drops_the_entry() -> None:
    _, intents = follow(start(), EntryFilled(1, 1.0, 100.0), ExitRefused(2, STOP))
    assert intents == (Drop(Leg.ENTRY), Drop(TP1), Drop(TP2), Market(MARKET, 1.0))


@pytest.mark.parametrize("leg", [TP1, TP2, BACKSTOP, MARKET])
def test_a_refused_target_or_backstop_leaves_the_position_to_its_stop(leg: Leg) -> None:
    trade = opened()
    assert follow(trade, ExitRefused(2, leg)) == (trade, ())


def test_refusals_without_a_position_mean_nothing() -> None:
    trade, _ = follow(start(), EntryFilled(1, 1.0, 100.0), ExitFilled(2, STOP, 1.0, 97.0))
    assert follow(trade, ExitRefused(3, STOP)) == (trade, ())


def test_a_stop_refused_while_closing_changes_nothing() -> None:
    trade, _ = follow(opened(), CloseDue(2, "SHUTDOWN"))
    assert follow(trade, ExitRefused(3, STOP)) == (trade, ())


# --- quantities -------------------------------------------------------------------------------------------------------


def test_rounding_noise_is_not_a_position() -> None:
    fills = [EntryFilled(1, 0.1, 100.0)] * 3  # 0.30000000000000004 in binary
    trade, _ = follow(start(quantity=0.3, lot=0.1), *fills, EntryEnded(1), ExitFilled(2, STOP, 0.3, 97.0))
    assert trade.filled > trade.exit_filled
    assert (trade.remaining, trade.phase) == (0.0, Phase.CLOSED)
