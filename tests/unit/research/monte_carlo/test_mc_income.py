"""Capital for an income: the tiers of Spec 11.3 by hand."""

import numpy as np
import pytest

from errors import ConfigError
from research.monte_carlo.income import Need, flat_capital, tier_capital
from research.monte_carlo.paths import Method, make_paths
from research.monte_carlo.plan import parse_income, parse_milestones
from research.monte_carlo.summary import Pace, summarise


@pytest.mark.parametrize(
    ("per_year", "yearly", "expected"),
    [
        (10_000.0, 0.2, 50_000.0),  # first tier, 1 %
        (20_000.0, 0.2, 133_333.33),  # 100,000 would do at 1 %, but is in the second tier: 0.75 %
        (19_999.0, 0.2, 99_995.0),
        (74_900.0, 0.2, 499_333.33),
        (80_000.0, 0.2, 800_000.0),  # third tier, 0.5 %
        (500_000.0, 0.2, 10_000_000.0),  # top tier, 0.25 %, its last account
        (500_001.0, 0.2, None),  # entries are refused above 10 M
        (1.0, 0.0, None),
        (1.0, -0.2, None),
    ],
)
def test_capital_by_tier_is_the_least_that_earns_the_income(
    per_year: float, yearly: float, expected: float | None
) -> None:
    assert tier_capital(per_year, yearly, 0.01) == (None if expected is None else pytest.approx(expected))


def test_capital_at_one_risk_divides_income_by_return() -> None:
    assert flat_capital(20_000.0, 0.2) == pytest.approx(100_000.0)
    assert flat_capital(20_000.0, 0.0) is None


def test_run_of_a_higher_tier_earns_more_in_a_lower_one() -> None:
    assert tier_capital(10_000.0, 0.15, 0.0075) == pytest.approx(50_000.0)


@pytest.mark.parametrize(
    "text", ["1000", "1000/day", "-5/month", "0/month", "nan/month", "x/month", "/month", "inf/year"]
)
def test_income_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--target-income must be an amount above 0 per month, year, week"):
        parse_income(text)


def test_income_per_period_is_yearly() -> None:
    assert parse_income("1000/month").per_year == 12_000.0
    assert parse_income("52/year").per_year == 52.0
    assert parse_income("7/week").per_year == pytest.approx(365.25)


@pytest.mark.parametrize("text", ["", "0", "-0.1", "a", "0.1,,0.2", "nan", "inf"])
def test_milestones_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--milestones must be fractions above 0"):
        parse_milestones(text)


def need_of(fracs: np.ndarray, start_equity: float = 50_000.0) -> tuple[Need, np.ndarray]:
    """Return the capital for 1,000 a month from half a year of trades, and what each path adds up to in a year."""
    records = make_paths(fracs, Method.RESAMPLE, paths=2000, seed=1).records
    pace = Pace(trades=len(fracs), years=0.5)
    (need,) = summarise(records, pace, (), (parse_income("1000/month"),), start_equity).income
    return need, records["mean_frac"] * 2.0 * len(fracs)


def test_capital_of_a_steady_return_is_income_over_the_returns_of_a_year() -> None:
    need, _ = need_of(np.full(100, 0.001))  # 200 trades a year: 20 %
    assert need.median_capital == pytest.approx(60_000.0)
    assert need.sure_capital == pytest.approx(60_000.0)
    assert need.median_tier_capital == pytest.approx(60_000.0)
    assert need.risk_frac == 0.01


def test_sure_capital_earns_the_income_on_95_of_100_paths_and_the_median_one_on_half() -> None:
    need, yearly = need_of(np.tile([0.02, -0.01, 0.012, -0.01], 50))
    for capital, share in ((need.median_capital, 0.5), (need.sure_capital, 0.95)):
        assert capital is not None
        assert (yearly * capital >= 12_000.0).mean() == pytest.approx(share, abs=0.01)


def test_capital_by_tier_starts_from_the_risk_of_the_runs_own_tier() -> None:
    need, _ = need_of(np.full(100, 0.001), start_equity=200_000.0)  # 20 % a year at 0.75 %: 26.7 % at 1 %
    assert need.risk_frac == 0.0075
    assert need.median_tier_capital == pytest.approx(45_000.0)
