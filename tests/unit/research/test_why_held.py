import math
from pathlib import Path

import pytest
from msgspec.structs import replace
from why_journal import BTC, DAY, ETH, HOUR, MIN, NOON, SEC, T0, Handmade, make_signal

from research.why.held import asset_classes, concerned, held_at, opened_today
from research.why.history import History
from risk.messages import Check

LATER = NOON + 2 * HOUR
END = T0 + 20 * DAY


def last_line(history: History) -> int:
    return history.lines + 1


def states(history: History, line: int | None = None) -> list[tuple[str, str]]:
    return [(one.instrument_id, one.state) for one in held_at(history, line or last_line(history))]


def test_held_is_what_is_open_or_working(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.event(made.approve(make_signal(at=NOON)), "ENTRY_WORKING")
    made.close(made.open(make_signal(at=NOON + MIN)))
    made.open(make_signal(ETH, at=NOON + 2 * MIN))
    gone = made.approve(make_signal(ETH, at=NOON + 3 * MIN))
    made.event(gone, "ENTRY_WORKING")
    made.event(gone, "ENTRY_ENDED", 30 * SEC, working=False)
    history = made.read()
    assert states(history) == [(BTC, "working"), (ETH, "open")]
    working, open_now = held_at(history, last_line(history))
    assert (working.since_ns, working.quantity, working.risk) == (NOON + 1, 10.0, 20.0)
    assert math.isnan(working.entry)
    assert (open_now.since_ns, open_now.entry, open_now.stop) == (NOON + 2 * MIN + SEC, 100.0, 98.0)


def test_held_goes_by_lines_where_the_moment_is_the_same(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    held = made.open(make_signal())
    asked = made.refuse(make_signal(ETH, at=LATER), Check("max_positions", False, 1.0, 1.0))
    made.close(held, after=2 * HOUR)  # at the very moment of the refusal, but behind it
    history = made.read()
    assert states(history, history.answers[asked.signal_id].line) == [(BTC, "open")]
    assert states(history) == []


def test_held_counts_what_was_approved_at_this_moment_and_not_sent_yet(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.approve(make_signal(at=NOON - HOUR))  # of a life before a restart: given back
    made.approve(make_signal())
    asked = made.refuse(make_signal(ETH), Check("correlation", False, 0.75, 0.9, BTC))
    history = made.read()
    found = held_at(history, history.answers[asked.signal_id].line)
    assert [(one.signal_id, one.trade_id, one.risk) for one in found] == [(f"breakout/{BTC}/{NOON}", "", 20.0)]


@pytest.mark.parametrize(
    ("events", "risk"),
    [
        pytest.param([], 20.0, id="working: what was reserved"),
        pytest.param([("ENTRY_FILLED", {"stop": 98.0, "quantity": 4.0, "working": True})], 28.0,
                     id="partly filled: open risk beside the whole reservation"),
        pytest.param([("ENTRY_FILLED", {"stop": 98.0, "quantity": 10.0, "working": False})], 20.0, id="filled"),
        pytest.param([("ENTRY_FILLED", {"stop": 98.0, "quantity": 10.0, "working": False}),
                      ("TP1_FILLED", {"stop": 99.0, "quantity": 5.0, "working": False})], 5.0, id="stop tightened"),
        pytest.param([("ENTRY_FILLED", {"stop": 98.0, "quantity": 10.0, "working": False}),
                      ("TP1_FILLED", {"stop": 100.1, "quantity": 5.0, "working": False})], 0.0, id="stop beyond entry"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("unit", [1.0, 50.0])
def test_held_risk_is_that_of_the_present_stop(tmp_path: Path, events: list, risk: float, unit: float) -> None:
    made = Handmade(tmp_path)
    signal = made.approve(make_signal(), risk_quote=20.0 * unit)
    made.event(signal, "ENTRY_WORKING")
    for after, (kind, values) in enumerate(events, 2):
        made.event(signal, kind, after, **{"entry": 100.0} | values)
    history = made.read()
    (held,) = held_at(history, last_line(history))
    assert held.risk == pytest.approx(risk * unit, abs=1e-9)


def test_held_risk_of_a_short(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.open(make_signal(side=-1))
    history = made.read()
    assert held_at(history, last_line(history))[0].risk == pytest.approx(20.0)


def test_held_risk_without_the_approval_is_not_known(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.fill(make_signal())  # the journal begins in the middle
    history = made.read()
    (held,) = held_at(history, last_line(history))
    assert (held.state, math.isnan(held.risk)) == ("open", True)


# --- which of them a rule means ---------------------------------------------------------------------------------------

CLASS = Check("asset_class_positions", True, 2.0, 0.0, "crypto")


@pytest.mark.parametrize(
    ("rule", "note", "expected"),
    [
        ("one_position", "", [BTC]),
        ("correlation", ETH, [ETH]),
        ("unknown_correlation", ETH, [ETH]),
        ("asset_class_positions", "crypto", [BTC, ETH]),
        ("asset_class_positions", "equity", ["IBM.US"]),
        ("max_positions", "", [BTC, ETH, "IBM.US", "WORK.X"]),
        ("portfolio_heat", "", [BTC, ETH, "IBM.US", "WORK.X"]),
        ("trades_per_day", "", ["WORK.X"]),
        ("drawdown", "", []),
        ("minimum_notional", "", []),
    ],
)
def test_concerned_are_those_that_the_rule_counts(tmp_path: Path, rule: str, note: str, expected: list[str]) -> None:
    made = Handmade(tmp_path)
    for name, kind in ((BTC, "crypto"), (ETH, "crypto"), ("IBM.US", "equity")):
        made.open(make_signal(name), checks=(replace(CLASS, note=kind),))
    made.event(made.approve(make_signal("WORK.X"), checks=(replace(CLASS, note="fx"),)), "ENTRY_WORKING")
    name = BTC if rule == "one_position" else "SOL.X"
    asked = made.refuse(make_signal(name, at=LATER), Check(rule, False, 1.0, 1.0, note))
    history = made.read()
    answer = history.answers[asked.signal_id]
    found = concerned(rule, note, held_at(history, answer.line), answer.what, history)
    assert [one.instrument_id for one in found] == expected


def test_one_position_is_of_the_same_strategy(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.open(make_signal(strategy="grid", signal_id="grid/1"))
    asked = made.refuse(make_signal(at=LATER), Check("one_position", False, 1.0, 1.0))
    history = made.read()
    answer = history.answers[asked.signal_id]
    assert concerned("one_position", "", held_at(history, answer.line), answer.what, history) == []


def test_asset_classes_are_learnt_from_the_checks(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.approve(make_signal(), checks=(CLASS,))
    made.refuse(make_signal(ETH), Check("drawdown", False, 0.15, 0.2))
    assert asset_classes(made.read()) == {BTC: "crypto"}


def test_opened_today_are_the_first_fills_since_midnight(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.open(make_signal(at=T0 - MIN))  # the day before
    made.close(made.open(make_signal(at=T0)))
    made.open(make_signal(ETH, at=NOON))
    asked = made.refuse(make_signal(at=LATER), Check("trades_per_day", False, 2.0, 2.0))
    made.open(make_signal(at=LATER + MIN))  # behind it
    history = made.read()
    found = opened_today(history, history.answers[asked.signal_id].line, LATER)
    assert found == [f"breakout/{BTC}/{T0}", f"breakout/{ETH}/{NOON}"]
