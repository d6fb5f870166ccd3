import datetime as dt
from pathlib import Path

import pytest
from msgspec.structs import replace
from why_journal import BTC, CONFIG, DAY, ETH, HOUR, MIN, NOON, SEC, T0, Handmade, make_near, make_signal

from configs.run import DataConfig, RunConfig
from errors import ConfigError
from research.why.day import DayStory, parse_day, tell_day
from research.why.quiet import warm_up_ns
from research.why.run_facts import RunFacts, load_facts
from risk.messages import Check

THE_10TH = dt.date(2024, 1, 10)
WARM = 50 * 4 * HOUR  # of CONFIG: 50 bars of 4 h
START = T0 - 9 * DAY  # where a handmade journal begins: 2024-01-01


def day(made: Handmade, date: dt.date = THE_10TH, name: str = BTC, facts: RunFacts | None = None) -> DayStory:
    history = made.read()
    return tell_day(history, facts or load_facts(history), name, date)


def missed(made: Handmade, at: int) -> None:
    signal = made.approve(make_signal(at=at))
    made.event(signal, "ENTRY_WORKING")
    made.event(signal, "ENTRY_TIMEOUT", 30 * SEC)
    made.event(signal, "ENTRY_ENDED", 30 * SEC, working=False)


def test_day_counts_what_came_to_nothing(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.near(make_near(at=T0 + HOUR, volume=1.0))
    made.near(make_near(at=T0 + 2 * HOUR, volume=1.0, htf_trend=-1))
    made.near(make_near(ETH, at=T0 + 2 * HOUR, volume=1.0))  # not asked for, nor are these
    made.refuse(make_signal(ETH, at=T0 + 2 * HOUR), Check("drawdown", False, 0.15, 0.16))
    made.open(make_signal(ETH, at=T0 + 3 * HOUR))
    made.refuse(make_signal(at=T0 + 3 * HOUR), Check("correlation", False, 0.75, 0.9, ETH))
    made.refuse(make_signal(at=T0 + 4 * HOUR), Check("correlation", False, 0.75, 0.9, ETH))
    made.refuse(make_signal(at=T0 + 5 * HOUR), Check("spread", False, 2.0, 3.0))
    missed(made, T0 + 6 * HOUR)
    made.signal(make_signal(at=T0 + 7 * HOUR))
    made.near(make_near(at=T0 + DAY + HOUR))  # the day after
    found = day(made)
    assert found.reasons == (
        "2 breakouts were not confirmed (volume 2, trend 1)",
        "3 signals were refused (correlation 2, spread 1)",
        "1 entry did not fill (timed out 1)",
        "1 signal came to nothing before the journal ends",
    )
    assert found.headline == f"No trade, because {'; '.join(found.reasons)}"
    assert [one.failed for one in found.breakouts] == [("volume",), ("trend", "volume")]
    assert found.breakouts[1].text.startswith("trend down, needs up; volume 1 = 0.01 × its mean, needs above 150, ")
    assert [(one.verdict, one.rule) for one in found.signals] == [
        ("refused", "correlation"), ("refused", "correlation"), ("refused", "spread"), ("missed", "timed out"),
        ("unanswered", ""),
    ]  # fmt: skip
    assert found.signals[3].text == "entry did not fill: timed out after 30 s (Spec 7.4, D11)"
    assert (found.entered, found.positions) == (0, ())


def test_day_with_a_trade_says_what_else(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.close(made.open(make_signal(at=T0 + HOUR)), net=12.0)
    made.refuse(make_signal(at=T0 + 90 * MIN), Check("one_position", False, 1.0, 1.0))
    found = day(made)
    assert found.headline == "1 trade was entered; besides, 1 signal was refused (one_position 1)"
    assert [(one.since_ns, one.until_ns, one.reason, one.net) for one in found.positions] == [
        (T0 + HOUR + SEC, T0 + 2 * HOUR, "STOP", 12.0)
    ]
    assert found.signals[0].text == "traded: STOP, net +12.00 USDT"


def test_day_with_trades_only(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.close(made.open(make_signal(at=T0 + HOUR)))
    made.open(make_signal(at=T0 + 3 * HOUR))
    found = day(made)
    assert found.headline == "2 trades were entered"
    assert found.positions[1].until_ns is None
    assert found.signals[1].text == "traded, still open when the journal ends"


def test_day_of_a_killed_run_says_what_was_under_way(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.event(made.approve(make_signal(at=T0 + HOUR)), "ENTRY_WORKING")
    made.approve(make_signal(at=T0 + 2 * HOUR))
    made.open(make_signal(at=T0 + 3 * HOUR))
    history = made.read()
    history.is_cut = True
    found = tell_day(history, load_facts(history), BTC, THE_10TH)
    assert [one.text for one in found.signals] == [
        "the entry was still working when the journal ends",
        "approved, but the journal has no order of it",
        "traded, still open when the journal ends",
    ]
    assert found.headline == "1 trade was entered; besides, 2 signals came to nothing before the journal ends"
    assert found.notes == ("the last line of the journal is cut short: the run was killed",)


def test_day_has_both_its_midnights(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    for at in (T0 - 1, T0, T0 + DAY, T0 + DAY + 1):
        made.near(make_near(at=at, volume=1.0))
    assert [one.ts_ns for one in day(made).breakouts] == [T0, T0 + DAY]


def test_day_shows_a_position_from_the_day_before(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    held = made.open(make_signal(at=T0 - HOUR))
    made.close(held, after=30 * HOUR)
    found = day(made)
    assert [one.signal_id for one in found.positions] == [held.signal_id]
    assert found.entered == 0


@pytest.mark.parametrize(
    ("trip", "end", "hours"),
    [
        pytest.param(T0 - DAY, T0 + 2 * DAY, "all day", id="before and after"),
        pytest.param(T0, T0 + DAY, "all day", id="midnight to midnight"),
        pytest.param(T0 - DAY, None, "all day", id="never opened"),
        pytest.param(T0 - DAY, NOON, "until 12:00", id="opened"),
        pytest.param(NOON, T0 + DAY, "from 12:00 on", id="closed"),
        pytest.param(NOON, NOON + HOUR, "from 12:00 to 13:00", id="both"),
        pytest.param(T0 - DAY, T0, None, id="opened at its first midnight"),
        pytest.param(T0 + DAY + 1, None, None, id="closed after it"),
    ],
)
def test_day_says_when_breakers_were_closed(tmp_path: Path, trip: int, end: int | None, hours: str | None) -> None:
    made = Handmade(tmp_path)
    made.near(make_near(volume=1.0))
    made.breaker("drawdown", "TRIPPED", trip, 0.16, 0.15)
    if end is not None:
        made.breaker("drawdown", "RESET", end, 0.16, 0.15, operator="Ann", reason="new peak")
    found = day(made)
    assert found.reasons[1:] == ((f"drawdown was closed {hours}",) if hours else ())
    assert [one.breaker for one in found.breakers] == (["drawdown"] if hours else [])


def test_day_does_not_count_a_losing_streak_as_a_reason(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.near(make_near(volume=1.0))
    made.breaker("loss_streak", "TRIPPED", T0, 5.0, 5.0)
    found = day(made)
    assert (len(found.reasons), [one.breaker for one in found.breakers]) == (1, ["loss_streak"])


def test_day_without_a_configuration_says_so(tmp_path: Path) -> None:
    made = Handmade(tmp_path, config=None)
    made.near(make_near(at=T0 - DAY))
    made.near(make_near(volume=1.0))
    found = day(made)
    assert found.headline == "No trade, because 1 breakout was not confirmed"
    assert (found.breakouts[0].failed, found.breakouts[0].text) == ((), "")
    assert found.notes[0].startswith(
        "which rules did not confirm a breakout is not known: the journal has no RUN_START"
    )


# --- nothing at all ---------------------------------------------------------------------------------------------------

BREAKOUT = START + 8 * DAY + 9 * HOUR  # of BTC: 2024-01-09 09:00
COLD = replace(CONFIG, data=DataConfig(warmup="none"))
QUIET = "no close left the channel of the 20 bars before it, or the market was closed"
BEGIN = f"the candles of {BTC} begin 2024-01-06 00:00"
FIRST = "50 bars of 4h come first (D10)"
MAY_WARM = "no close left the channel, or the rules were warming up still: "


@pytest.mark.parametrize(
    ("config", "date", "name", "data", "reason"),
    [
        pytest.param(CONFIG, dt.date(2024, 1, 10), BTC, None, QUIET, id="after the first breakout"),
        pytest.param(CONFIG, dt.date(2024, 1, 5), BTC, None,
                     f"{MAY_WARM}{FIRST}, from before 2024-01-01 00:00 where the catalog has "
                     "them, else 8.3 d from then on", id="D10 with history"),
        pytest.param(COLD, dt.date(2024, 1, 5), BTC, None,
                     f"the rules were warming up, until 2024-01-09 08:00 at the earliest: {FIRST}",
                     id="D10 without history"),
        pytest.param(COLD, dt.date(2024, 1, 9), ETH, None,
                     f"{MAY_WARM}nothing was seen before, and {FIRST}, which takes longer where markets close",
                     id="D10 over, but nothing seen yet"),
        pytest.param(CONFIG, dt.date(2024, 1, 4), BTC, (START + 5 * DAY, T0), BEGIN, id="before the data"),
        pytest.param(CONFIG, dt.date(2024, 1, 5), BTC, (START + 5 * DAY, T0), BEGIN, id="the last day before the data"),
        pytest.param(CONFIG, dt.date(2024, 1, 10), BTC, (START, T0),
                     f"the candles of {BTC} end 2024-01-10 00:00", id="after the data"),
        pytest.param(CONFIG, dt.date(2024, 1, 10), "SOL.X", None, "the run does not trade SOL.X", id="not traded"),
        pytest.param(None, dt.date(2024, 1, 5), BTC, None, QUIET.replace("20 bars", "bars"), id="no configuration"),
    ],
)  # fmt: skip
def test_quiet_day_says_why(
    tmp_path: Path, config: RunConfig | None, date: dt.date, name: str, data: tuple[int, int] | None, reason: str
) -> None:
    made = Handmade(tmp_path)
    made.near(make_near(at=BREAKOUT, volume=1.0))
    found = day(made, date, name, RunFacts(config=config, data_ns={name: data} if data else {}))
    assert found.reasons == (reason,)
    assert found.headline == f"No trade, because {reason}"


def test_warm_up_is_as_long_as_the_slowest_rule() -> None:
    assert warm_up_ns(CONFIG) == WARM
    slow = replace(CONFIG, strategy=replace(CONFIG.strategy, donchian_bars=2000))
    assert warm_up_ns(slow) == 2001 * 15 * MIN


# --- the day itself ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("date", "inside"), [("2023-12-30", False), ("2023-12-31", True), ("2024-01-30", True),
                                              ("2024-01-31", False)])  # fmt: skip
def test_day_outside_of_the_journal_is_an_error(tmp_path: Path, date: str, inside: bool) -> None:
    made = Handmade(tmp_path)
    if inside:
        assert day(made, parse_day(date)).day == date
        return
    with pytest.raises(ConfigError) as caught:
        day(made, parse_day(date))
    assert str(caught.value) == (
        f"--day: {date} is outside of {made.path}, which goes from 2024-01-01 00:00 to 2024-01-30 00:00 UTC"
    )


def test_day_at_the_ends_of_the_journal_says_so(tmp_path: Path) -> None:
    assert day(Handmade(tmp_path / "a"), dt.date(2023, 12, 31)).notes == ("the journal begins 2024-01-01 00:00",)
    assert day(Handmade(tmp_path / "b"), dt.date(2024, 1, 30)).notes == ("the journal ends 2024-01-30 00:00",)


@pytest.mark.parametrize("text", ["soon", "2024-13-01", "31.01.2024", ""])
def test_day_that_is_no_date_is_an_error(text: str) -> None:
    with pytest.raises(ConfigError, match=rf"^--day: must be a date like 2024-01-31, was '{text}'$"):
        parse_day(text)
