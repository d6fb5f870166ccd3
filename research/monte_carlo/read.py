"""A finished run, read for a Monte Carlo: what is missing or contradicts itself is refused here."""

import hashlib
import json
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from errors import DataError, close_match
from research.monte_carlo.cautions import cautions
from research.monte_carlo.trades import trade_fracs

Floats = npt.NDArray[np.float64]

FILES = ("metrics.json", "config.toml", "trades.parquet", "equity.parquet")
TRADES = ("trade_id", "entry_ts", "exit_ts", "net_pnl")
EQUITY = ("ts", "equity")
SHOWN = 5


@dataclass(frozen=True, slots=True)
class RunTrades:
    """What a Monte Carlo needs of a run.

    Attributes
    ----------
    fracs : float64 array of shape (trades,)
        From `research.monte_carlo.trades.trade_fracs`, none under -1.
    years : float
        Length of the run: daily returns / ``annual_days`` (D36), days without trades and halts included.
    total_return_frac, max_drawdown_frac : float
        Of the run itself, open positions at mark.
    warnings : tuple of str
        What a reader must know before believing paths made of these trades.
    """

    folder: Path
    name: str
    config_hash: str
    data: dict[str, str]
    trades_sha256: str
    currency: str
    annual_days: int
    years: float
    start_equity: float
    total_return_frac: float
    max_drawdown_frac: float
    complete: bool
    fracs: Floats
    warnings: tuple[str, ...]


def read_run(folder: Path) -> RunTrades:
    """Read a run's folder.

    Raises
    ------
    DataError
        There is no such folder, a file is missing or cannot be read, its numbers are unusable or disagree, or the run
        has no trades.
    """
    _check_files(folder)
    metrics, config = _read_json(folder / "metrics.json"), _read_toml(folder / "config.toml")
    trades = _read_table(folder / "trades.parquet", TRADES)
    equity = _read_table(folder / "equity.parquet", EQUITY)
    try:
        return _combine(folder, metrics, config, trades, equity)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{folder / 'metrics.json'}: not what a back-test writes: {_said(error)}") from error


def _combine(
    folder: Path, metrics: dict[str, Any], config: dict[str, Any], trades: pd.DataFrame, equity: pd.DataFrame
) -> RunTrades:
    other = metrics["other"]
    _check_count(folder, len(trades), int(other["trades"]))
    start_equity = _positive(folder, other, "start_equity")
    fracs = trade_fracs(trades, equity, start_equity)
    complete = metrics.get("complete") is True and not folder.resolve().name.endswith("-partial")
    total = _number(other["total_return_frac"])
    return RunTrades(
        folder=folder,
        name=str(metrics.get("run") or folder.resolve().name),
        config_hash=str(metrics["config_hash"]),
        data={str(name): str(one["sha256"]) for name, one in metrics["data"].items()},
        trades_sha256=hashlib.sha256((folder / "trades.parquet").read_bytes()).hexdigest(),
        currency=str(metrics.get("currency") or ""),
        annual_days=int(metrics["annual_days"]),
        years=_positive(folder, other, "years"),
        start_equity=start_equity,
        total_return_frac=total,
        max_drawdown_frac=_kpi(metrics, "max_drawdown_frac"),
        complete=complete,
        fracs=np.maximum(fracs, -1.0),
        warnings=cautions(metrics, config, trades, fracs, total_return_frac=total, complete=complete),
    )


def _check_files(folder: Path) -> None:
    if not folder.is_dir():
        near = sorted(one.name for one in folder.parent.iterdir()) if folder.parent.is_dir() else []
        raise DataError(f"{folder}: no such folder of a run{close_match(folder.name, near)}")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        inside = sorted(file.parent.name for file in folder.glob("*/metrics.json"))
        there = f" (runs in it: {', '.join(inside[:SHOWN])}{', ...' if len(inside) > SHOWN else ''})" if inside else ""
        raise DataError(f"{folder}: no finished run: {', '.join(missing)} missing{there}")


def _check_count(folder: Path, found: int, said: int) -> None:
    if found != said:
        raise DataError(f"{folder}: trades.parquet has {found} trades, metrics.json says {said}: not of the same run")
    if found == 0:
        raise DataError(f"{folder}: the run has no trades: there is nothing to draw from")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise DataError(f"{path}: must hold one JSON object, holds a {type(found).__name__}")
    return found


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error


def _read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        found = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    missing = [name for name in columns if name not in found]
    if missing:
        raise DataError(f"{path}: columns {', '.join(missing)} are missing")
    if found[[name for name in columns if name.endswith("ts")]].isna().any(axis=None):
        raise DataError(f"{path}: a time is missing")
    return found


def _positive(folder: Path, values: dict[str, Any], key: str) -> float:
    value = _number(values[key])
    if not (math.isfinite(value) and value > 0.0):
        raise DataError(f"{folder / 'metrics.json'}: other.{key} must be above 0, was {values[key]}")
    return value


def _kpi(metrics: dict[str, Any], key: str) -> float:
    return next(_number(row["value"]) for row in metrics["kpis"] if row["key"] == key)


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _said(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error) or type(error).__name__
