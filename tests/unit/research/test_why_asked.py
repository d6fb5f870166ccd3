import math
from pathlib import Path

import pytest
from msgspec.structs import replace
from why_journal import CONFIG, Handmade, make_signal, passed

from research.why.asked import order, risk_rules, rule_of
from research.why.history import Answer
from research.why.texts import Account, refusal_text, row_texts
from research.why.wording import WORDINGS, asked_as
from risk.breakers.catalogue import BY_NAME, HALTS
from risk.config import RiskConfig
from risk.messages import Check
from risk.review import Reviewer

MONEY = Account("USDT", 10_000.0)
NAN = math.nan


def answer_of(folder: Path, check: Check | None, before: tuple[Check, ...] | None = None) -> Answer:
    """Return an answer as it comes back from a journal; no check: approved."""
    made = Handmade(folder)
    signal = make_signal()
    made.approve(signal) if check is None else made.refuse(signal, check, before)
    return made.read().answers[signal.signal_id].what


# --- order ------------------------------------------------------------------------------------------------------------


def test_order_is_that_of_the_review() -> None:
    names = order()
    assert names[0] == "shared_ledger"
    assert names[1 : 1 + len(HALTS)] == tuple(breaker.name for breaker in HALTS)
    config = RiskConfig()
    assert len(names) == len(HALTS) + Reviewer(config).count
    assert names[-2:] == ("heat_share", "portfolio_heat")


def test_every_rule_and_breaker_has_words() -> None:
    assert set(order()) | set(BY_NAME) <= set(WORDINGS)


@pytest.mark.parametrize(
    ("check", "before", "first", "count"),
    [
        pytest.param(Check("shared_ledger", False, 0.0, 1.0), (), "kill_switch", 22, id="the first"),
        pytest.param(Check("drawdown", False, 0.15, 0.16), None, "suspension", 20, id="a breaker"),
        pytest.param(Check("unknown_equity", False, 0.0, NAN), passed("known_numbers"), "stale_data", 14,
                     id="a number that is not known"),
        pytest.param(Check("unknown_spread", False, 2.0, NAN), passed("spread"), "one_position", 9,
                     id="a spread that is not known"),
        pytest.param(Check("unknown_correlation", False, 200.0, 3.0, "X"), passed("correlation"), "minimum_quantity", 4,
                     id="a correlation that is not known"),
        pytest.param(Check("portfolio_heat", False, 500.0, 510.0), None, "", 0, id="the last"),
        pytest.param(Check("shared_ledger", False, 0.0, 1.0), passed(), "", 0, id="others were quicker 50 times"),
        pytest.param(Check("memory", False, 0.0, 1.0), passed(), "", 0, id="an approval not written"),
        pytest.param(Check("exception", False, NAN, NAN), (), "", 0, id="where it failed is not known"),
    ],
)  # fmt: skip
def test_rules_behind_a_refusal_are_not_asked(
    tmp_path: Path, check: Check, before: tuple[Check, ...] | None, first: str, count: int
) -> None:
    rules = risk_rules(answer_of(tmp_path, check, before), CONFIG)
    left = [one.rule for one in rules if one.state == "not asked"]
    asked = [one for one in rules if one.state != "not asked"]
    assert (left[0] if left else "", len(left)) == (first, count)
    assert [one.state for one in asked] == ["passed"] * (len(asked) - 1) + ["refused"]
    assert (asked[-1].rule, asked[-1].limit == check.limit or math.isnan(check.limit)) == (check.rule, True)
    if left:  # then nothing is left out
        assert tuple(asked_as(one.rule) for one in rules) == order()


def test_rules_of_an_approval_are_all_passed(tmp_path: Path) -> None:
    rules = risk_rules(answer_of(tmp_path, None), CONFIG)
    assert [(one.rule, one.state) for one in rules] == [(name, "passed") for name in order()]


def test_breakers_that_are_off_are_not_among_those_not_asked(tmp_path: Path) -> None:
    answer = answer_of(tmp_path, Check("shared_ledger", False, 0.0, 1.0), ())
    off = replace(CONFIG, risk=RiskConfig(breakers=False))
    names = {breaker.name for breaker in HALTS}
    assert names & {one.rule for one in risk_rules(answer, off)} == set()
    assert names <= {one.rule for one in risk_rules(answer, None)}


def test_a_refusal_of_an_old_journal_is_shown_alone(tmp_path: Path) -> None:
    answer = replace(answer_of(tmp_path, Check("one_position", False, 1.0, 1.0)), asked=())
    rules = risk_rules(answer, CONFIG)
    assert [one.rule for one in rules if one.state == "refused"] == ["one_position"]
    assert next(one.rule for one in rules if one.state == "not asked") == "max_positions"


def test_a_rule_of_a_later_version_has_plain_numbers(tmp_path: Path) -> None:
    check = Check("moon_phase", False, 0.5, 0.75)
    rules = risk_rules(answer_of(tmp_path, check, passed("correlation")), CONFIG)
    assert next(one for one in rules if one.state == "refused").rule == "moon_phase"
    assert next(one.rule for one in rules if one.state == "not asked") == "correlation"
    assert refusal_text(check, MONEY) == "observed 0.75, limit 0.50"
    alone = risk_rules(answer_of(tmp_path / "alone", check, ()), CONFIG)
    assert tuple(one.rule for one in alone) == ("moon_phase", *order())


# --- words ------------------------------------------------------------------------------------------------------------

# check; why it refused; observed, limit and headroom in its row
CASES = [
    (Check("shared_ledger", False, 0.0, 1.0, "no answer"),
     "the ledger that processes share cannot be used: no answer (D19, D32)", ("fault", "none", "–")),
    (Check("kill_switch", False, 0.0, 2.0), "an operator has stopped all entries (Spec 5.5, D31)", ("on", "off", "–")),
    (Check("drawdown", False, 0.15, 0.1501),
     "equity fell 15.01 % below its peak, the limit is 15.00 % (Spec 5.5, D29)", ("15.01 %", "< 15.00 %", "−0.01 %")),
    (Check("suspension", False, 3.0, 3.0),
     "3 days in a row reached the daily loss, 3 suspend (Spec 5.4, D25)", ("3", "< 3", "0")),
    (Check("weekly_loss", False, 0.08, 0.0814),
     "the week had lost 8.14 %, the limit is 8.00 % (Spec 5.5, D26)", ("8.14 %", "< 8.00 %", "−0.14 %")),
    (Check("daily_loss", False, 0.03, 0.03003),
     "the day had lost 3.003 %, the limit is 3.000 % (Spec 5.4, D25)", ("3.003 %", "< 3.000 %", "−0.003 %")),
    (Check("api_errors", False, 0.1, 0.125),
     "12.50 % of the venue's answers were errors, the limit is 10.00 % (Spec 5.5, D27)",
     ("12.50 %", "≤ 10.00 %", "−2.50 %")),
    (Check("slippage", False, 5.0, 6.25),
     "a fill slipped 6.25 × the expected amount (one above 5 × halts, or a row of alerts) (Spec 7.2, D28)",
     ("6.25 ×", "≤ 5 ×", "−1.25 ×")),
    (Check("known_numbers", True, 0.0, 0.0), "a number that the gate needs is not known (D32)", ("none", "none", "–")),
    (Check("unknown_conversion_rate", False, 0.0, NAN),
     "conversion rate is not known, or not above 0: – (D32)", ("–", "≥ 0.00", "–")),
    (Check("unknown_volume_24h", False, 0.0, -1.0),
     "volume 24h is not known, or not above 0: −1.00 (D32)", ("−1.00", "≥ 0.00", "−1.00")),
    (Check("stale_data", False, 30.0, 300.0),
     "data was missing or old for 300 s, at most 30 s may be (Spec 4.2.1, D32)", ("300 s", "≤ 30 s", "−270 s")),
    (Check("review_required", False, 1e7, 1.2e7),
     "equity of 12,000,000 USDT is above 10,000,000 USDT: review the strategy first (Spec 11.3, D23)",
     ("12,000,000", "≤ 10,000,000 USDT", "−2,000,000")),
    (Check("short_selling", False, 0.0, -1.0),
     "this market cannot be sold short (D18)", ("short", "long only", "–")),
    (Check("short_selling", True, -1.0, 1.0), "this market cannot be sold short (D18)", ("long", "long or short", "–")),
    (Check("reward_to_risk", False, 2.0, 1.5),
     "the first target is 1.5 × as far away as the stop, at least 2 × it must be (Spec 2.6, D13)",
     ("1.5 ×", "≥ 2 ×", "−0.5 ×")),
    (Check("spread", False, 2.0, 2.5),
     "the spread is 2.5 × its hourly mean, at most 2 × may be (Spec 7.2, D33)", ("2.5 ×", "≤ 2 ×", "−0.5 ×")),
    (Check("spread", True, 2.0, NAN, "no quotes in candles"),
     "the spread is – its hourly mean, at most 2 × may be (Spec 7.2, D33)", ("–", "≤ 2 ×", "–")),
    (Check("unknown_spread", False, 2.0, NAN),
     "the spread, or its mean over the last hour, is not known (D32, D33)", ("–", "≤ 2 ×", "–")),
    (Check("one_position", False, 1.0, 1.0),
     "the strategy holds this instrument already, or is entering it (D15d)", ("1", "< 1", "0")),
    (Check("max_positions", False, 5.0, 5.0),
     "5 positions are open or working, 5 are allowed (Spec 2.6, D20)", ("5", "< 5", "0")),
    (Check("asset_class_positions", False, 2.0, 2.0, "crypto"),
     "2 of class crypto open or working, 2 allowed (Spec 5.6, D20)", ("2", "< 2", "0")),
    (Check("trades_per_day", False, 20.0, 20.0),
     "20 trades opened today or working, 20 are allowed (Spec 2.6)", ("20", "< 20", "0")),
    (Check("correlation", False, 0.75, 0.7504, "ETH.X"),
     "correlated 0.7504 with ETH.X, at most 0.7500 may be (Spec 5.6, D16)", ("0.7504", "≤ 0.7500", "−0.0004")),
    (Check("unknown_correlation", False, 200.0, 12.0, "ETH.X"),
     "only 12 hours in common with ETH.X, 200 hours are needed: the pair counts as correlated (Spec 5.6, D16)",
     ("12 hours", "≥ 200 hours", "−188 hours")),
    (Check("minimum_quantity", False, 0.001, 0.0004),
     "sized to 0.0004, the venue takes no less than 0.001 (Spec 7.4, D18)", ("0.0004", "≥ 0.001", "−0.0006")),
    (Check("minimum_notional", False, 100.0, 61.5),
     "worth 61.5, the venue takes no less than 100 (Spec 7.4, D18)", ("61.5", "≥ 100", "−38.5")),
    (Check("heat_share", False, 150.0, 175.0),
     "its risk of 175.00 USDT (1.75 % of equity) is above one position's share, 150.00 USDT (1.50 % of equity) "
     "(Spec 5.6, D21)", ("175.00", "≤ 150.00 USDT", "−25.00")),
    (Check("portfolio_heat", False, 500.0, 512.5),
     "all stops together would lose 512.50 USDT (5.12 % of equity), the budget is 500.00 USDT (5.00 % of equity) "
     "(Spec 2.6, D19)", ("512.50", "≤ 500.00 USDT", "−12.50")),
    (Check("loss_streak", False, 5.0, 6.0), "6 losses in a row, 5 halve the size (Spec 5.5, D30)", ("6", "< 5", "−1")),
    (Check("memory", False, 0.0, 1.0, "disk full"),
     "the approval could not be written down: disk full (D32)", ("fault", "none", "–")),
    (Check("exception", False, NAN, NAN, "ZeroDivisionError: division by zero"),
     "a rule failed: ZeroDivisionError: division by zero (D32)", ("–", "–", "–")),
]  # fmt: skip


@pytest.mark.parametrize(("check", "said", "row"), CASES, ids=[f"{one[0].rule}-{one[0].passed}" for one in CASES])
def test_words_of_every_rule(check: Check, said: str, row: tuple[str, str, str]) -> None:
    assert refusal_text(check, MONEY) == said
    assert tuple(row_texts(rule_of(check), MONEY)) == row


def test_words_are_tried_for_every_rule() -> None:
    assert {one[0].rule for one in CASES} >= set(WORDINGS)


@pytest.mark.parametrize(
    ("check", "left"),
    [
        (Check("daily_loss", True, 0.03, 0.01), 0.02),
        (Check("daily_loss", True, 0.03, -0.01), 0.04),
        (Check("reward_to_risk", True, 2.0, 2.5), 0.5),
        (Check("minimum_notional", False, 100.0, 60.0), -40.0),
        (Check("portfolio_heat", True, 500.0, 125.0), 375.0),
    ],
)
def test_headroom_is_positive_inside_the_limit(check: Check, left: float) -> None:
    rule = rule_of(check)
    assert rule.headroom == pytest.approx(left)
    assert (rule.headroom >= 0.0) == check.passed


def test_money_without_currency_or_equity_is_plain() -> None:
    check = Check("portfolio_heat", False, 500.0, 512.5)
    assert "would lose 512.50, the budget is 500.00 (" in refusal_text(check, Account())
    assert tuple(row_texts(rule_of(check), Account())) == ("512.50", "≤ 500.00", "−12.50")


@pytest.mark.parametrize("equity", [0.0, -1.0, NAN])
def test_money_of_an_account_that_is_worth_nothing_has_no_share(equity: float) -> None:
    check = Check("heat_share", False, 150.0, 175.0)
    assert "its risk of 175.00 USDT is above" in refusal_text(check, Account("USDT", equity))


def test_numbers_a_hair_apart_show_it() -> None:
    check = Check("portfolio_heat", False, 500.0, 500.0001)
    assert "500.0001 USDT" in refusal_text(check, MONEY)
    assert row_texts(rule_of(check), MONEY).headroom == "−0.0001"
    share = Check("minimum_quantity", False, 0.001, 0.0009999999)
    assert "sized to 0.0009999999, the venue takes no less than 0.001" in refusal_text(share, MONEY)
