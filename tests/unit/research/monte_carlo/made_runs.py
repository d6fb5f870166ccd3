"""Run folders made by hand: a few trades with known returns, as the files that a back-test leaves."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

START_EQUITY = 50_000.0
FIRST = pd.Timestamp("2024-01-01T10:00", tz="UTC")
DAY = pd.Timedelta(days=1)


def make_run(folder: Path, fracs: Sequence[float], **changes: Any) -> Path:
    """Write a run whose trades return ``fracs`` of the equity at their entry, one a day, none overlapping."""
    folder.mkdir(parents=True, exist_ok=True)
    equity = START_EQUITY * np.cumprod(1.0 + np.asarray(fracs, dtype=np.float64))
    before = np.concatenate(([START_EQUITY], equity[:-1]))
    entry = pd.DatetimeIndex([FIRST + DAY * row for row in range(len(fracs))]).as_unit("ns")
    trades = pd.DataFrame(
        {
            "trade_id": [f"T-{row}" for row in range(len(fracs))],
            "entry_ts": entry,
            "exit_ts": entry + pd.Timedelta(hours=6),
            "net_pnl": before * fracs,
        }
    )
    trades.sample(frac=1.0, random_state=3).to_parquet(folder / "trades.parquet")
    pd.DataFrame({"ts": entry + pd.Timedelta(hours=6), "equity": equity}).to_parquet(folder / "equity.parquet")
    (folder / "config.toml").write_text("[risk]\nbreakers = true\n", "utf-8")
    total = float(equity[-1] / START_EQUITY - 1.0) if len(fracs) else 0.0
    write_metrics(folder, metrics_of(len(fracs), total) | changes)
    return folder


def metrics_of(trades: int, total: float) -> dict[str, Any]:
    return {
        "annual_days": 365,
        "kpis": [{"key": "max_drawdown_frac", "value": 0.1}],
        "other": {
            "start_equity": START_EQUITY,
            "years": max(trades, 1) / 365,
            "total_return_frac": total,
            "trades": trades,
        },
        "complete": True,
        "run": "made abc123",
        "config_hash": "abc123",
        "currency": "USDT",
        "data": {"BTC.X": {"sha256": "aa"}, "ETH.X": {"sha256": "bb"}},
        "counts": {"trips": {}},
        "shut": {},
    }


def write_metrics(folder: Path, metrics: Mapping[str, Any]) -> None:
    (folder / "metrics.json").write_text(json.dumps(metrics), "utf-8")


def mixed(count: int, seed: int = 4) -> list[float]:
    """Return seeded trade returns, about break-even: two in five win 1.5 %, the others lose 1 %."""
    wins = np.random.default_rng(seed).random(count) < 0.4
    return np.where(wins, 0.015, -0.01).tolist()
