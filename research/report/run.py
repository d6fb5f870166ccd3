"""A finished run, read back from its files."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

STOPS = ("trade_id", "ts", "stop")


@dataclass(frozen=True, slots=True)
class Run:
    """What the page is made of; frames have the columns of architecture.md."""

    name: str
    config: dict[str, Any]
    config_text: str
    metrics: dict[str, Any]
    signals: pd.DataFrame
    decisions: pd.DataFrame
    trades: pd.DataFrame
    equity: pd.DataFrame
    stops: pd.DataFrame

    @property
    def start_equity(self) -> float:
        """Return the equity before the first row, quote units."""
        return float(self.metrics["other"]["start_equity"])

    @property
    def annual_days(self) -> int:
        """Return 365 or 252 (D36)."""
        return int(self.metrics["annual_days"])

    @property
    def currency(self) -> str:
        """Return the account currency: from metrics.json, else the first ``currency`` in the configuration, else ""."""
        found = (str(value) for path, value in flatten(self.config) if path.split(".")[-1].endswith("currency"))
        return str(self.metrics.get("currency") or next(found, ""))


def load_run(run_dir: Path) -> Run:
    """Read a run directory; ``stops.parquet`` may be absent."""
    text = (run_dir / "config.toml").read_text("utf-8")
    frames = {name: pd.read_parquet(run_dir / f"{name}.parquet") for name in ("signals", "decisions", "equity")}
    trades, stops = pd.read_parquet(run_dir / "trades.parquet"), run_dir / "stops.parquet"
    metrics = json.loads((run_dir / "metrics.json").read_text("utf-8"))
    return Run(
        name=str(metrics.get("run") or run_dir.resolve().name),
        config=tomllib.loads(text),
        config_text=text,
        metrics=metrics,
        trades=trades.sort_values("entry_ts", kind="stable", ignore_index=True),
        stops=pd.read_parquet(stops) if stops.exists() else pd.DataFrame(columns=list(STOPS)),
        **frames,
    )


def flatten(config: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf of nested tables as (dotted path, value).

    >>> list(flatten({"a": 1, "b": {"c": [2]}}))
    [('a', 1), ('b.c', [2])]
    """
    for key, value in config.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
