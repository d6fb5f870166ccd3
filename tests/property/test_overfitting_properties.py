import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from research.overfitting.cscv import backtest_overfitting
from research.overfitting.deflated_sharpe import deflated_sharpe, expected_max_normal
from research.overfitting.sharpe_probability import DailyMoments, minimum_track_days, probabilistic_sharpe
from research.overfitting.stationary_bootstrap import count_draws, draw_indices
from research.overfitting.superior_ability import superior_ability
from research.overfitting.verdict import judge_search

sharpes = st.floats(-0.5, 0.5)
skews = st.floats(-4.0, 4.0)


@st.composite
def moments(draw: st.DrawFn) -> DailyMoments:
    skew = draw(skews)
    return DailyMoments(draw(st.integers(2, 5_000)), draw(sharpes), skew, skew**2 + 1.1 + draw(st.floats(0.0, 20.0)))


@st.composite
def searches(draw: st.DrawFn, days: tuple[int, int] = (60, 150)) -> np.ndarray:
    shape = (draw(st.integers(*days)), draw(st.integers(2, 6)))
    seed, drift = draw(st.integers(0, 10_000)), draw(st.floats(-0.01, 0.01))
    return np.random.default_rng(seed).standard_t(3, shape) * 0.01 + drift


@given(moments(), sharpes)
def test_psr_is_a_probability_that_falls_as_the_bar_rises(record: DailyMoments, bar: float) -> None:
    low, high = probabilistic_sharpe(record, bar), probabilistic_sharpe(record, bar + 0.1)
    assert 0.0 <= high <= low <= 1.0
    assert (probabilistic_sharpe(record, record.sharpe) == 0.5) or math.isnan(low)


@given(moments(), st.floats(1e-6, 0.01), st.integers(1, 10_000))
def test_more_trials_never_make_a_result_more_credible(record: DailyMoments, variance: float, trials: int) -> None:
    assert deflated_sharpe(record, variance, trials + 1) <= deflated_sharpe(record, variance, trials)
    assert deflated_sharpe(record, variance, 1) == probabilistic_sharpe(record)
    assert expected_max_normal(trials) <= expected_max_normal(trials + 1)


@given(moments(), st.floats(0.55, 0.99))
def test_track_record_long_enough_is_confident_enough(record: DailyMoments, confidence: float) -> None:
    days = minimum_track_days(record, 0.0, confidence)
    if not days < 1e6:
        return
    longer = DailyMoments(max(2, math.ceil(days)), record.sharpe, record.skewness, record.kurtosis)
    assert probabilistic_sharpe(longer) >= confidence - 1e-9


@settings(max_examples=30)
@given(searches(), st.integers(0, 1_000))
def test_overfitting_does_not_depend_on_the_order_or_leverage_of_trials(returns: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scaled = returns[:, rng.permutation(returns.shape[1])] * 2.0 ** rng.integers(-3, 3, returns.shape[1])
    one, other = backtest_overfitting(returns), backtest_overfitting(scaled)
    assert one is not None
    assert other is not None
    assert np.allclose(one.logits, other.logits)
    assert 0.0 <= one.overfitting_probability <= 1.0
    assert 0.0 <= one.loss_probability <= 1.0


@settings(max_examples=30)
@given(searches(), st.integers(0, 1_000))
def test_hansen_does_not_depend_on_the_order_or_leverage_of_trials(returns: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scaled = returns[:, rng.permutation(returns.shape[1])] * 2.0 ** rng.integers(-3, 3, returns.shape[1])
    one, other = (superior_ability(r, 2.0, 100, seed) for r in (returns, scaled))
    assert abs(one.spa_p - other.spa_p) < 0.011
    assert 0.0 < one.spa_p <= 1.0
    assert 0.0 < one.reality_check_p <= 1.0


@settings(max_examples=50)
@given(st.integers(1, 80), st.floats(1.0, 200.0), st.integers(1, 5), st.integers(0, 2**32))
def test_resamples_are_positions_of_the_series(length: int, block: float, draws: int, seed: int) -> None:
    index = draw_indices(length, block, draws, seed)
    assert index.shape == (draws, length)
    assert ((index >= 0) & (index < length)).all()
    assert (count_draws(index, length).sum(axis=1) == length).all()
    assert (index == draw_indices(length, block, draws, seed)).all()


oddities = hnp.arrays(
    np.float64,
    st.tuples(st.integers(0, 75), st.integers(1, 4)),
    elements=st.sampled_from([0.0, 0.01, -0.01, 0.02, -1.0, math.nan, math.inf]),
)


@settings(max_examples=25)
@given(oddities | searches((0, 70)), st.integers(0, 3))
def test_no_search_is_an_error_and_what_is_unknown_is_no_pass(returns: np.ndarray, chosen: int) -> None:
    found = judge_search(returns, min(chosen, returns.shape[1] - 1), 365, seed=1)
    assert found.summary.endswith(".")
    if None in {found.deflated_sharpe, found.overfitting_probability, found.spa_p}:
        assert found.verdict == "not judged"
        assert "no pass" in found.summary
