"""What a walk-forward says, read from ``walk_forward.json`` and judged window by window (D39)."""

from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from research.approval.read import read_json
from research.approval.record import Hash12, Piece, Row, Sha256
from research.overfitting.too_good import too_good

FILE = "walk_forward.json"
MIN_RATIO_FRAC = 0.7  # D39
IN_DAYS, OUT_DAYS = 36 * 30, 6 * 30  # D39: 36 and 6 months; no calendar makes them shorter


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the search's fast simulation was proven equal to the engine with the code it ran on."""

    fresh: bool
    hash: str


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One step: parameters chosen in the sample, tried on what came after."""

    is_start: date
    is_end: date
    oos_start: date
    oos_end: date
    is_sharpe: float | None
    oos_sharpe: float | None
    ratio: float | None
    parameters: dict[str, Any]

    def __post_init__(self) -> None:
        """Refuse a window that tries parameters on days they were chosen on."""
        if not self.is_start < self.is_end <= self.oos_start < self.oos_end:
            raise ValueError(
                f"window must go is_start < is_end <= oos_start < oos_end, was {self.is_start}, {self.is_end}, "
                f"{self.oos_start}, {self.oos_end}"
            )

    @property
    def accepted(self) -> bool:
        """Return whether enough of the Sharpe ratio was left; computed here, whatever ``ratio`` says."""
        return (
            self.is_sharpe is not None
            and self.oos_sharpe is not None
            and self.is_sharpe > 0.0
            and self.oos_sharpe >= MIN_RATIO_FRAC * self.is_sharpe
        )

    @property
    def whole(self) -> bool:
        """Return whether it is as long as D39 asks."""
        return (self.is_end - self.is_start).days >= IN_DAYS and (self.oos_end - self.oos_start).days >= OUT_DAYS


class Stitched(msgspec.Struct, frozen=True, kw_only=True):
    """The out-of-sample parts put together."""

    sharpe: float | None
    max_drawdown_frac: float | None
    total_return_frac: float | None


class WalkForward(msgspec.Struct, frozen=True, kw_only=True):
    """``walk_forward.json``; ``anchored`` and ``search`` are kept, not judged."""

    kind: Literal["walk_forward"]
    trading_hash: Hash12
    config_hash: Hash12
    data: dict[str, Sha256]
    code_hash: Sha256
    certificate: Certificate
    short: bool
    accepted: bool
    windows: tuple[Window, ...]
    anchored: Any = None
    stitched: Stitched
    search: Any = None


def read_walk_forward(folder: Path) -> tuple[WalkForward, Piece]:
    """Return a walk-forward and what names its file; raise DataError when it cannot be judged."""
    found, sha256 = read_json(folder / FILE, WalkForward)
    return found, Piece(path=str(folder / FILE), sha256=sha256, config_hash=found.config_hash)


def judge_walk_forward(found: WalkForward) -> list[Row]:
    """Return the rows of D39: every window, at full length, with a certificate that holds."""
    return [_every_window(found), _believable(found), _verdict(found), _length(found), _certificate(found)]


def _every_window(found: WalkForward) -> Row:
    bad = [window for window in found.windows if not window.accepted]
    kept = [share for window in found.windows if (share := _kept_frac(window)) is not None]
    shown = f"{len(found.windows) - len(bad)} of {len(found.windows)} windows"
    if bad:
        worst = min(bad, key=lambda window: (window.oos_sharpe is not None, window.oos_sharpe or 0.0))
        shown += f"; {worst.oos_start}: in sample {_text(worst.is_sharpe)}, out {_text(worst.oos_sharpe)}"
    return Row(
        requirement="walk-forward: Sharpe kept out of sample",
        observed=shown,
        limit=f">= {MIN_RATIO_FRAC:.0%} of the in-sample one, that one > 0, in every window",
        passed=bool(found.windows) and not bad,
        value=min(kept, default=None) if len(kept) == len(found.windows) else None,
        bound=MIN_RATIO_FRAC,
    )


def _believable(found: WalkForward) -> Row:
    suspects = list(too_good(found.windows, found.stitched.sharpe))
    return Row(
        requirement="walk-forward: not too good to be true",
        observed=suspects[0] if suspects else "believable",
        limit="Sharpe <= 2.5 + 2 / sqrt(years)",
        passed=not suspects,
    )


def _verdict(found: WalkForward) -> Row:
    shown = "accepted" if found.accepted else "not accepted"
    return Row(requirement="walk-forward: its own verdict", observed=shown, limit="accepted", passed=found.accepted)


def _length(found: WalkForward) -> Row:
    cut = [str(window.oos_start) for window in found.windows if not window.whole]
    shown = "marked short" if found.short else f"too short: {', '.join(cut)}" if cut else "full length"
    limit = "36 months in, 6 months out, not short"
    passed = not found.short and not cut and bool(found.windows)
    return Row(requirement="walk-forward: length", observed=shown, limit=limit, passed=passed)


def _certificate(found: WalkForward) -> Row:
    fresh = found.certificate.fresh and found.certificate.hash != ""
    shown = "fresh" if fresh else "not fresh" if found.certificate.hash else "none"
    return Row(requirement="walk-forward: parity certificate", observed=shown, limit="fresh", passed=fresh)


def _kept_frac(window: Window) -> float | None:
    if window.is_sharpe is None or window.oos_sharpe is None or window.is_sharpe <= 0.0:
        return None
    return window.oos_sharpe / window.is_sharpe


def _text(sharpe: float | None) -> str:
    return "undefined" if sharpe is None else f"{sharpe:.3f}"
