"""The breakout rules once more, slow and obvious, from decisions.md (D1 - D10, D17, D18) and not from the code.

Whole columns at a time, one contiguous stretch after the other; windows are laid out and averaged, nothing is updated.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from strategies.breakout.config import BreakoutConfig


def reference_signals(
    bars: pd.DataFrame, config: BreakoutConfig, *, htf: pd.Timedelta, max_gap: pd.Timedelta
) -> pd.DataFrame:
    """Return one row per signal, indexed by bar close.

    ``bars`` has ``high, low, close, volume``, indexed by bar close in UTC, oldest first.
    """
    stretch = (bars.index.to_series().diff() > max_gap).cumsum()
    return pd.concat([_signals_of_stretch(part, config, htf) for _, part in bars.groupby(stretch)])


def _signals_of_stretch(bars: pd.DataFrame, c: BreakoutConfig, htf: pd.Timedelta) -> pd.DataFrame:
    high, low, close, volume = bars.high, bars.low, bars.close, bars.volume
    before = close.shift(1)
    ranges = pd.concat([high - low, (high - before).abs(), (low - before).abs()], axis=1)
    f = pd.DataFrame(index=bars.index)
    f["close"] = close
    every_atr = _ema(ranges.max(axis=1), c.atr_bars, valid_after=1)  # the baseline knows them all
    f["atr"] = _ema(ranges.max(axis=1), c.atr_bars)
    f["atr_ratio"] = f.atr / close
    f["rsi"] = _rsi(close, c.rsi_bars)
    f["volume"] = volume
    f["volume_ma"] = _windows(volume, c.volume_ma_bars, lambda w: w.mean(axis=1))
    f["donchian_upper"] = _windows(high, c.donchian_bars, lambda w: w.max(axis=1)).shift(1)
    f["donchian_lower"] = _windows(low, c.donchian_bars, lambda w: w.min(axis=1)).shift(1)
    f["bb_mid"] = _windows(close, c.bollinger_bars, lambda w: w.mean(axis=1))
    deviation = _windows(close, c.bollinger_bars, lambda w: w.std(axis=1, ddof=0))
    f["bb_lower"] = f.bb_mid - c.bollinger_std * deviation
    f["bb_upper"] = f.bb_mid + c.bollinger_std * deviation
    fast, slow = _htf_averages(close, c, htf)
    f["htf_trend"] = np.where(fast > slow, 1, -1)
    warm = f.notna().all(axis=1) & slow.notna()
    long = _side(f, c, 1)
    short = _side(f, c, -1)
    f["side"] = np.where(long > 0, 1, -1)
    f["score"] = np.where(long > 0, long, short)
    signals = f[warm & ((long > 0) | (short > 0))].copy()
    memory = [_memory(bars, every_atr, at, c.baseline_days) for at in signals.index]
    names = ["atr_baseline", "volume_24h", "average_daily_volume"]
    signals[names] = np.array(memory).reshape(len(memory), 3)
    return signals


def _side(f: pd.DataFrame, c: BreakoutConfig, side: int) -> pd.Series:
    """Return the score where the side signals, else 0 (D5 - D7, D9)."""
    beyond = f.close > f.donchian_upper if side > 0 else f.close < f.donchian_lower
    band = (c.rsi_long_min, c.rsi_long_max) if side > 0 else (100 - c.rsi_long_max, 100 - c.rsi_long_min)
    trend = f.htf_trend == side
    loud = f.volume > c.volume_multiple * f.volume_ma
    calm = f.atr_ratio.between(c.atr_ratio_min_frac, c.atr_ratio_max_frac)
    score = 2 + trend.astype(int) + loud.astype(int) + f.rsi.between(*band).astype(int)
    gates = beyond & trend & calm & (loud if c.require_volume else True)
    return score.where(gates & (score >= c.min_score), 0)


def _ema(values: pd.Series, bars: int, valid_after: int | None = None) -> pd.Series:
    """Return D2: seeded with the first value, valid after ``bars`` values."""
    return values.ewm(span=bars, adjust=False, min_periods=valid_after or bars).mean()


def _rsi(close: pd.Series, bars: int) -> pd.Series:
    change = close.diff().to_numpy()[1:]
    gains, losses = _wilder(np.maximum(change, 0.0), bars), _wilder(np.maximum(-change, 0.0), bars)
    out = np.full(len(close), np.nan)
    for i, (gain, loss) in enumerate(zip(gains, losses, strict=True), 1):
        if np.isnan(gain):
            continue
        if loss == 0.0:
            out[i] = 50.0 if gain == 0.0 else 100.0
        else:
            out[i] = 100.0 - 100.0 / (1.0 + gain / loss)
    return pd.Series(out, close.index)


def _wilder(values: np.ndarray, bars: int) -> np.ndarray:
    out = np.full(len(values), np.nan)
    for i in range(bars - 1, len(values)):
        out[i] = values[:bars].mean() if i == bars - 1 else (out[i - 1] * (bars - 1) + values[i]) / bars
    return out


def _windows(values: pd.Series, bars: int, of: Callable[[np.ndarray], np.ndarray]) -> pd.Series:
    """Return ``of`` applied to the last ``bars`` values up to and including each bar; NaN before there are so many."""
    out = np.full(len(values), np.nan)
    if len(values) >= bars:
        out[bars - 1 :] = of(sliding_window_view(values.to_numpy(), bars))
    return pd.Series(out, values.index)


def _htf_averages(close: pd.Series, c: BreakoutConfig, htf: pd.Timedelta) -> tuple[pd.Series, pd.Series]:
    """Return both averages over the HTF bars that are complete at each signal bar (D1)."""
    ends = _bucket_ends(close.index, htf)
    closes = close.groupby(ends).last()
    averages = pd.DataFrame({"fast": _ema(closes, c.ema_fast_bars), "slow": _ema(closes, c.ema_slow_bars)})
    complete = np.searchsorted(averages.index, close.index, side="right")  # how many ended at or before the bar
    values = np.vstack([[np.nan, np.nan], averages.to_numpy()])[complete]
    return pd.Series(values[:, 0], close.index), pd.Series(values[:, 1], close.index)


def _bucket_ends(closes: pd.DatetimeIndex, htf: pd.Timedelta) -> pd.DatetimeIndex:
    if htf == pd.Timedelta("7D"):
        last_day = (closes - pd.Timedelta("1ns")).normalize()
        return last_day + pd.to_timedelta(7 - last_day.day_of_week, unit="D")
    return closes.ceil(htf)


def _memory(bars: pd.DataFrame, atr: pd.Series, at: pd.Timestamp, days: int) -> tuple[float, float, float]:
    """Return ATR baseline (D17), 24 h volume (7.4) and average daily volume (11.3) at one bar close."""
    past = bars.index <= at
    recent = past & (bars.index > at - pd.Timedelta(days=days))
    one_day = past & (bars.index > at - pd.Timedelta(days=1))
    day = (bars.index - pd.Timedelta("1ns")).normalize()  # a bar that closes at midnight is the old day's
    today = (at - pd.Timedelta("1ns")).normalize()
    month = past & (day > today - pd.Timedelta(days=days))
    by_day = bars.volume[month].groupby(day[month]).sum()
    return atr[recent].mean(), bars.volume[one_day].sum(), by_day[by_day > 0.0].mean()
