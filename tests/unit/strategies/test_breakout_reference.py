"""Every signal and every recorded number against an independent implementation (D1 - D10, D17, D18)."""

from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from breakout_reference import reference_signals

from strategies.breakout.breakout import BreakoutRules
from strategies.breakout.config import BreakoutConfig

DEFAULT = BreakoutConfig()
LOOSE = BreakoutConfig(require_volume=False, atr_bars=7, rsi_bars=5, donchian_bars=10, baseline_days=3)


def compiled_signals(
    bars: pd.DataFrame, config: BreakoutConfig, *, signal: pd.Timedelta, htf: pd.Timedelta, max_gap: pd.Timedelta
) -> pd.DataFrame:
    rules = BreakoutRules(config, signal_ns=signal.value, htf_ns=htf.value, max_gap_ns=max_gap.value)
    said = {}
    columns = [bars[name].tolist() for name in ("high", "low", "close", "volume")]
    for at, high, low, close, volume in zip(bars.index, *columns, strict=True):
        opinion = rules.on_bar(at.value, high, low, close, volume)
        if opinion is not None:
            said[at] = msgspec.structs.asdict(opinion)
    return pd.DataFrame.from_dict(said, orient="index")


def random_walk(seed: int, count: int, signal: str) -> pd.DataFrame:
    """Return a trending walk with noisy volume, short holes and one long closure; bars stamped at their close."""
    rng = np.random.default_rng(seed)
    drift = np.repeat(rng.normal(0.0, 0.0015, count // 100 + 1), 100)[:count]
    close = 100.0 * np.exp(np.cumsum(drift + rng.normal(0.0, 0.006, count)))
    opened = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(opened, close) * np.exp(rng.exponential(0.002, count))
    low = np.minimum(opened, close) * np.exp(-rng.exponential(0.002, count))
    volume = rng.lognormal(5.0, 0.8, count)
    volume[rng.random(count) < 0.01] = 0.0
    index = pd.date_range("2023-12-30 05:00", periods=count, freq=signal, tz="UTC").as_unit("ns")
    bars = pd.DataFrame({"high": high, "low": low, "close": close, "volume": volume}, index=index)
    kept = rng.random(count) > 0.02
    kept[count // 2 : count // 2 + 70] = False
    return bars[kept]


def assert_same(ours: pd.DataFrame, reference: pd.DataFrame) -> None:
    assert ours.index.tolist() == reference.index.tolist()
    for name in ours.columns:
        np.testing.assert_allclose(ours[name], reference[name], rtol=1e-9, atol=0.0, err_msg=name)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("config", "signal", "htf"),
    [
        pytest.param(DEFAULT, "1h", "4h", id="D1-1h-4h"),
        pytest.param(DEFAULT, "15min", "4h", id="D1-15min-4h"),
        pytest.param(LOOSE, "1h", "4h", id="D9-volume-not-required"),
    ],
)
def test_rules_agree_with_the_reference_on_random_walks(
    config: BreakoutConfig, signal: str, htf: str, seed: int
) -> None:
    bars = random_walk(seed, 4000, signal)
    step, gap = pd.Timedelta(signal), 20 * pd.Timedelta(signal)
    ours = compiled_signals(bars, config, signal=step, htf=pd.Timedelta(htf), max_gap=gap)
    assert_same(ours, reference_signals(bars, config, htf=pd.Timedelta(htf), max_gap=gap))
    assert set(ours.side) == {1, -1}
    assert {4, 5} == set(ours.score)


def test_rules_agree_with_the_reference_on_weekly_bars() -> None:
    config = msgspec.structs.replace(DEFAULT, ema_fast_bars=2, ema_slow_bars=4)
    bars = random_walk(5, 3000, "4h")
    week, gap = pd.Timedelta("7D"), pd.Timedelta("30D")
    ours = compiled_signals(bars, config, signal=pd.Timedelta("4h"), htf=week, max_gap=gap)
    assert_same(ours, reference_signals(bars, config, htf=week, max_gap=gap))
    assert set(ours.side) == {1, -1}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(12_000, id="500-days"),
        pytest.param(None, marks=pytest.mark.long, id="all"),
    ],
)
def test_rules_agree_with_the_reference_on_real_bars(shared_data: Path, rows: int | None) -> None:
    file = shared_data / "crypto" / "ETHUSDT-BINANCEPERP-1h.parquet"
    if not file.is_file():
        pytest.skip(f"not here: {file}")
    hour = pd.Timedelta("1h")
    raw = pd.read_parquet(file)
    bars = raw.set_index(pd.DatetimeIndex(raw.ts) + hour)[["high", "low", "close", "volume"]].iloc[:rows]
    gap = pd.Timedelta("6h")
    ours = compiled_signals(bars, DEFAULT, signal=hour, htf=pd.Timedelta("4h"), max_gap=gap)
    assert_same(ours, reference_signals(bars, DEFAULT, htf=pd.Timedelta("4h"), max_gap=gap))
    assert set(ours.side) == {1, -1}
    assert len(ours) > 100
