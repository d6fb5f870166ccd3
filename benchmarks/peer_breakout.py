"""Run the breakout in backtesting.py; called with the interpreter of the peer's environment, imports nothing of ours.

usage: peer_breakout.py CANDLES.npz REPEAT - prints one JSON line {secs, trades, versions}.
"""

import importlib.metadata
import json
import statistics
import sys
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy  # type: ignore[import-not-found]

RISK_FRAC, MAX_SHARE, HOLD_BARS = 0.01, 0.95, 1440
CASH = 50_000_000.0  # it trades whole units only: a thousandth of a coin is one unit, so prices are divided
UNIT = 1_000.0


def read(path: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one-minute candles, and the indicators at each signal close with the row of its minute."""
    with np.load(path) as file:
        fill, signal = (_candles(file, name) for name in ("fill", "signal"))
        signal_ns = int(file["signal_ns"])
    minute = fill.index[1:].to_numpy().astype("int64") - fill.index[:-1].to_numpy().astype("int64")
    closes_ns = fill.index.to_numpy().astype("int64") + int(minute.min())
    signal_closes_ns = signal.index.to_numpy().astype("int64") + signal_ns
    found = indicators(signal).assign(row=np.searchsorted(closes_ns, signal_closes_ns))
    return fill, found[np.isin(signal_closes_ns, closes_ns)]  # a close inside a hole has no price to trade at


def _candles(file: Any, name: str) -> pd.DataFrame:
    frame = pd.DataFrame({key.title(): file[f"{name}_{key}"] / UNIT for key in ("open", "high", "low", "close")})
    frame["Volume"] = file[f"{name}_volume"]
    frame.index = pd.to_datetime(file[f"{name}_ts_open_ns"], unit="ns").as_unit("ns")
    return frame


def indicators(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers that the rules look at, one row per signal candle; NaN while warming up."""
    close, before = frame.Close, frame.Close.shift()
    spread = [frame.High - frame.Low, (frame.High - before).abs(), (frame.Low - before).abs()]
    change = close.diff()
    gain = change.clip(lower=0.0).ewm(alpha=1 / 14, adjust=False).mean()
    loss = (-change).clip(lower=0.0).ewm(alpha=1 / 14, adjust=False).mean()
    higher = close.resample("4h", label="right", closed="left").last().dropna()
    trend = higher.ewm(span=20, adjust=False).mean() > higher.ewm(span=50, adjust=False).mean()
    return pd.DataFrame(
        {
            "close": close,
            "upper": frame.High.rolling(20).max().shift(),
            "atr": pd.concat(spread, axis=1).max(axis=1).ewm(span=14, adjust=False).mean(),
            "rsi": 100.0 - 100.0 / (1.0 + gain / loss),
            "volume_ratio": frame.Volume / frame.Volume.rolling(20).mean(),
            "trend": trend.astype(float).reindex(frame.index, method="ffill"),
        }
    )


def is_signal(one: Any) -> bool:
    """Return whether every gate holds at a signal close, and the score reaches 4."""
    gates = one.close > one.upper and one.trend == 1.0 and one.volume_ratio > 1.5
    return bool(gates and 0.003 <= one.atr / one.close <= 0.04)  # 2 + trend + volume: RSI adds to a score of 4


class Breakout(Strategy):  # type: ignore[misc]
    """Long breakouts of a spot market: 1.5 ATR stop, 3 ATR target, out after 24 h."""

    rows: dict[int, Any] = {}  # noqa: RUF012 - the library hands parameters over as class attributes

    def init(self) -> None:
        """Nothing to prepare."""

    def next(self) -> None:
        """Judge the newest minute."""
        row = len(self.data) - 1
        for trade in self.trades:
            if row - trade.entry_bar >= HOLD_BARS:
                trade.close()
        one = self.rows.get(row)
        if one is None or self.position or not is_signal(one):
            return
        distance = max(1.5 * one.atr, 0.005 * one.close)
        units = int(min(RISK_FRAC * self.equity / distance, MAX_SHARE * self.equity / one.close))
        if units > 0:
            self.buy(size=units, sl=one.close - distance, tp=one.close + max(3.0 * one.atr, 2.0 * distance))


def main() -> None:
    """Print the median of ``REPEAT`` runs."""
    warnings.simplefilter("ignore")
    fill, signals = read(sys.argv[1])
    Breakout.rows = {int(one.row): one for one in signals.itertuples()}  # type: ignore[arg-type]
    secs, result = [], {}
    for _ in range(int(sys.argv[2])):
        test: Any = Backtest(fill, Breakout, cash=CASH, commission=0.001, finalize_trades=True)
        start = time.perf_counter()
        result = test.run()
        secs.append(time.perf_counter() - start)
    versions = {name: importlib.metadata.version(name) for name in ("backtesting", "numpy", "pandas")}
    print(json.dumps({"secs": statistics.median(secs), "trades": int(result["# Trades"]), "versions": versions}))


if __name__ == "__main__":
    main()
