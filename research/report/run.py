"""A finished run, read back from its files."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from research.run_metrics import to_ns

STOPS = ("trade_id", "ts", "stop")
BREAKERS = ("ts", "breaker", "kind", "observed", "limit", "operator", "reason")


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
    breakers: pd.DataFrame
    records_breakers: bool

    @property
    def start_equity(self) -> float:
        """Return the equity before the first row, quote units."""
        return float(self.metrics["other"]["start_equity"])

    @property
    def annual_days(self) -> int:
        """Return 365 or 252 (D36)."""
        return int(self.metrics["annual_days"])

    @property
    def breakers_on(self) -> bool:
        """Return whether breakers could stop entries."""
        return self._risk.get("breakers") is not False

    @property
    def simulates_operator(self) -> bool:
        """Return whether the run itself gave the resets that ask for a hand."""
        return self._risk.get("operator") == "simulated"

    @property
    def max_heat_frac(self) -> float | None:
        """Return the cap on portfolio heat as a fraction of equity; None when the configuration names none."""
        found = self._risk.get("max_heat_frac")
        return float(found) if isinstance(found, int | float) else None

    @property
    def span_ns(self) -> tuple[int, int] | None:
        """Return the times of the first and the last equity row, nanoseconds UTC; None without rows."""
        if len(self.equity) == 0:
            return None
        first, last = to_ns(self.equity["ts"].iloc[[0, -1]]).tolist()
        return first, last

    @property
    def _risk(self) -> dict[str, Any]:
        found = self.config.get("risk")
        return found if isinstance(found, dict) else {}

    @property
    def currency(self) -> str:
        """Return the account currency: from metrics.json, else the first ``currency`` in the configuration, else ""."""
        found = (str(value) for path, value in flatten(self.config) if path.split(".")[-1].endswith("currency"))
        return str(self.metrics.get("currency") or next(found, ""))


def load_run(run_dir: Path) -> Run:
    """Read a run directory; ``stops.parquet`` and ``breakers.parquet`` may be absent."""
    text = (run_dir / "config.toml").read_text("utf-8")
    frames = {name: pd.read_parquet(run_dir / f"{name}.parquet") for name in ("signals", "decisions", "equity")}
    trades = pd.read_parquet(run_dir / "trades.parquet")
    metrics = json.loads((run_dir / "metrics.json").read_text("utf-8"))
    return Run(
        name=str(metrics.get("run") or run_dir.resolve().name),
        config=tomllib.loads(text),
        config_text=text,
        metrics=metrics,
        trades=trades.sort_values("entry_ts", kind="stable", ignore_index=True),
        stops=_read_if_there(run_dir / "stops.parquet", STOPS),
        breakers=_read_if_there(run_dir / "breakers.parquet", BREAKERS),
        records_breakers=(run_dir / "breakers.parquet").exists(),
        **frames,
    )


def _read_if_there(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.read_parquet(path) if path.exists() else pd.DataFrame(columns=list(columns))


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
