from collections.abc import Callable
from pathlib import Path

import pytest
from why_journal import DAY, HOUR, MIN, NOON, SEC, T0, Handmade, make_signal, trade_id

from research.why.breaker_periods import breaker_periods, halting, period_at
from research.why.fate import Fate, fate_of
from research.why.story import missed_text
from risk.messages import Signal

type Tell = Callable[[Handmade, Signal], None]
DAYS_END = T0 + DAY


def fate(folder: Path, tell: Tell) -> Fate:
    """Return the fate of a signal that is approved, after what is told of it."""
    made = Handmade(folder)
    signal = made.approve(make_signal())
    tell(made, signal)
    history = made.read()
    return fate_of(history, signal.signal_id, breaker_periods(history))


def sent(made: Handmade, signal: Signal) -> None:
    made.event(signal, "ENTRY_WORKING")


def gone(made: Handmade, signal: Signal, after: int = MIN) -> None:
    made.event(signal, "ENTRY_ENDED", after, working=False)


def timed_out(made: Handmade, signal: Signal) -> None:
    sent(made, signal)
    made.alert(signal, "SLIPPAGE_ALERT", "no refusal")
    made.event(signal, "ENTRY_TIMEOUT", 30 * SEC)
    gone(made, signal, 31 * SEC)


def repriced(made: Handmade, signal: Signal) -> None:
    sent(made, signal)
    made.event(signal, "ENTRY_REPRICED", 15 * SEC)
    made.event(signal, "ENTRY_TIMEOUT", 15 * MIN)
    gone(made, signal, 15 * MIN)


def halted(made: Handmade, signal: Signal) -> None:
    made.breaker("loss_streak", "TRIPPED", NOON - MIN, 5.0, 5.0)
    sent(made, signal)
    made.breaker("daily_loss", "TRIPPED", NOON + 10 * SEC)
    made.event(signal, "ENTRY_HALTED", 10 * SEC)
    gone(made, signal, 11 * SEC)


def halted_unseen(made: Handmade, signal: Signal) -> None:
    sent(made, signal)
    made.event(signal, "ENTRY_HALTED", 10 * SEC)
    gone(made, signal, 11 * SEC)


def refused(made: Handmade, signal: Signal) -> None:
    sent(made, signal)
    made.alert(signal, "ORDER_REFUSED", "ENTRY: insufficient margin")
    gone(made, signal, SEC)


def taken_back(made: Handmade, signal: Signal) -> None:
    sent(made, signal)
    made.event(signal, "EXIT_DUE", MIN, reason="SHUTDOWN")
    gone(made, signal)


def expired(made: Handmade, signal: Signal) -> None:
    sent(made, signal)
    gone(made, signal)


@pytest.mark.parametrize(
    ("tell", "why", "text"),
    [
        pytest.param(timed_out, "timed out", "timed out after 30 s (Spec 7.4, D11)", id="7.4"),
        pytest.param(
            repriced, "timed out", "repriced after 15 s, timed out after 15 min (Spec 7.4, D11)", id="repriced"
        ),
        pytest.param(halted, "halted", "halted when daily_loss closed after 10 s", id="by a breaker"),
        pytest.param(halted_unseen, "halted", "halted after 10 s", id="by a breaker of before"),
        pytest.param(refused, "refused: ENTRY: insufficient margin", "refused: ENTRY: insufficient margin", id="venue"),
        pytest.param(taken_back, "taken back: SHUTDOWN", "taken back: SHUTDOWN", id="end of data"),
        pytest.param(expired, "the venue ended the order", "the venue ended the order", id="expired"),
    ],
)
def test_missed_entries_say_why(tmp_path: Path, tell: Tell, why: str, text: str) -> None:
    found = fate(tmp_path, tell)
    assert (found.outcome, found.why, found.filled, found.result) == ("missed", why, 0.0, None)
    assert missed_text(found) == text


def test_halted_entry_names_the_breaker_that_halts(tmp_path: Path) -> None:
    found = fate(tmp_path, halted)
    assert found.halted_by is not None
    assert (found.halted_by.breaker, found.halted_by.since_ns) == ("daily_loss", NOON + 10 * SEC)


def test_not_sent_working_and_open(tmp_path: Path) -> None:
    assert fate(tmp_path / "a", lambda _made, _signal: None).outcome == "not sent"
    assert fate(tmp_path / "b", sent).outcome == "working"
    found = fate(tmp_path / "c", lambda made, signal: (sent(made, signal), made.fill(signal)))
    assert (found.outcome, found.entry, found.filled, found.why) == ("open", 100.0, 10.0, "")


def test_closed_trade_has_its_result_and_steps(tmp_path: Path) -> None:
    def tell(made: Handmade, signal: Signal) -> None:
        sent(made, signal)
        made.fill(signal)
        made.event(signal, "TP1_FILLED", MIN, entry=100.0, stop=100.1, quantity=5.0, filled=5.0, price=104.0)
        for bar in range(1, 4):
            made.event(signal, "BAR_CLOSED", bar * 15 * MIN, entry=100.0, stop=100.0 + bar, quantity=5.0)
        made.alert(signal, "ALERT_STOP_UNFILLED", "stop was jumped", HOUR)
        made.close(signal, reason="TRAIL", net=30.0)

    found = fate(tmp_path, tell)
    assert (found.outcome, found.why, found.result.net) == ("closed", "TRAIL", 30.0)
    assert [(one.kind, one.times) for one in found.steps] == [
        ("ENTRY_WORKING", 1), ("ENTRY_FILLED", 1), ("TP1_FILLED", 1), ("BAR_CLOSED", 3), ("STOP_FILLED", 1),
        ("ALERT_STOP_UNFILLED", 1),
    ]  # fmt: skip
    assert (found.steps[3].stop, found.steps[5].details) == (103.0, f"{found.trade_id}: stop was jumped")
    assert found.trade_id == trade_id(make_signal())
    assert found.halted_by is None


def test_partly_filled_entry_is_traded(tmp_path: Path) -> None:
    def tell(made: Handmade, signal: Signal) -> None:
        sent(made, signal)
        made.event(signal, "ENTRY_FILLED", SEC, entry=100.0, stop=98.0, quantity=3.0, filled=3.0, price=100.0)
        made.event(signal, "ENTRY_FILLED", 2 * SEC, entry=100.2, stop=98.2, quantity=5.0, filled=2.0, price=100.5)
        made.event(signal, "ENTRY_TIMEOUT", 30 * SEC, entry=100.2, stop=98.2, quantity=5.0)
        made.event(signal, "ENTRY_ENDED", 31 * SEC, entry=100.2, stop=98.2, quantity=5.0, working=False)

    found = fate(tmp_path, tell)
    assert (found.outcome, found.filled, found.entry) == ("open", 5.0, 100.2)
    assert [one.kind for one in found.steps][-2:] == ["ENTRY_TIMEOUT", "ENTRY_ENDED"]


@pytest.mark.parametrize(
    ("breaker", "reason", "named"),
    [
        ("drawdown", "SHUTDOWN", "drawdown"),
        ("kill_switch", "MANUAL", "kill_switch"),
        ("daily_loss", "SHUTDOWN", None),
        ("drawdown", "MAX_HOLD", None),
    ],
)
def test_trade_that_a_breaker_closed_names_it(tmp_path: Path, breaker: str, reason: str, named: str | None) -> None:
    def tell(made: Handmade, signal: Signal) -> None:
        sent(made, signal)
        made.fill(signal)
        made.breaker(breaker, "TRIPPED", NOON + MIN, 0.2, 0.15)
        made.event(signal, "EXIT_DUE", MIN, entry=100.0, stop=98.0, quantity=10.0, reason=reason)
        made.close(signal, MIN, reason)

    found = fate(tmp_path, tell)
    assert (found.halted_by.breaker if found.halted_by else None) == named


# --- breakers ---------------------------------------------------------------------------------------------------------


def test_breaker_periods_say_how_they_ended(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.breaker("daily_loss", "WARNING", NOON - HOUR, 0.021, 0.02)
    made.breaker("daily_loss", "TRIPPED", NOON)
    made.breaker("daily_loss", "OPENED", DAYS_END)
    made.breaker("weekly_loss", "TRIPPED", NOON + HOUR, 0.09, 0.08)
    made.breaker("weekly_loss", "APPROVED", NOON + DAY, 0.09, 0.08, operator="Ann", reason="looked")
    made.breaker("weekly_loss", "OPENED", NOON + 7 * DAY, 0.09, 0.08)
    made.breaker("drawdown", "TRIPPED", NOON + 8 * DAY, 0.16, 0.15)
    made.breaker("drawdown", "RESET", NOON + 9 * DAY, 0.16, 0.15, operator="Bo", reason="new peak")
    made.breaker("kill_switch", "TRIPPED", NOON + 10 * DAY, 2.0, 0.0, operator="Cy", reason="venue odd")
    periods = breaker_periods(made.read())
    assert [(one.breaker, one.since_ns, one.until_ns, one.ending, one.operator) for one in periods] == [
        ("daily_loss", NOON, DAYS_END, "by itself", ""),
        ("weekly_loss", NOON + HOUR, NOON + 7 * DAY, "after approval", "Ann"),
        ("drawdown", NOON + 8 * DAY, NOON + 9 * DAY, "by hand", "Bo"),
        ("kill_switch", NOON + 10 * DAY, None, "", "Cy"),
    ]
    assert (periods[0].observed, periods[0].limit) == (0.031, 0.03)
    assert periods[0].opens == "by itself at 00:00 UTC"
    assert "all positions closed" in periods[2].action


def test_breaker_period_at_a_moment(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.breaker("daily_loss", "TRIPPED", NOON)
    made.breaker("daily_loss", "OPENED", DAYS_END)
    made.breaker("loss_streak", "TRIPPED", NOON + HOUR, 5.0, 5.0)
    periods = breaker_periods(made.read())
    assert [period_at(periods, "daily_loss", at) is not None for at in (NOON - 1, NOON, DAYS_END - 1, DAYS_END)] == [
        False, True, True, False
    ]  # fmt: skip
    assert period_at(periods, "drawdown", NOON) is None
    assert period_at(periods, "loss_streak", NOON + DAY) is not None
    assert halting(periods, NOON - 1) is None
    assert halting(periods, NOON + 2 * HOUR).breaker == "daily_loss"  # a losing streak halts nothing


def test_breakers_that_are_not_known_here_have_no_words(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.breaker("moon", "TRIPPED", NOON)
    (period,) = breaker_periods(made.read())
    assert (period.action, period.opens, period.until_ns) == ("", "", None)


def test_journal_without_breakers_has_no_periods(tmp_path: Path) -> None:
    assert breaker_periods(Handmade(tmp_path).read()) == []
