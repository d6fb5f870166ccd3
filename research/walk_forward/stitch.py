"""The out-of-sample parts put together: what a trader would have had who chose anew in every window."""

from collections.abc import Sequence
from datetime import date

import msgspec
import numpy as np
import numpy.typing as npt

from research import equity_curve, metrics
from research.kpi import json_number

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Daily returns of one window out of sample; ``days`` count from 1970-01-01."""

    start: date
    days: Ints
    returns: Floats


class Stitched(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it; equity begins at 1."""

    days: Ints
    returns: Floats
    equity: Floats
    windows: Ints  # of which piece each day is

    def figures(self, annual_days: int) -> dict[str, float | int | None]:
        """Return Sharpe ratio, drawdown and return of the whole."""
        curve = np.r_[1.0, self.equity]
        return {
            "sharpe": json_number(metrics.sharpe(self.returns, annual_days)),
            "max_drawdown_frac": json_number(equity_curve.max_drawdown_frac(curve)),
            "total_return_frac": json_number(metrics.total_return_frac(1.0, float(curve[-1]))),
            "days": len(self.days),
        }


def stitch(pieces: Sequence[Piece]) -> Stitched:
    """Return every out-of-sample day once: each window until the next one begins, the last one to its end.

    Notes
    -----
    Out-of-sample spans overlap when the step is shorter than they are; the newest choice counts. Each window starts
    flat with the starting balance, so that returns are chained, not money; what it holds when the next begins is left
    at its mark and pays no exit.
    """
    days, returns, windows = [], [], []
    for n, piece in enumerate(pieces):
        end = (pieces[n + 1].start - date(1970, 1, 1)).days if n + 1 < len(pieces) else 2**62
        inside = piece.days < end
        days.append(piece.days[inside])
        returns.append(piece.returns[inside])
        windows.append(np.full(int(inside.sum()), n))
    joined = np.concatenate(returns)
    return Stitched(
        days=np.concatenate(days), returns=joined, equity=np.cumprod(1.0 + joined), windows=np.concatenate(windows)
    )
