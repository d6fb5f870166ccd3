"""Entries that a breaker halts: nothing more is opened, what is filled keeps its protection (Spec 5.4, D25)."""

import pytest
from trades import (
    ENTRY,
    MARKET,
    STOP,
    TP1,
    TP2,
    CloseDue,
    Drop,
    EntryEnded,
    EntryFilled,
    EntryTimeout,
    Market,
    RepriceDue,
    Rest,
    follow,
    opened,
    px,
    start,
)

from execution.trade import EntryHalted, Phase

both_sides = pytest.mark.parametrize("side", [pytest.param(1, id="long-side"), pytest.param(-1, id="short-side")])


@both_sides
def test_halt_drops_a_working_entry_and_the_trade_is_missed(side: int) -> None:
    trade, intents = follow(start(side), EntryHalted(5, "daily_loss"))
    assert intents == (Drop(ENTRY),)
    trade, intents = follow(trade, EntryEnded(6))
    assert (trade.phase, intents) == (Phase.MISSED, ())


def test_halt_asked_again_drops_again_for_the_first_cancel_may_never_have_left() -> None:
    halted, _ = follow(start(), EntryHalted(5, "daily_loss"))
    assert follow(halted, EntryHalted(6, "weekly_loss")) == (halted, (Drop(ENTRY),))


def test_halted_entry_is_not_repriced() -> None:
    trade, _ = follow(start(), EntryHalted(5, "daily_loss"))
    assert follow(trade, RepriceDue(6, 99.0))[1] == ()


@pytest.mark.parametrize("first", ["halt", "timeout"])
def test_halt_keeps_a_market_order_from_following_the_limit(first: str) -> None:
    events = (
        [EntryHalted(5, "daily_loss"), EntryTimeout(6)]
        if first == "halt"
        else [EntryTimeout(5), EntryHalted(6, "daily_loss")]
    )
    trade = start(entry_on_timeout="market")
    for event in events:
        trade, intents = follow(trade, event)
        assert not any(isinstance(intent, Market) for intent in intents)
    trade, intents = follow(trade, EntryEnded(7))
    assert (trade.phase, intents) == (Phase.MISSED, ())


@both_sides
def test_fill_that_comes_before_the_cancel_is_protected_as_ever(side: int) -> None:
    trade, _ = follow(start(side), EntryHalted(5, "daily_loss"))
    trade, intents = follow(trade, EntryFilled(6, 2.0, 100.0))
    assert intents[:3] == (
        Rest(STOP, px(side, 97.0), 2.0),
        Rest(TP1, px(side, 106.0), 1.0),
        Rest(TP2, px(side, 112.0), 1.0),
    )
    trade, _ = follow(trade, EntryEnded(7))
    assert (trade.phase, trade.remaining) == (Phase.OPEN, 2.0)


def test_halt_changes_nothing_for_a_trade_that_is_open() -> None:
    trade = opened()
    assert follow(trade, EntryHalted(9, "daily_loss")) == (trade, ())


def test_shutdown_after_a_halt_still_closes_what_filled() -> None:
    trade, _ = follow(start(), EntryHalted(5, "daily_loss"))
    trade, _ = follow(trade, EntryFilled(6, 2.0, 100.0))
    trade, intents = follow(trade, CloseDue(7, "SHUTDOWN"))
    assert intents[-1] == Market(MARKET, 2.0)
    assert trade.exit_reason == "SHUTDOWN"
