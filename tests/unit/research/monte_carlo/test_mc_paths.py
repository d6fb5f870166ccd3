"""Paths against closed forms, and against what the rest of the project says of one curve."""

import math

import numpy as np
import pytest

from benchmarks.monte_carlo import made_up, resample_with_numpy
from errors import DataError
from research import equity_curve, metrics
from research.monte_carlo.interval import share_of
from research.monte_carlo.paths import FAN_LEVELS, Method, grid_of, make_paths, measure_one, trace_one
from research.monte_carlo.summary import ruined, sharpes

UP = 2.0 ** (1.0 / 5.5)  # a step of a walk in log equity: half of the start lies between 5 and 6 steps down
STEPS_TO_RUIN = 6


def walk_trades(ups: int, downs: int) -> np.ndarray:
    return np.array([UP - 1.0] * ups + [1.0 / UP - 1.0] * downs)


def ruin_within(steps: int, up: float) -> float:
    """Return the probability that a +-1 walk comes to -6 within ``steps``, by exact dynamic programming."""
    alive = np.zeros(steps + STEPS_TO_RUIN + 1)  # index: distance from ruin
    alive[STEPS_TO_RUIN] = 1.0
    for _ in range(steps):
        after = np.zeros_like(alive)
        after[2:] += up * alive[1:-1]
        after[1:-1] += (1.0 - up) * alive[2:]
        alive = after
    return 1.0 - float(alive[1:].sum())


def coverage(method: Method, fracs: np.ndarray, exact: float) -> int:
    """Return in how many of 40 runs the interval holds the exact ruin probability."""
    found = 0
    for seed in range(40):
        share = share_of(int(ruined(make_paths(fracs, method, paths=1000, seed=seed).records).sum()), 1000)
        found += share.ci_low <= exact <= share.ci_high
    return found


@pytest.mark.parametrize("ups", [24, 27, 33])
def test_ruin_of_resampled_walk_is_the_gamblers_within_its_interval(ups: int) -> None:
    exact = ruin_within(60, ups / 60)
    assert 0.05 < exact < 0.95
    assert coverage(Method.RESAMPLE, walk_trades(ups, 60 - ups), exact) >= 34  # 95 % of 40 is 38; 33 has p = 0.003


def test_ruin_of_reordered_walk_is_that_of_the_reflection_principle() -> None:
    exact = math.comb(60, 30 + STEPS_TO_RUIN) / math.comb(60, 30)
    assert coverage(Method.REORDER, walk_trades(30, 30), exact) >= 34


def test_equity_of_exactly_half_is_no_ruin() -> None:
    assert not ruined(measure_one(np.array([-0.5])))[0]
    assert not ruined(measure_one(np.array([-0.2, -0.375, 0.5])))[0]
    assert ruined(measure_one(np.array([-0.5001])))[0]


def test_final_return_of_two_outcomes_is_binomial() -> None:
    trades = walk_trades(8, 12)
    records = make_paths(trades, Method.RESAMPLE, paths=20_000, seed=2).records
    wins = np.rint((np.log(records["end"]) / math.log(UP) + 20) / 2).astype(int)
    counts = np.bincount(wins, minlength=21)
    expected = np.array([20_000 * math.comb(20, k) * 0.4**k * 0.6 ** (20 - k) for k in range(21)])
    enough = expected > 5
    assert ((counts - expected)[enough] ** 2 / expected[enough]).sum() < 37.7  # 15 degrees, p = 0.001


def test_reordering_keeps_the_end_and_the_sharpe_ratio() -> None:
    fracs = made_up(500)
    records = make_paths(fracs, Method.REORDER, paths=500, seed=1).records
    np.testing.assert_allclose(records["end"], np.prod(1.0 + fracs), rtol=1e-11)
    np.testing.assert_allclose(sharpes(records, 100.0), metrics.sharpe(fracs, 100), rtol=1e-9)
    assert records["max_drawdown_frac"].std() > 0.005


@pytest.mark.parametrize("method", list(Method))
def test_trades_that_all_win_never_fall(method: Method) -> None:
    records = make_paths(np.full(30, 0.01), method, paths=250, seed=1, block_trades=3.0).records
    assert (records["max_drawdown_frac"] == 0.0).all()
    assert (records["recovery_trades"] == 0).all()
    assert (records["recovered"] == 1).all()
    assert np.isnan(sharpes(records, 100.0)).all()


@pytest.mark.parametrize("method", list(Method))
def test_trades_that_all_lose_fall_all_the_way(method: Method) -> None:
    records = make_paths(np.full(30, -0.01), method, paths=250, seed=1, block_trades=3.0).records
    np.testing.assert_allclose(records["max_drawdown_frac"], 1.0 - 0.99**30)
    assert (records["recovery_trades"] == 30).all()
    assert (records["recovered"] == 0).all()


def test_measure_agrees_with_the_equity_curve_of_the_report() -> None:
    rng = np.random.default_rng(8)
    for count in (1, 2, 5, 40, 300):
        fracs = rng.normal(0.0, 0.02, count)
        curve = np.concatenate(([1.0], np.cumprod(1.0 + fracs)))
        (record,) = measure_one(fracs)
        days = np.arange(count + 1) * equity_curve.DAY_NS
        assert record["recovery_trades"] == equity_curve.longest_drawdown_days(days, curve)
        assert record["max_drawdown_frac"] == pytest.approx(equity_curve.max_drawdown_frac(curve), abs=1e-12)
        assert record["end"] == pytest.approx(curve[-1])
        assert record["lowest"] == pytest.approx(curve.min())
        assert record["highest"] == pytest.approx(curve.max())
        sharpe = sharpes(measure_one(fracs), 50.0)[0]
        assert sharpe == pytest.approx(metrics.sharpe(fracs, 50), nan_ok=True)


def test_account_that_is_lost_stays_lost() -> None:
    (record,) = measure_one(np.array([0.5, -1.0, 3.0]))
    assert (record["end"], record["lowest"], record["max_drawdown_frac"]) == (0.0, 0.0, 1.0)


def test_blocks_of_one_trade_are_resampling_in_distribution() -> None:
    fracs = made_up(200)
    block = make_paths(fracs, Method.BLOCK, paths=10_000, seed=1, block_trades=1.0).records
    single = make_paths(fracs, Method.RESAMPLE, paths=10_000, seed=1).records
    for field in ("end", "max_drawdown_frac", "recovery_trades"):
        assert distance(block[field], single[field]) < 1.95 * math.sqrt(2 / 10_000)  # Kolmogorov-Smirnov, p = 0.001


def test_blocks_keep_losing_streaks_that_resampling_takes_apart() -> None:
    fracs = np.tile(np.repeat([0.02, -0.018], 10), 20)
    block = make_paths(fracs, Method.BLOCK, paths=2000, seed=1, block_trades=10.0).records
    single = make_paths(fracs, Method.RESAMPLE, paths=2000, seed=1).records
    assert np.median(block["max_drawdown_frac"]) > 1.3 * np.median(single["max_drawdown_frac"])


def test_paths_agree_with_plain_numpy_in_distribution() -> None:
    fracs = made_up(300)
    rows, fan = resample_with_numpy(fracs, 8000)
    ours = make_paths(fracs, Method.RESAMPLE, paths=8000, seed=9)
    fields = ("end", "lowest", "highest", "max_drawdown_frac", "recovery_trades", "mean_frac", "spread_frac")
    for column, field in enumerate(fields):
        assert distance(ours.records[field], rows[:, column]) < 1.95 * math.sqrt(2 / 8000), field
    np.testing.assert_allclose(ours.fan, fan, rtol=0.03)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest distance between two empirical distribution functions."""
    at = np.sort(np.concatenate((one, other)))
    ranks = [np.searchsorted(np.sort(values), at, side="right") / len(values) for values in (one, other)]
    return float(np.abs(ranks[0] - ranks[1]).max())


@pytest.mark.parametrize("method", list(Method))
def test_paths_same_seed_same_bytes_other_seed_other_and_more_paths_change_nothing(method: Method) -> None:
    def records(paths: int, seed: int) -> bytes:
        return bytes(make_paths(fracs, method, paths=paths, seed=seed, block_trades=4.0).records.tobytes())

    fracs = made_up(60)
    assert records(700, 5) == records(700, 5)
    assert records(700, 5) != records(700, 6)
    assert records(900, 5).startswith(records(700, 5))


def test_methods_draw_from_streams_of_their_own() -> None:
    fracs = made_up(60)
    block = make_paths(fracs, Method.BLOCK, paths=300, seed=1, block_trades=1.0).records["end"]
    single = make_paths(fracs, Method.RESAMPLE, paths=300, seed=1).records["end"]
    assert abs(np.corrcoef(block, single)[0, 1]) < 0.25


def test_fan_holds_the_quantiles_of_equity_from_start_to_end() -> None:
    fracs = made_up(3000)
    found = make_paths(fracs, Method.RESAMPLE, paths=1000, seed=1)
    assert found.fan.shape == (5, len(found.grid)) == (5, 200)
    assert (found.grid[0], found.grid[-1]) == (0, 3000)
    assert (found.fan[:, 0] == 1.0).all()
    np.testing.assert_allclose(found.fan[:, -1], np.quantile(found.records["end"], FAN_LEVELS))
    assert (np.diff(found.fan, axis=0) >= 0.0).all()


def test_own_order_traced_on_the_grid_is_the_compounded_curve() -> None:
    fracs = made_up(1000)
    curve = np.concatenate(([1.0], np.cumprod(1.0 + fracs)))
    np.testing.assert_allclose(trace_one(fracs), curve[grid_of(1000)])


def test_returns_that_overflow_are_refused() -> None:
    with pytest.raises(DataError, match="trade returns must be fractions, the largest is 50"):
        make_paths(np.full(400, 50.0), Method.RESAMPLE, paths=100, seed=1)
