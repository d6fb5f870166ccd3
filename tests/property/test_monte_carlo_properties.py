"""What holds for every sequence of trades."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research import equity_curve
from research.monte_carlo.block_length import choose_block_trades
from research.monte_carlo.interval import share_of
from research.monte_carlo.paths import Method, make_paths, measure_one
from research.monte_carlo.summary import Pace, summarise

FRACS = st.lists(st.integers(-300, 400).map(lambda whole: whole / 1000.0), min_size=1, max_size=40).map(np.array)


@given(FRACS)
def test_measure_agrees_with_the_equity_curve_of_any_trades(fracs: np.ndarray) -> None:
    curve = np.concatenate(([1.0], np.cumprod(1.0 + fracs)))
    curve = np.where(np.isclose(curve, np.maximum.accumulate(curve), rtol=1e-12), np.maximum.accumulate(curve), curve)
    (record,) = measure_one(fracs)
    assert record["max_drawdown_frac"] == pytest.approx(equity_curve.max_drawdown_frac(curve), abs=1e-9)
    days = np.arange(len(curve)) * equity_curve.DAY_NS
    assert record["recovery_trades"] == equity_curve.longest_drawdown_days(days, curve)


@given(FRACS, st.sampled_from(Method), st.floats(1.0, 30.0), st.integers(0, 2**63 - 1))
def test_paths_stay_within_their_bounds(fracs: np.ndarray, method: Method, block_trades: float, seed: int) -> None:
    paths = make_paths(fracs, method, paths=6, seed=seed, block_trades=block_trades)
    for record in paths.records:
        assert 0.0 <= record["lowest"] <= min(1.0, record["end"] * (1.0 + 1e-12))
        assert record["highest"] >= max(1.0, record["end"] * (1.0 - 1e-12))
        assert 0.0 <= record["max_drawdown_frac"] <= 1.0
        assert 0 <= record["recovery_trades"] <= len(fracs)
        assert fracs.min() - 1e-12 <= record["mean_frac"] <= fracs.max() + 1e-12
        if method is Method.REORDER:
            assert record["end"] == pytest.approx(np.prod(1.0 + fracs), rel=1e-9)


@given(FRACS, st.sampled_from(Method), st.integers(0, 2**32))
def test_paths_of_one_seed_are_the_same_and_more_of_them_begin_alike(
    fracs: np.ndarray, method: Method, seed: int
) -> None:
    few = make_paths(fracs, method, paths=3, seed=seed, block_trades=3.0).records
    many = make_paths(fracs, method, paths=5, seed=seed, block_trades=3.0).records
    assert few.tobytes() == many[:3].tobytes()


@given(FRACS, st.lists(st.floats(0.01, 3.0), min_size=2, max_size=4, unique=True).map(sorted))
def test_higher_milestones_are_reached_less_often_and_held_no_more_than_reached(
    fracs: np.ndarray, marks: list[float]
) -> None:
    records = make_paths(fracs, Method.RESAMPLE, paths=20, seed=1).records
    found = summarise(records, Pace(trades=len(fracs), years=1.0), marks, (), 50_000.0)
    reached = [one.reached.frac for one in found.milestones]
    assert reached == sorted(reached, reverse=True)
    assert all(one.held_at_end_frac <= one.reached.frac for one in found.milestones)


@given(st.integers(1, 10_000).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_interval_holds_the_share_and_mirrors(case: tuple[int, int]) -> None:
    hits, count = case
    share, mirror = share_of(hits, count), share_of(count - hits, count)
    assert 0.0 <= share.ci_low <= share.frac + 1e-12
    assert share.frac - 1e-12 <= share.ci_high <= 1.0
    assert share.ci_low == pytest.approx(1.0 - mirror.ci_high, abs=1e-12)


@given(FRACS)
def test_block_length_is_one_to_three_root_n(fracs: np.ndarray) -> None:
    assert 1.0 <= choose_block_trades(fracs) <= max(1.0, np.ceil(3.0 * np.sqrt(len(fracs))))
