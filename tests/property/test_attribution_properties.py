import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from research.attribution.conditions import dimensions
from research.attribution.cost_grid import cost_grid
from research.attribution.interval import mean_interval
from research.attribution.regime import regimes
from research.attribution.shuffle import chance_of
from tests.unit.research.attribution.trade_book import make_traits

ratios = st.lists(st.one_of(st.floats(0.001, 0.1), st.just(float("nan"))), max_size=60)
results = st.lists(st.floats(-3.0, 6.0), min_size=1, max_size=40)
amounts = st.floats(-1e5, 1e5)


@given(ratios, ratios)
def test_later_signals_change_no_earlier_regime(earlier: list[float], later: list[float]) -> None:
    alone = regimes(["X"] * len(earlier), np.array(earlier), min_earlier=5)
    both = regimes(["X"] * (len(earlier) + len(later)), np.array(earlier + later), min_earlier=5)
    assert both[: len(earlier)] == alone


@given(ratios, ratios)
def test_other_instruments_change_no_regime(one: list[float], other: list[float]) -> None:
    names = ["Y"] * len(other) + ["X"] * len(one)
    both = regimes(names, np.array(other + one), min_earlier=5)
    assert both[len(other) :] == regimes(["X"] * len(one), np.array(one), min_earlier=5)


@given(results)
def test_every_trade_is_in_exactly_one_group_of_each_dimension(r: list[float]) -> None:
    traits = make_traits(np.array(r))
    for one in dimensions(traits):
        assert sum(int(one.mask(label).sum()) for label in one.labels) == len(r)


@given(results, st.floats(0.1, 10.0), st.floats(-5.0, 5.0))
def test_interval_moves_with_its_values(r: list[float], scale: float, shift: float) -> None:
    blocks = np.arange(len(r)) // 2
    low, high = mean_interval(np.array(r), blocks)
    moved = mean_interval(scale * np.array(r) + shift, blocks)
    np.testing.assert_allclose(moved, (scale * low + shift, scale * high + shift), rtol=1e-6, atol=1e-6)


@settings(max_examples=30)
@given(results, st.integers(0, 5))
def test_p_values_are_shares_and_never_zero(r: list[float], seed: int) -> None:
    masks = np.random.default_rng(seed).random((4, len(r))) < 0.5
    masks = masks[masks.any(axis=1)]
    found = chance_of(np.array(r), np.arange(len(r)) // 3, masks, seed, draws=19)
    for p in (found.p_worse, found.p_better):
        assert ((p >= 1 / 20) & (p <= 1.0)).all()


@given(st.lists(st.tuples(amounts, amounts, amounts, amounts), max_size=20))
def test_costs_at_one_are_the_runs_own_and_dearer_ones_earn_less(rows: list[tuple[float, float, float, float]]) -> None:
    trades = pd.DataFrame(rows, columns=["gross_pnl", "slippage", "fees", "funding"])
    trades[["slippage", "fees"]] = trades[["slippage", "fees"]].abs()
    grid = np.array(cost_grid(trades).net_quote)
    own = float((trades["gross_pnl"] - trades["fees"] - trades["funding"]).sum())
    np.testing.assert_allclose(grid[2, 2], own, atol=1e-6)
    assert (np.diff(grid, axis=0) <= 1e-9).all()
    assert (np.diff(grid, axis=1) <= 1e-9).all()
