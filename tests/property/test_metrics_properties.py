import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from research import equity_curve, metrics, trade_stats

money = st.floats(min_value=1.0, max_value=1e7, allow_nan=False)
equity = st.lists(money, min_size=1, max_size=60).map(np.array)
results = st.lists(st.integers(-500, 500).map(lambda cents: cents / 100), max_size=60).map(
    lambda values: np.array(values, dtype=np.float64)
)
returns = st.lists(st.integers(-900, 900).map(lambda bps: bps / 1e4), min_size=2, max_size=60).map(np.array)
any_float = st.floats(-1e100, 1e100) | st.sampled_from([math.nan, math.inf, -math.inf])


def close(left: float, right: float) -> bool:
    return (
        (math.isnan(left) and math.isnan(right))
        or left == right
        or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    )


@settings(deadline=None)
@given(equity, st.integers(-20, 20))
def test_drawdown_does_not_depend_on_the_size_of_the_account(curve: np.ndarray, power: int) -> None:
    assert close(equity_curve.max_drawdown_frac(curve), equity_curve.max_drawdown_frac(curve * 2.0**power))


@settings(deadline=None)
@given(equity)
def test_drawdown_of_a_positive_curve_is_a_fraction(curve: np.ndarray) -> None:
    falls = equity_curve.drawdown_fracs(curve)
    assert ((falls >= 0.0) & (falls < 1.0)).all()
    assert equity_curve.max_drawdown_frac(curve) == falls.max()


@settings(deadline=None)
@given(equity, money)
def test_drawdown_never_shrinks_when_rows_are_appended(curve: np.ndarray, later: float) -> None:
    longer = np.append(curve, later)
    assert equity_curve.max_drawdown_frac(longer) >= equity_curve.max_drawdown_frac(curve)
    assert equity_curve.drawdown_fracs(longer)[:-1].tolist() == equity_curve.drawdown_fracs(curve).tolist()


@settings(deadline=None)
@given(equity)
def test_longest_drawdown_is_within_the_span_and_zero_without_a_fall(curve: np.ndarray) -> None:
    ts_ns = np.arange(len(curve), dtype=np.int64) * equity_curve.DAY_NS
    longest = equity_curve.longest_drawdown_days(ts_ns, curve)
    assert 0.0 <= longest <= len(curve) - 1
    assert (longest == 0.0) == (equity_curve.max_drawdown_quote(curve) == 0.0)


@settings(deadline=None)
@given(returns, st.floats(0.1, 10.0))
def test_ratios_do_not_depend_on_leverage(daily: np.ndarray, leverage: float) -> None:
    for ratio in (metrics.sharpe, metrics.sortino):
        assert math.isclose(ratio(daily, 365), ratio(daily * leverage, 365), rel_tol=1e-6, abs_tol=1e-9) or close(
            ratio(daily, 365), ratio(daily * leverage, 365)
        )


@settings(deadline=None)
@given(returns)
def test_sharpe_of_the_mirrored_returns_is_its_negative(daily: np.ndarray) -> None:
    assert close(metrics.sharpe(-daily, 252), -metrics.sharpe(daily, 252))


@settings(deadline=None)
@given(results, st.floats(0.01, 500.0))
def test_a_further_loss_improves_nothing(pnl: np.ndarray, loss: float) -> None:
    worse = np.append(pnl, -loss)
    if len(pnl):
        assert trade_stats.win_rate(worse) <= trade_stats.win_rate(pnl)
        assert trade_stats.longest_losing_streak(worse) >= trade_stats.longest_losing_streak(pnl)
    if (pnl != 0).any():
        assert trade_stats.profit_factor(worse) <= trade_stats.profit_factor(pnl)


@settings(deadline=None)
@given(results)
def test_expectancy_is_the_mean(r: np.ndarray) -> None:
    assert close(trade_stats.expectancy_r(r), float(r.mean()) if len(r) else math.nan)


@settings(deadline=None)
@given(results)
def test_trade_ratios_do_not_depend_on_order(pnl: np.ndarray) -> None:
    for figure in (trade_stats.win_rate, trade_stats.profit_factor, trade_stats.expectancy_r):
        assert close(figure(pnl), figure(pnl[::-1]))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400), money), min_size=1, max_size=60).map(sorted),
    money,
    st.booleans(),
)
def test_daily_returns_compound_to_the_last_equity(
    rows: list[tuple[int, float]], start: float, every_day: bool
) -> None:
    ts_ns = np.array([hour * 3_600_000_000_000 for hour, _ in rows], dtype=np.int64)
    values = np.array([value for _, value in rows])
    daily = equity_curve.daily_returns(ts_ns, values, start, every_day)
    assert math.isclose(start * float(np.prod(1 + daily)), values[-1], rel_tol=1e-6)


@settings(deadline=None)
@given(any_float, any_float)
def test_a_ratio_is_never_an_error(gain: float, risk: float) -> None:
    assert isinstance(metrics.ratio(gain, risk), float)


@settings(deadline=None)
@given(st.lists(any_float, max_size=8).map(lambda values: np.array(values, dtype=np.float64)))
def test_trade_figures_of_any_input_are_never_an_error(values: np.ndarray) -> None:
    for figure in (trade_stats.win_rate, trade_stats.profit_factor, trade_stats.expectancy_r, trade_stats.mean):
        assert isinstance(figure(values), float)
