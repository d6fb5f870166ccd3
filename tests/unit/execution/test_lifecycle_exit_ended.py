"""A venue that drops our exit orders unasked leaves no position bare."""

import pytest
from trades import plan

from execution.lifecycle import advance, protection
from execution.trade import (
    CloseDue,
    Drop,
    EntryEnded,
    EntryFilled,
    ExitEnded,
    ExitFilled,
    Leg,
    Market,
    Phase,
    Rest,
    Trade,
)


def opened(side: int) -> Trade:
    trade = Trade(plan=plan(side), limit_px=100.0)
    for event in (EntryFilled(1, 4.0, 100.0), EntryEnded(1)):
        trade, _ = advance(trade, event)
    return trade


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("leg", [Leg.STOP, Leg.TP1, Leg.TP2])
def test_exit_that_the_venue_cancelled_is_wished_again_stop_first(side: int, leg: Leg) -> None:
    trade, intents = advance(opened(side), ExitEnded(2, leg))
    assert trade.phase is Phase.OPEN
    assert intents == protection(trade)
    assert isinstance(intents[0], Rest)
    assert intents[0].leg is Leg.STOP
    assert intents[0].quantity == 4.0


def test_market_exit_that_the_venue_cancelled_is_sent_again() -> None:
    closing, _ = advance(opened(1), CloseDue(2, "MAX_HOLD"))
    _, intents = advance(closing, ExitEnded(3, Leg.MARKET))
    assert intents == (Market(Leg.MARKET, 4.0),)


def test_target_that_was_dropped_while_closing_stays_away() -> None:
    closing, _ = advance(opened(1), CloseDue(2, "MAX_HOLD"))
    assert advance(closing, ExitEnded(3, Leg.TP1)) == (closing, ())


def test_exit_that_ends_after_everything_is_out_wants_nothing() -> None:
    working = Trade(plan=plan(1), limit_px=100.0)
    for event in (EntryFilled(1, 2.0, 100.0), ExitFilled(2, Leg.STOP, 2.0, 97.0)):
        working, _ = advance(working, event)
    assert working.working
    assert advance(working, ExitEnded(3, Leg.TP1)) == (working, ())


def test_trade_told_to_close_between_stop_out_and_late_fill_drops_its_targets() -> None:
    working = Trade(plan=plan(1), limit_px=100.0)
    for event in (EntryFilled(1, 2.0, 100.0), ExitFilled(2, Leg.STOP, 2.0, 97.0)):
        working, _ = advance(working, event)
    closing, intents = advance(working, CloseDue(3, "SHUTDOWN"))
    assert closing.phase is Phase.CLOSING
    assert intents == (Drop(Leg.ENTRY), Drop(Leg.TP1), Drop(Leg.TP2))
