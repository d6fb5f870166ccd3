"""What a Monte Carlo says of ruin, read from ``monte_carlo.json`` (Spec 8.3, D37, D38)."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from research.approval.read import read_json
from research.approval.record import Hash12, Piece, Row, Sha256

FILE = "monte_carlo.json"
RUIN_LIMIT_FRAC = 0.02  # Spec 8.3
MIN_PATHS = 10_000  # Spec 8.3
JUDGED = ("resample", "block")  # D37: reordering keeps the end, ruin is read from the other two

Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class Ruin(msgspec.Struct, frozen=True, kw_only=True):
    """Share of paths that fell under half of the start, with its confidence interval."""

    frac: Share
    ci_low: Share
    ci_high: Share

    def __post_init__(self) -> None:
        """Refuse an interval that does not hold its share."""
        if not self.ci_low <= self.frac <= self.ci_high:
            raise ValueError(f"ruin must be ci_low <= frac <= ci_high: {self.ci_low}, {self.frac}, {self.ci_high}")


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """One way of making paths."""

    ruin: Ruin


class Methods(msgspec.Struct, frozen=True, kw_only=True):
    """The three ways of D37."""

    reorder: Method
    resample: Method
    block: Method


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the Monte Carlo itself says."""

    passed: bool
    reasons: tuple[str, ...] = ()


class MonteCarlo(msgspec.Struct, frozen=True, kw_only=True):
    """``monte_carlo.json``. ``trades_sha256`` (of ``trades.parquet``) ties it to one run of one code."""

    config_hash: Hash12
    data: dict[str, Sha256]
    methods: Methods
    paths: Annotated[int, Meta(ge=1)]
    trades_sha256: Sha256 | None = None
    trading_hash: Hash12 | None = None
    code_hash: Sha256 | None = None
    verdict: Verdict | None = None


def read_monte_carlo(folder: Path) -> tuple[MonteCarlo, Piece]:
    """Return a Monte Carlo and what names its file; raise DataError when it cannot be judged."""
    found, sha256 = read_json(folder / FILE, MonteCarlo)
    return found, Piece(path=str(folder / FILE), sha256=sha256, config_hash=found.config_hash)


def judge_monte_carlo(found: MonteCarlo) -> list[Row]:
    """Return the rows of Spec 8.3: ruin at its upper confidence limit, enough paths, its own verdict if it has one."""
    rows = [_ruin(name, getattr(found.methods, name).ruin) for name in JUDGED]
    rows.append(
        Row(
            requirement="Monte Carlo: paths",
            observed=f"{found.paths:,}",
            limit=f">= {MIN_PATHS:,}",
            passed=found.paths >= MIN_PATHS,
            value=float(found.paths),
            bound=float(MIN_PATHS),
        )
    )
    if found.verdict is not None:
        passed = found.verdict.passed
        shown = "passed" if passed else "; ".join(found.verdict.reasons) or "not passed"
        rows.append(Row(requirement="Monte Carlo: its own verdict", observed=shown, limit="passed", passed=passed))
    return rows


def _ruin(name: str, ruin: Ruin) -> Row:
    return Row(
        requirement=f"ruin probability, {name}",
        observed=f"{ruin.frac:.2%}, at most {ruin.ci_high:.3%}",
        limit=f"upper confidence limit < {RUIN_LIMIT_FRAC:.0%}",
        passed=ruin.ci_high < RUIN_LIMIT_FRAC,
        value=ruin.ci_high,
        bound=RUIN_LIMIT_FRAC,
    )
