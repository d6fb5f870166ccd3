import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from research.attribution.alpha import alpha_error
from research.attribution.bucket import bucket_of
from research.attribution.conditions import dimensions
from research.attribution.cost_grid import cost_grid
from research.attribution.interval import blocks_of, mean_interval, t_quantile
from research.attribution.shuffle import chance_of
from research.benchmark import alpha_beta
from tests.unit.research.attribution.trade_book import DAY_NS, MONDAY_NS, make_traits


@pytest.mark.parametrize("freedom", [2, 3, 5, 10, 30, 300])
def test_t_quantile_agrees_with_scipy(freedom: int) -> None:
    assert t_quantile(0.95, freedom) == pytest.approx(stats.t.ppf(0.95, freedom), rel=4e-3)


def test_interval_of_single_values_is_the_textbook_one() -> None:
    values = np.random.default_rng(1).normal(0.3, 1.0, 50)
    low, high = stats.t.interval(0.90, 49, values.mean(), stats.sem(values))
    assert mean_interval(values, np.arange(50)) == pytest.approx((low, high), rel=1e-3)


def test_interval_of_blocks_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(2)
    blocks = np.sort(rng.integers(0, 40, 200))
    values = rng.normal(size=200) + rng.normal(size=40)[blocks]
    fit = sm.OLS(values, np.ones(200)).fit(
        cov_type="cluster", cov_kwds={"groups": blocks, "use_correction": True}, use_t=True
    )
    # statsmodels also multiplies by (n - 1) / (n - k), which is 1 for a mean
    assert mean_interval(values, blocks) == pytest.approx(tuple(fit.conf_int(0.10)[0]), rel=2e-3)


def test_interval_holds_the_truth_nine_times_in_ten_when_weeks_move_together() -> None:
    rng, hits = np.random.default_rng(3), 0
    blocks = np.repeat(np.arange(50), 6)
    for _ in range(500):
        low, high = mean_interval(rng.normal(size=300) + rng.normal(size=50)[blocks], blocks)
        hits += low < 0.0 < high
    assert 0.86 <= hits / 500 <= 0.94  # a plain interval would hold it about 60 % of the time


def test_interval_needs_three_blocks() -> None:
    assert all(map(math.isnan, mean_interval(np.arange(50.0), np.repeat([0, 1], 25))))


def test_blocks_are_weeks_from_monday_when_there_are_thirty() -> None:
    days = MONDAY_NS + DAY_NS * np.arange(7 * 30)
    blocks, name = blocks_of(days)
    assert blocks_of(MONDAY_NS + DAY_NS * np.arange(28 * 31))[1] == "four weeks"
    assert name == "week"
    assert np.diff(blocks).nonzero()[0].tolist() == [7 * week - 1 for week in range(1, 30)]
    assert blocks_of(days[: 7 * 29])[1] == "day"


def test_alpha_error_agrees_with_statsmodels_hac() -> None:
    rng = np.random.default_rng(4)
    market = rng.normal(0.0004, 0.01, 750)
    ours = 0.0002 + 0.3 * market + np.convolve(rng.normal(0.0, 0.005, 752), [1.0, 0.5, 0.2], "valid")
    lags = int(4 * (750 / 100) ** (2 / 9))
    fit = sm.OLS(ours, sm.add_constant(market)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True})
    assert alpha_beta(ours, market, 252)[0] == pytest.approx(252 * fit.params[0])
    assert alpha_error(ours, market, 252) == pytest.approx(252 * fit.bse[0])


def test_alpha_error_against_a_benchmark_that_does_not_move_is_undefined() -> None:
    assert math.isnan(alpha_error(np.arange(20.0), np.zeros(20), 252))


def costs() -> pd.DataFrame:
    return pd.DataFrame(
        {"gross_pnl": [100.0, -40.0], "slippage": [5.0, 5.0], "fees": [6.0, 4.0], "funding": [2.0, 0.0]}
    )


def test_cost_grid_by_hand() -> None:
    found = cost_grid(costs(), (0.0, 1.0, 2.0))
    # gross 60 at fills, 70 before slippage, funding 2: 68 before costs; fees 10, slippage 10 each
    assert found.net_quote == [[68.0, 58.0, 48.0], [58.0, 48.0, 38.0], [48.0, 38.0, 28.0]]
    assert found.break_even_multiple == pytest.approx(3.4)
    assert found.break_even_fee_multiple == pytest.approx(5.8)
    assert "3.40 times" in found.sentence


def test_cost_grid_of_what_loses_without_costs_says_so() -> None:
    found = cost_grid(costs().assign(gross_pnl=[-100.0, -40.0]))
    assert found.break_even_multiple is not None
    assert found.break_even_multiple < 0.0
    assert found.sentence == "It loses even without any fees and slippage: no saving on costs can help it."


def test_cost_grid_of_what_costs_ate_says_how_far_they_must_fall() -> None:
    assert "0.80 times" in cost_grid(costs().assign(gross_pnl=[46.0, -38.0])).sentence


def test_cost_grid_without_costs_has_no_break_even() -> None:
    found = cost_grid(costs().assign(slippage=0.0, fees=0.0))
    assert found.break_even_multiple is None
    assert "no fees" in found.sentence


def test_bucket_by_hand_and_marks_few() -> None:
    found = bucket_of("x", np.array([30.0, -10.0, 10.0]), np.array([3.0, -1.0, 1.0]), np.arange(3))
    assert (found.trades, found.net_quote, found.expectancy_r) == (3, 30.0, 1.0)
    assert (found.win_rate, found.profit_factor) == (pytest.approx(2 / 3), 4.0)
    assert found.few
    assert not bucket_of("x", np.ones(30), np.ones(30), np.arange(30)).few
    assert bucket_of("x", np.ones(30), np.array([1.0] * 29 + [np.nan]), np.arange(30)).few


def labels(stamp: str, dimension: str, hours: float = 1.0) -> str:
    at = pd.Timestamp(stamp, tz="UTC")
    traits = make_traits(np.zeros(1)).assign(signal_ts=at, entry_ts=at, exit_ts=at + pd.Timedelta(hours=hours))
    return str(next(one for one in dimensions(traits) if one.name == dimension).of_trade[0])


@pytest.mark.parametrize(
    ("hour", "session"),
    [("00:00", "Asia 00-08"), ("07:59", "Asia 00-08"), ("08:00", "Europe 08-13"), ("12:59", "Europe 08-13"),
     ("13:00", "US 13-21"), ("20:59", "US 13-21"), ("21:00", "late 21-24"), ("23:59", "late 21-24")],
)  # fmt: skip
def test_sessions_begin_at_their_hour(hour: str, session: str) -> None:
    assert labels(f"2024-07-03 {hour}", "session") == session


@pytest.mark.parametrize(
    ("stamp", "day", "month"),
    [("2024-07-01 00:00", "Sun", "Jun"), ("2024-07-01 00:15", "Mon", "Jul"), ("2024-01-01 00:00", "Sun", "Dec")],
)
def test_bar_that_closes_at_midnight_belongs_to_the_day_before(stamp: str, day: str, month: str) -> None:
    assert (labels(stamp, "weekday"), labels(stamp, "month")) == (day, month)


@pytest.mark.parametrize(
    ("hours", "label"),
    [(0.99, "under 1 h"), (1.0, "1-4 h"), (24.0, "1-3 d"), (239.0, "3-10 d"), (240.0, "10 d and more")],
)
def test_hold_times_begin_at_their_hour(hours: float, label: str) -> None:
    assert labels("2024-07-01 00:15", "hold time", hours) == label


def test_chance_of_a_planted_group_is_the_smallest_there_is_and_of_noise_is_not() -> None:
    rng = np.random.default_rng(5)
    results, masks = rng.normal(size=400), np.zeros((2, 400), dtype=bool)
    masks[0, rng.choice(400, 80, replace=False)] = True
    masks[1] = results < np.quantile(results, 0.2)
    found = chance_of(results, np.arange(400), masks, seed=1, draws=199)
    assert found.p_worse[1] == pytest.approx(1 / 200)
    assert found.p_worse[0] > 0.05
    assert found.p_better[1] == pytest.approx(1.0)


def test_chance_is_mirrored_by_results_of_the_other_sign() -> None:
    rng = np.random.default_rng(6)
    results, masks = rng.normal(size=100), rng.random((3, 100)) < 0.3
    up = chance_of(results, np.arange(100) // 4, masks, seed=1, draws=99)
    down = chance_of(-results, np.arange(100) // 4, masks, seed=1, draws=99)
    assert up.p_worse == pytest.approx(down.p_better)


def test_chance_p_values_of_noise_are_uniform() -> None:
    rng = np.random.default_rng(9)
    p = []
    for seed in range(200):
        masks = rng.random((1, 60)) < 0.4
        p.append(float(chance_of(rng.normal(size=60), np.arange(60), masks, seed, draws=99).p_worse[0]))
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_results_without_spread_are_no_finding() -> None:
    found = chance_of(np.ones(40), np.arange(40), np.ones((1, 40), dtype=bool), seed=1, draws=9)
    assert found.p_worse.tolist() == [1.0]
