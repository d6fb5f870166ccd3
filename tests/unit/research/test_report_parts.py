import base64
import gzip
import json

import numpy as np
import pandas as pd
import pytest

from research.report.chart_data import extreme_rows
from research.report.months import monthly_returns
from research.report.payload import PLANES, Payload, price_step
from research.report.prices import PriceSeries, near_trades, thin_all


def series(bars: int, level: float = 100.0, seed: int = 1) -> PriceSeries:
    rng = np.random.default_rng(seed)
    close = np.round(level * np.exp(np.cumsum(rng.normal(0, 0.01, bars))), 2)
    opened = np.concatenate(([level], close[:-1]))
    high, low = np.maximum(opened, close) + 0.01, np.minimum(opened, close) - 0.01
    return PriceSeries(np.arange(1, bars + 1, dtype=np.int64) * 60_000_000_000, opened, high, low, close)


def test_thin_all_within_the_budget_keeps_every_bar() -> None:
    bars = series(100)
    assert thin_all({"A": bars}, {}, 100)["A"] is bars


def test_thin_all_over_the_budget_keeps_bars_near_trades_and_the_outline_of_the_rest() -> None:
    bars = series(10_000)
    entry, leave = bars.ts_ns[[5000]], bars.ts_ns[[5010]]
    thin = thin_all({"A": bars}, {"A": (entry, leave)}, 1000)["A"]
    assert len(thin) == pytest.approx(1000, rel=0.1)
    assert set(bars.ts_ns[4960:5050]) <= set(thin.ts_ns)
    assert (thin.high.max(), thin.low.min()) == (bars.high.max(), bars.low.min())
    assert (thin.open[0], thin.close[-1], thin.ts_ns[-1]) == (bars.open[0], bars.close[-1], bars.ts_ns[-1])
    assert (np.diff(thin.ts_ns) > 0).all()


def test_thin_all_without_trades_and_with_an_empty_series() -> None:
    thin = thin_all({"A": series(1000), "B": series(0)}, {}, 100)
    assert [len(part) for part in thin.values()] == [100, 0]


def test_near_trades_is_cut_at_both_ends() -> None:
    ts_ns = np.arange(10, dtype=np.int64)
    mask = near_trades(ts_ns, np.array([1, 8]), np.array([2, 9]), window_bars=2)
    assert np.flatnonzero(mask).tolist() == [0, 1, 2, 3, 6, 7, 8, 9]


def decode(text: str, name: str) -> np.ndarray:
    """Do what assets/payload.js does."""
    data = gzip.decompress(base64.b64decode(text))
    size = int.from_bytes(data[:4], "little")
    entry = json.loads(data[4 : 4 + size])["arrays"][name]
    start = 4 + size + entry["offset"]
    if entry["kind"] == "f64":
        return np.frombuffer(data, "<f8", entry["count"], start)
    planes = np.frombuffer(data, np.uint8, PLANES * entry["count"], start).reshape(PLANES, -1).astype(np.int64)
    folded = sum(planes[p] << (8 * p) for p in range(PLANES))
    return np.cumsum(np.where(folded % 2, -(folded + 1) // 2, folded // 2)) * entry["step"]


@pytest.mark.parametrize("level", [0.00012345, 1.08345, 64_000.0])
def test_payload_gives_prices_and_times_back(level: float) -> None:
    bars = series(500)
    scaled = PriceSeries(bars.ts_ns, *(level / 100 * a for a in (bars.open, bars.high, bars.low, bars.close)))
    payload = Payload()
    payload.add("numbers", [1.5, np.nan, -2.0])
    payload.add_prices("p", scaled)
    text = payload.encode()
    np.testing.assert_array_equal(decode(text, "numbers"), [1.5, np.nan, -2.0])
    assert decode(text, "p.ts").tolist() == (bars.ts_ns // 1_000_000).tolist()
    for key, values in (("o", scaled.open), ("h", scaled.high), ("l", scaled.low), ("c", scaled.close)):
        np.testing.assert_allclose(decode(text, f"p.{key}"), values, rtol=2e-5)


def test_payload_gives_prices_below_zero_back() -> None:
    values = np.array([20.0, 1.0, -37.63, 10.0])
    payload = Payload()
    oil = PriceSeries(np.arange(4, dtype=np.int64) * 10**9, values, values, values, values)
    payload.add_prices("p", oil)
    np.testing.assert_allclose(decode(payload.encode(), "p.c"), values, atol=price_step(oil))


def test_price_step_of_an_empty_or_zero_series_is_a_number() -> None:
    assert price_step(series(0)) == 1e-5
    zero = np.zeros(2)
    assert price_step(PriceSeries(np.arange(2), zero, zero, zero, zero)) == 1e-5


def test_extreme_rows_keep_highest_and_lowest() -> None:
    values = np.random.default_rng(2).normal(size=10_000).cumsum()
    rows = extreme_rows(values, 100)
    assert len(rows) <= 300
    assert (values[rows].max(), values[rows].min(), values[rows][-1]) == (values.max(), values.min(), values[-1])
    assert (np.diff(rows) > 0).all()


def test_monthly_returns_chain_months_into_years() -> None:
    moments = ["2023-11-10", "2023-11-30", "2024-01-15", "2024-02-01 00:00", "2024-02-20"]
    equity = pd.DataFrame(
        {"ts": pd.to_datetime(moments, utc=True, format="ISO8601"), "equity": [90.0, 110.0, 121.0, 132.0, 66.0]}
    )
    years = monthly_returns(equity, 100.0)
    assert years[2023] == pytest.approx({11: 0.1, 12: 0.0, 0: 0.1})
    assert years[2024] == pytest.approx({1: 0.2, 2: -0.5, 0: -0.4})  # 1 February 00:00 closes January
    assert monthly_returns(equity.head(0), 100.0) == {}
