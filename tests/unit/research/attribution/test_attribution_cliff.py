import numpy as np
import pandas as pd
import pytest

from research.attribution.cliff import find_cliff
from research.attribution.conditions import dimensions
from research.attribution.findings import Cliff
from research.run_metrics import to_ns
from tests.unit.research.attribution.trade_book import DAY_NS, make_traits, skewed_r


def cliff_of(traits: pd.DataFrame, draws: int = 999, seed: int = 7) -> Cliff:
    return find_cliff(traits, dimensions(traits), draws, seed)


def test_noise_names_a_condition_in_at_most_five_per_cent_of_runs() -> None:
    named = 0
    for seed in range(100):
        r = skewed_r(np.random.default_rng(seed), 300)
        named += bool(cliff_of(make_traits(r, seed + 5000), draws=199).constraints)
    assert named <= 10  # 5 % of 100 and 2.3 standard deviations


def test_noise_that_is_shared_by_all_trades_of_a_week_names_no_more() -> None:
    named = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        traits = make_traits(skewed_r(rng, 400), seed + 5000, days=600)
        week = to_ns(traits["signal_ts"]) // (7 * DAY_NS)
        week -= week[0]
        shock = rng.normal(0.0, 0.8, week.max() + 1)
        traits["r_multiple"] = traits["r_multiple"] + shock[week] - shock[week].mean()
        named += bool(cliff_of(traits, draws=199).constraints)
    assert named <= 7  # 5 % of 60 and 2.3 standard deviations


def test_one_bad_weekday_is_named_and_nothing_that_is_not_part_of_it() -> None:
    r = skewed_r(np.random.default_rng(3), 900, mean=0.15)
    traits = make_traits(r, 3)
    bad = pd.DatetimeIndex(traits["signal_ts"] - pd.Timedelta(1, "ns")).day_of_week == 1
    traits.loc[bad, "r_multiple"] -= 0.9
    found = cliff_of(traits)
    assert [one.condition for one in found.constraints] == ["weekday is Tue"]
    one = found.constraints[0]
    assert one.trades == bad.sum()
    assert one.expectancy_r == pytest.approx(traits.loc[bad, "r_multiple"].mean())
    assert one.ci[0] < one.expectancy_r < one.ci[1] < 0.0
    assert one.other_expectancy_r == pytest.approx(traits.loc[~bad, "r_multiple"].mean())
    assert one.p_adjusted <= 0.05
    assert "Do not enter when weekday is Tue" in one.sentence
    assert found.remaining is not None
    assert found.remaining.trades == (~bad).sum()


def test_threshold_of_a_measure_is_found_near_where_it_was_planted() -> None:
    traits = make_traits(skewed_r(np.random.default_rng(5), 900, mean=0.25), 5)
    traits.loc[traits["atr_ratio"] > 0.03, "r_multiple"] -= 1.0
    found = cliff_of(traits)
    named = [one for one in found.constraints if one.condition.startswith("ATR ratio is above")]
    assert len(named) == 1
    assert 2.7 < float(named[0].condition.split()[-2]) < 3.3
    scan = next(one for one in found.scans if one.measure == "ATR ratio")
    assert scan.p_adjusted == named[0].p_adjusted


def test_strategy_that_loses_everywhere_has_no_constraint_but_says_so() -> None:
    found = cliff_of(make_traits(skewed_r(np.random.default_rng(1), 600, mean=-0.4), 1))
    assert found.verdict == "works nowhere"
    assert found.constraints == []
    assert found.sentence.startswith("It loses, and no condition was found under which it works")


def test_loser_whose_losses_are_all_in_one_condition_names_it() -> None:
    traits = make_traits(skewed_r(np.random.default_rng(2), 900, mean=0.3), 2)
    traits.loc[traits["instrument_id"] == "ETH.X", "r_multiple"] -= 2.0
    found = cliff_of(traits)
    assert found.verdict == "loses"
    assert [one.condition for one in found.constraints] == ["instrument is ETH.X"]
    assert found.remaining is not None
    assert (found.remaining.expectancy_r or 0.0) > 0.0
    assert "chosen on these very trades" in found.sentence


def test_loser_with_one_good_condition_is_told_to_trade_only_there() -> None:
    rng = np.random.default_rng(4)
    traits = make_traits(skewed_r(rng, 900, mean=-0.5), 4)
    good = rng.random(900) < 0.2
    traits["score"] = np.where(good, 5.0, rng.integers(2, 5, 900))
    traits.loc[good, "r_multiple"] += 1.2
    found = cliff_of(traits)
    assert found.verdict == "loses"
    assert [(one.kind, one.condition) for one in found.constraints] == [("only", "score is 5")]
    assert "Enter only when score is 5" in found.constraints[0].sentence


def test_equal_losers_are_not_told_apart_by_their_size() -> None:
    """900 trades at -0.2 R: a large group is surely below 0, a small one is not, yet neither is the worse one."""
    traits = make_traits(skewed_r(np.random.default_rng(8), 900, mean=-0.2), 8)
    assert cliff_of(traits).constraints == []


@pytest.mark.parametrize("count", [0, 1, 2, 29])
def test_few_trades_say_nothing(count: int) -> None:
    found = cliff_of(make_traits(skewed_r(np.random.default_rng(0), count), 0))
    assert found.verdict == "too few"
    assert found.constraints == []
    assert str(count) in found.sentence


def test_no_condition_looked_at_is_not_none_found() -> None:
    found = cliff_of(make_traits(skewed_r(np.random.default_rng(0), 40, mean=-0.8), 0))
    assert (found.verdict, found.tested) == ("works nowhere", 0)
    assert "too few trades to look for a condition" in found.sentence


def test_trades_without_an_r_are_left_out() -> None:
    traits = make_traits(skewed_r(np.random.default_rng(3), 200), 3)
    traits.loc[::2, "r_multiple"] = np.nan
    assert cliff_of(traits).overall.trades == 100


def test_same_trades_give_the_same_answer() -> None:
    traits = make_traits(skewed_r(np.random.default_rng(3), 200), 3)
    assert cliff_of(traits) == cliff_of(traits)
