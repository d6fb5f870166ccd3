from pathlib import Path

import pytest
from why_journal import BTC, CONFIG, DAY, ETH, HOUR, NOON, SEC, T0, Handmade, make_near, make_signal

from research.why.following import next_commands
from research.why.overview import Overview, tell_run
from research.why.read import read_history
from research.why.run_facts import load_facts
from risk.messages import Check

END = T0 + 20 * DAY  # the handmade journal spans 29 days


def overview(made: Handmade) -> Overview:
    history = made.read(END)
    return tell_run(history, load_facts(history))


def fill(made: Handmade) -> Handmade:
    """Two trades, one missed entry, three refusals, one signal without an answer, three breakouts."""
    made.near(make_near(at=T0, volume=1.0))
    made.near(make_near(at=T0 + HOUR, volume=1.0, htf_trend=-1))
    made.near(make_near(ETH, at=T0 + 2 * HOUR, atr_ratio=0.05))
    made.close(made.open(make_signal()))
    made.refuse(make_signal(ETH, at=NOON + HOUR), Check("spread", False, 2.0, 3.0))
    made.refuse(make_signal(at=NOON + 2 * HOUR), Check("one_position", False, 1.0, 1.0))
    made.refuse(make_signal(at=NOON + 3 * HOUR), Check("spread", False, 2.0, 3.0))
    made.open(make_signal(at=NOON + 4 * HOUR))
    missed = made.approve(make_signal(at=NOON + 5 * HOUR))
    made.event(missed, "ENTRY_WORKING")
    made.event(missed, "ENTRY_TIMEOUT", 30 * SEC)
    made.event(missed, "ENTRY_ENDED", 30 * SEC, working=False)
    made.signal(make_signal(at=NOON + 6 * HOUR))
    return made


def test_overview_counts_everything(tmp_path: Path) -> None:
    found = overview(fill(Handmade(tmp_path)))
    assert (found.signals, found.approved, found.traded, found.unanswered, found.breakouts) == (7, 3, 2, 1, 3)
    assert [(one.name, one.count, one.last_ns) for one in found.refused] == [
        ("spread", 2, NOON + 3 * HOUR), ("one_position", 1, NOON + 2 * HOUR)
    ]  # fmt: skip
    assert [(one.name, one.count) for one in found.missed] == [("timed out", 1)]
    assert [(one.name, one.count, one.last_ns) for one in found.unconfirmed] == [
        ("volume", 2, T0 + HOUR), ("trend", 1, T0 + HOUR), ("atr_band", 1, T0 + 2 * HOUR)
    ]  # fmt: skip
    assert [(one.ts_ns - NOON) // HOUR for one in found.newest] == [1, 2, 3, 5]
    assert found.newest[0].text == (
        "refused by spread: the spread is 3 × its hourly mean, at most 2 × may be (Spec 7.2, D33)"
    )
    assert (found.complete, found.currency, found.instruments) == (True, "USDT", (BTC, ETH))
    assert (found.begin_ns, found.end_ns, found.notes) == (T0 - 9 * DAY, END, ())


def test_overview_totals_of_breakers_the_gravest_first(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.breaker("loss_streak", "TRIPPED", T0, 5.0, 5.0)
    for number in range(2):
        made.breaker("daily_loss", "TRIPPED", NOON + number * DAY)
        made.breaker("daily_loss", "OPENED", T0 + (number + 1) * DAY)
    made.breaker("drawdown", "TRIPPED", T0 + 15 * DAY, 0.16, 0.15)
    found = overview(made).breakers
    assert [(one.breaker, one.times, one.is_closed) for one in found] == [
        ("drawdown", 1, True), ("daily_loss", 2, False), ("loss_streak", 1, True)
    ]  # fmt: skip
    assert [round(one.closed_frac * 29, 9) for one in found] == [5.0, 1.0, 20.0]
    assert found[1].last.since_ns == NOON + DAY


@pytest.mark.parametrize(
    ("complete", "is_cut", "note"),
    [
        (True, False, ""),
        (False, False, "the run was interrupted: this is a part of it"),
        (None, False, "the journal has no RUN_ENDED: the run was killed, is under way, or is of an older version"),
        (None, True, "the last line of the journal is cut short: the run was killed"),
    ],
)
def test_overview_says_how_the_run_ended(tmp_path: Path, complete: bool | None, is_cut: bool, note: str) -> None:
    history = Handmade(tmp_path).read()
    history.complete, history.is_cut = complete, is_cut
    assert tell_run(history, load_facts(history)).notes == ((note,) if note else ())


def test_overview_of_a_bare_journal(tmp_path: Path) -> None:
    history = read_history(fill(Handmade(tmp_path, config=None)).finish())
    found = tell_run(history, load_facts(history))
    assert (found.breakouts, found.unconfirmed, found.complete) == (3, (), None)
    assert found.notes[0].startswith(
        "which rules did not confirm a breakout is not known: the journal has no RUN_START"
    )


def test_overview_of_a_single_moment_has_no_share_of_time(tmp_path: Path) -> None:
    made = Handmade(tmp_path, config=None)
    made.breaker("drawdown", "TRIPPED", T0)
    history = read_history(made.finish())
    (total,) = tell_run(history, load_facts(history)).breakers
    assert total.closed_frac != total.closed_frac  # not a number


# --- where to look next -----------------------------------------------------------------------------------------------


def test_next_commands_name_the_newest_first(tmp_path: Path) -> None:
    commands = next_commands(overview(fill(Handmade(tmp_path))), Path("runs/my run"))
    begin = "python scripts/why.py 'runs/my run' "
    assert commands == [
        f"{begin}--signal breakout/{BTC}/{NOON + 5 * HOUR}",
        f"{begin}--signal breakout/{BTC}/{NOON + 3 * HOUR}",
        f"{begin}--signal breakout/{BTC}/{NOON + 2 * HOUR}",
        f"{begin}--signal breakout/{ETH}/{NOON + HOUR}",
        f"{begin}--instrument {BTC} --day 2024-01-10",
    ]


def test_next_command_of_a_run_without_refusals_is_a_day(tmp_path: Path) -> None:
    commands = next_commands(overview(Handmade(tmp_path)), Path("run"))
    assert commands == [f"python scripts/why.py run --instrument {CONFIG.instruments[0]} --day 2024-01-30"]
