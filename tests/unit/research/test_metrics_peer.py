"""Against empyrical-reloaded, which knows nothing of this project."""

import doctest
import importlib
import math
import warnings

import numpy as np
import pandas as pd
import pytest

from research import benchmark, equity_curve, metrics

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    empyrical = importlib.import_module("empyrical")

MODULES = ["equity_curve", "metrics", "trade_stats", "benchmark"]
MODULES += [f"report.{name}" for name in ("markup", "numbers", "prices", "payload", "run", "chart_data")]


@pytest.fixture(params=range(6), ids=lambda seed: f"seed-{seed}")
def returns(request: pytest.FixtureRequest) -> np.ndarray:
    rng = np.random.default_rng(request.param)
    return rng.standard_t(3, 40 + 300 * request.param) * 0.012 + 0.0005


@pytest.mark.parametrize("annual_days", [365, 252])
@pytest.mark.parametrize("risk_free", [0.0, 0.04])
def test_ratios_agree_with_empyrical(returns: np.ndarray, annual_days: int, risk_free: float) -> None:
    daily = (1 + risk_free) ** (1 / annual_days) - 1
    curve = 100.0 * np.cumprod(np.concatenate(([1.0], 1 + returns)))
    growth = metrics.annual_return_frac(100.0, curve[-1], len(returns), annual_days)
    fall = equity_curve.max_drawdown_frac(curve)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = {
            "sharpe": (
                metrics.sharpe(returns, annual_days, risk_free),
                empyrical.sharpe_ratio(returns, daily, annualization=annual_days),
            ),
            "sortino": (
                metrics.sortino(returns, annual_days, risk_free),
                empyrical.sortino_ratio(returns, daily, annualization=annual_days),
            ),
            "volatility": (
                metrics.annual_volatility_frac(returns, annual_days),
                empyrical.annual_volatility(returns, annualization=annual_days),
            ),
            "growth": (growth, empyrical.annual_return(returns, annualization=annual_days)),
            "drawdown": (fall, -empyrical.max_drawdown(returns)),
            "calmar": (metrics.calmar(growth, fall), empyrical.calmar_ratio(returns, annualization=annual_days)),
        }
    for name, (ours, theirs) in pairs.items():
        assert ours == pytest.approx(float(theirs), rel=1e-9), name


def test_beta_agrees_with_empyrical(returns: np.ndarray) -> None:
    market = np.random.default_rng(99).normal(0, 0.01, len(returns)) + 0.3 * returns
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = empyrical.beta(pd.Series(returns), pd.Series(market))
    assert benchmark.alpha_beta(returns, market, 365)[1] == pytest.approx(float(theirs), rel=1e-9)


def test_daily_returns_agree_with_pandas(returns: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    hours = np.sort(rng.choice(24 * 90, len(returns) // 2, replace=False))
    stamps = pd.Timestamp("2024-03-01", tz="UTC") + pd.to_timedelta(hours, unit="h")
    equity = pd.Series(100.0 * np.cumprod(1 + returns[: len(hours)]), index=stamps)
    last = equity.resample("1D").last()
    for every_day, closes in ((True, last.ffill()), (False, last.dropna())):
        expected = closes.to_numpy() / np.concatenate(([100.0], closes.to_numpy()[:-1])) - 1
        found = equity_curve.daily_returns(stamps.as_unit("ns").asi8, equity.to_numpy(), 100.0, every_day)
        assert found.tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"research.{name}"))
    assert (result.failed, result.attempted > 0) == (0, True)


def test_undefined_values_raise_no_warning() -> None:
    assert math.isnan(metrics.sharpe(np.array([]), 365))
    assert math.isnan(equity_curve.max_drawdown_frac(np.array([np.nan, 1.0])))
