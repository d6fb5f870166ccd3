import math
from pathlib import Path

import pytest
from msgspec.structs import replace
from why_journal import BTC, CONFIG, DAY, ETH, HOUR, MIN, NOON, SEC, T0, Handmade, make_signal, passed

from configs.run import RunConfig
from research.why.run_facts import RunFacts, load_facts
from research.why.story import SignalStory, tell_signal
from risk.messages import Check, Signal
from strategies.breakout.config import BreakoutConfig

FACTS = RunFacts(config=CONFIG, source="RUN_STARTED", currency="USDT")
LATER = NOON + 2 * HOUR


def story(made: Handmade, signal: Signal, facts: RunFacts | None = None) -> SignalStory:
    history = made.read()
    return tell_signal(history, facts or load_facts(history), signal.signal_id)


# --- refused ----------------------------------------------------------------------------------------------------------


def test_story_of_a_refusal_by_a_breaker_says_when_it_closed_and_opened(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.breaker("daily_loss", "TRIPPED", NOON - HOUR, 0.0325, 0.03)
    signal = made.refuse(make_signal(), Check("daily_loss", False, 0.03, 0.0325))
    made.breaker("daily_loss", "OPENED", T0 + DAY, 0.0325, 0.03)
    found = story(made, signal)
    assert found.verdict == "refused"
    assert found.headline == ("Refused by daily_loss: the day had lost 3.25 %, the limit is 3.00 % (Spec 5.4, D25)")
    assert (found.breaker.since_ns, found.breaker.until_ns, found.breaker.ending) == (
        NOON - HOUR,
        T0 + DAY,
        "by itself",
    )
    assert found.notes == ()
    assert (found.currency, found.equity, found.held, found.fate, found.size) == ("USDT", 10_000.0, (), None, None)


def test_story_of_a_breaker_from_before_the_journal_says_so(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    signal = made.refuse(make_signal(), Check("drawdown", False, 0.15, 0.16))
    found = story(made, signal)
    assert (found.breaker, found.notes) == (None, ("drawdown closed before this journal begins",))


def test_story_of_one_position_names_the_trade(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    held = made.open(make_signal())
    made.open(make_signal(ETH))
    found = story(made, made.refuse(make_signal(at=LATER), Check("one_position", False, 1.0, 1.0)))
    assert [(one.signal_id, one.state) for one in found.held] == [(held.signal_id, "open")]
    assert found.notes == ()


@pytest.mark.parametrize(
    ("rule", "observed", "note"),
    [
        ("max_positions", 2.0, "only 1 of the 2 are in this journal"),
        ("asset_class_positions", 3.0, "only 1 of the 3 are in this journal"),
        ("max_positions", 1.0, ""),
    ],
)
def test_story_of_a_count_says_when_the_journal_has_not_all(
    tmp_path: Path, rule: str, observed: float, note: str
) -> None:
    made = Handmade(tmp_path)
    made.open(make_signal(), checks=(*passed(), Check("asset_class_positions", True, 2.0, 0.0, "crypto")))
    found = story(made, made.refuse(make_signal(ETH, at=LATER), Check(rule, False, observed, observed, "crypto")))
    assert len(found.held) == 1
    assert " ".join(found.notes).startswith(note)
    assert bool(found.notes) == bool(note)


def test_story_of_correlation_names_the_better_one_of_the_bar(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    better = made.refuse(make_signal(ETH), Check("drawdown", False, 0.15, 0.2))  # refused itself, and weighed first
    found = story(made, made.refuse(make_signal(), Check("correlation", False, 0.75, 0.9, ETH)))
    assert (found.better, found.held) == (better.signal_id, ())


def test_story_of_correlation_names_the_trade(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    held = made.open(make_signal(ETH))
    signal = made.refuse(make_signal(at=LATER), Check("correlation", False, 0.75, 0.9, ETH))
    made.refuse(make_signal(ETH, at=LATER), Check("one_position", False, 1.0, 1.0))  # weighed after it
    found = story(made, signal)
    assert ([one.signal_id for one in found.held], found.better) == ([held.signal_id], "")


@pytest.mark.parametrize(
    ("before", "note"), [(40.0, ""), (90.0, "the trades in this journal make up 40.00 of the heat")]
)
def test_story_of_portfolio_heat_lists_the_claims(tmp_path: Path, before: float, note: str) -> None:
    made = Handmade(tmp_path)
    made.open(make_signal())
    made.event(made.approve(make_signal(ETH, at=NOON + MIN)), "ENTRY_WORKING")
    check = Check("portfolio_heat", False, 50.0, before + 20.0)
    found = story(made, made.refuse(make_signal("SOL.X", at=LATER), check, heat_before=before))
    assert [(one.instrument_id, one.state, one.risk) for one in found.held] == [
        (BTC, "open", 20.0), (ETH, "working", 20.0)
    ]  # fmt: skip
    assert found.heat_before == before
    assert " ".join(found.notes).startswith(note)
    assert bool(found.notes) == bool(note)


def test_story_of_trades_per_day_lists_them(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    first = made.open(make_signal(at=T0 + HOUR))
    made.close(first)
    found = story(made, made.refuse(make_signal(), Check("trades_per_day", False, 1.0, 1.0)))
    assert (found.opened_today, found.held) == ((first.signal_id,), ())


def test_story_of_an_exception_says_what_is_not_known(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    check = Check("exception", False, math.nan, math.nan, "ValueError: no")
    found = story(made, made.refuse(make_signal(), check, (), equity=math.nan))
    assert found.headline == "Refused by exception: a rule failed: ValueError: no (D32)"
    assert found.notes == ("the journal does not have which rules had been asked when one failed",)


def test_story_of_an_old_journal_says_what_it_did_not_tell(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    signal = made.refuse(make_signal(), Check("spread", False, 2.0, 3.0), checks=())
    assert story(made, signal).notes == ("the journal is of a version that did not say which rules had passed before",)


def test_story_of_an_unanswered_signal(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    found = story(made, made.signal(make_signal()))
    assert (found.verdict, found.risk_rules) == ("unanswered", ())
    assert found.headline.startswith("No answer: the journal ends before")
    assert len(found.strategy_rules) == 6


# --- approved ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tell", "verdict", "headline"),
    [
        (lambda *_: None, "not sent", "Approved, but the journal has no order of it"),
        (lambda made, one: made.event(one, "ENTRY_WORKING"), "working",
         "Approved; the entry was still working when the journal ends"),
        (lambda made, one: (made.event(one, "ENTRY_WORKING"), made.event(one, "ENTRY_TIMEOUT", 30 * SEC),
                            made.event(one, "ENTRY_ENDED", 30 * SEC, working=False)), "missed",
         "Approved, but the entry did not fill: timed out after 30 s (Spec 7.4, D11)"),
        (lambda made, one: made.fill(one), "open",
         "Approved and entered 2024-01-10 12:00; still open when the journal ends"),
        (lambda made, one: (made.fill(one), made.close(one)), "closed",
         "Approved, entered and closed: STOP, net −22.00 USDT"),
    ],
)  # fmt: skip
def test_story_of_an_approval(tmp_path: Path, tell, verdict: str, headline: str) -> None:
    made = Handmade(tmp_path)
    signal = made.approve(make_signal())
    tell(made, signal)
    found = story(made, signal)
    assert (found.verdict, found.headline) == (verdict, headline)
    assert {one.state for one in found.risk_rules} == {"passed"}


@pytest.mark.parametrize(
    ("sized_by", "bound"),
    [
        ("risk", "the risk per trade (Spec 2.5, D17)"),
        ("leverage", "the leverage cap (Spec 2.5, D18)"),
        ("volume_24h", "the share of 24 h volume (Spec 7.4, D18)"),
        ("average_daily_volume", "the share of average daily volume (Spec 11.3, D18)"),
        ("margin", "margin"),
    ],
)
def test_story_says_what_bound_the_size(tmp_path: Path, sized_by: str, bound: str) -> None:
    made = Handmade(tmp_path)
    size = story(made, made.approve(make_signal(), sized_by=sized_by)).size
    assert (size.sized_by, size.bound) == (sized_by, bound)
    assert (size.quantity, size.risk, size.risk_frac) == (10.0, 20.0, 0.002)
    assert (size.atr_scalar, size.halved) == (0.5, False)


def test_story_says_that_a_losing_streak_halved_the_size(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    made.breaker("loss_streak", "TRIPPED", NOON - HOUR, 5.0, 5.0)
    assert story(made, made.approve(make_signal(atr_baseline=2.0))).size.halved


# --- how far it can be trusted ----------------------------------------------------------------------------------------


def test_story_without_a_configuration_has_no_limits(tmp_path: Path) -> None:
    made = Handmade(tmp_path, config=None)
    found = story(made, made.refuse(make_signal(), Check("one_position", False, 1.0, 1.0)))
    assert found.notes[0] == (
        "no limits of the strategy's rules: the journal has no RUN_STARTED and there is no config.toml beside it"
    )
    assert {one.passed for one in found.strategy_rules} == {None}
    made = Handmade(tmp_path / "approved", config=None)
    assert story(made, made.approve(make_signal())).size.atr_scalar is None


@pytest.mark.parametrize(
    ("config", "changes", "note"),
    [
        (CONFIG, {}, ""),
        (
            CONFIG,
            {"config_hash": "f00"},
            "the signal was made by configuration f00, the limits of the strategy's rules ",
        ),
        (CONFIG, {"volume": 1.0}, "by the rules of today this is no signal (volume): they have changed since"),
        (replace(CONFIG, strategy=BreakoutConfig(volume_multiple=9.0)), {}, "the signal was made by configuration "),
    ],
)
def test_story_warns_of_limits_that_are_not_the_signals(
    tmp_path: Path, config: RunConfig, changes: dict, note: str
) -> None:
    made = Handmade(tmp_path, config)
    found = story(made, made.approve(make_signal(**changes)))
    assert " ".join(found.notes).startswith(note)
    assert bool(found.notes) == bool(note)


def test_story_of_a_cut_journal_says_so(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    signal = made.approve(make_signal())
    history = made.read()
    history.is_cut = True
    assert tell_signal(history, FACTS, signal.signal_id).notes == (
        "the last line of the journal is cut short: the run was killed",
    )
