"""The gate itself: every requirement of D40 asked at once, so that a refusal names all that is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from configs.run import RunConfig
from research.approval.costs import judge_costs
from research.approval.monte_carlo import MonteCarlo, judge_monte_carlo, read_monte_carlo
from research.approval.new_asset import judge_new_assets, runs_by_asset
from research.approval.record import Approval, Piece, Row
from research.approval.run import Run, judge_run, read_run
from research.approval.sameness import judge_sameness
from research.approval.walk_forward import WalkForward, judge_walk_forward, read_walk_forward
from research.identity import code_hash, data_hash, trading_hash, trading_part


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is judged, read; ``known`` are the instruments of earlier approvals."""

    config: RunConfig
    code: str
    walk_forward: WalkForward
    monte_carlo: MonteCarlo
    run: Run
    asset_runs: Mapping[str, Run]
    known: frozenset[str]
    pieces: Mapping[str, Piece]


def gather(
    config: RunConfig,
    *,
    walk_forward: Path,
    monte_carlo: Path,
    run: Path,
    asset_runs: Sequence[Path] = (),
    known: frozenset[str] = frozenset(),
) -> Evidence:
    """Return the pieces of research in these folders.

    Raises
    ------
    ConfigError, DataError
        A piece is missing or cannot be judged.
    """
    steps, steps_piece = read_walk_forward(walk_forward)
    paths, paths_piece = read_monte_carlo(monte_carlo)
    whole = read_run(run)
    assets = runs_by_asset([read_run(folder) for folder in asset_runs], config)
    pieces = {"walk_forward": steps_piece, "monte_carlo": paths_piece, "run": whole.piece}
    return Evidence(
        config=config,
        code=code_hash(),
        walk_forward=steps,
        monte_carlo=paths,
        run=whole,
        asset_runs=assets,
        known=known,
        pieces=pieces | {f"run of {name}": one.piece for name, one in assets.items()},
    )


def judge(found: Evidence) -> tuple[Row, ...]:
    """Return every requirement with what was seen; all must pass."""
    return (
        *judge_walk_forward(found.walk_forward),
        *judge_monte_carlo(found.monte_carlo),
        *judge_new_assets(found.config, found.code, found.run, found.asset_runs, found.known),
        *judge_run(found.run),
        *judge_costs(found.config.costs),
        *judge_sameness(found.config, found.code, found.walk_forward, found.monte_carlo, found.run),
    )


def make_approval(
    found: Evidence, rows: tuple[Row, ...], *, operator: str, reason: str, now: datetime, valid_days: int
) -> Approval:
    """Return what is to be sealed; whether the rows pass is the caller's to look at, and looked at again by verify."""
    return Approval(
        trading_hash=trading_hash(found.config),
        configuration=trading_part(found.config),
        code_hash=found.code,
        data_hash=data_hash(found.run.data),
        data=found.run.data,
        pieces=dict(found.pieces),
        rows=rows,
        figures=_figures(found),
        notes=notes(found, now),
        operator=operator,
        reason=reason,
        approved_at=now,
        expires_at=now + timedelta(days=valid_days),
    )


def notes(found: Evidence, now: datetime) -> tuple[str, ...]:
    """Return what no rule refuses and a reader must know: age of the candles, resets by machine, the run's warnings."""
    last = max(one.last for one in found.run.metrics.data.values()) if found.run.metrics.data else None
    texts = [] if last is None else [f"candles end {last:%Y-%m-%d}, {(now - last).days} days before this approval"]
    if found.run.config.risk.operator == "simulated":
        texts.append("in the run a simulated operator opened the breakers that wait for a hand")
    return (*texts, *found.run.metrics.warnings)


def _figures(found: Evidence) -> dict[str, Any]:
    steps = found.walk_forward
    stitched = {name: getattr(steps.stitched, name) for name in ("sharpe", "max_drawdown_frac", "total_return_frac")}
    return {"stitched": stitched, "anchored": steps.anchored, "search": steps.search}
