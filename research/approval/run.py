"""What a finished back-test says of itself: ``config.toml`` and ``metrics.json`` in its folder."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from configs.load import load_run
from configs.run import RunConfig
from errors import DataError
from research.approval.read import read_file, read_json
from research.approval.record import Hash12, Piece, Row, Sha256, Utc

PARTIAL = "-partial"


class DataFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The candles of one instrument: open of the first one, close of the last."""

    sha256: Sha256
    first: Utc
    last: Utc


class Lookahead(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of the look-ahead check, where the run has recorded one."""

    clean: bool


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """The part of ``metrics.json`` that is judged."""

    config_hash: Hash12
    complete: bool
    data: dict[str, DataFacts]
    warnings: tuple[str, ...]
    shut: dict[str, str]
    annual_days: Literal[252, 365]
    code_hash: Sha256 | None = None
    lookahead: Lookahead | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A back-test's folder, read."""

    folder: Path
    config: RunConfig
    metrics: Metrics
    piece: Piece
    trades_sha256: str

    @property
    def data(self) -> dict[str, str]:
        """Return the sha256 of every instrument's candles."""
        return {name: one.sha256 for name, one in self.metrics.data.items()}


def read_run(folder: Path) -> Run:
    """Return a run; raise ConfigError or DataError when its files cannot be judged."""
    metrics, sha256 = read_json(folder / "metrics.json", Metrics)
    config = load_run(folder / "config.toml")
    if set(metrics.data) != set(config.instruments):
        has, wants = (", ".join(sorted(names)) or "none" for names in (metrics.data, config.instruments))
        raise DataError(f"{folder / 'metrics.json'}: data: must be of {wants}, as config.toml says, was of {has}")
    return Run(
        folder=folder,
        config=config,
        metrics=metrics,
        piece=Piece(path=str(folder / "metrics.json"), sha256=sha256, config_hash=metrics.config_hash),
        trades_sha256=hashlib.sha256(read_file(folder / "trades.parquet")).hexdigest(),
    )


def judge_run(run: Run, name: str = "run") -> list[Row]:
    """Return whether a run is whole, traded to its end under its breakers, and did not look ahead."""
    metrics = run.metrics
    partial = not metrics.complete or run.folder.resolve().name.endswith(PARTIAL)
    own = run.config.hash == metrics.config_hash
    shut = "; ".join(f"{breaker} closed since {since}" for breaker, since in metrics.shut.items())
    rows = [
        _row(f"{name}: complete", "partial" if partial else "complete", "complete", not partial),
        _row(f"{name}: its files agree", run.config.hash, f"configuration {metrics.config_hash}", own),
        _row(f"{name}: breakers", "on" if run.config.risk.breakers else "off", "on", run.config.risk.breakers),
        _row(f"{name}: traded to its end", shut or "open", "no breaker waits for a hand", not metrics.shut),
    ]
    if metrics.lookahead is not None:
        shown = "clean" if metrics.lookahead.clean else "signals depend on the future"
        rows.append(_row(f"{name}: look-ahead check", shown, "clean", metrics.lookahead.clean))
    return rows


def _row(requirement: str, observed: str, limit: str, passed: bool) -> Row:
    return Row(requirement=requirement, observed=observed, limit=limit, passed=passed)
