"""How large an approved entry was made, and what bound it."""

import math

import msgspec

from configs.run import RunConfig
from research.why.history import Answer
from research.why.wording import SIZED_BY
from risk.messages import Signal
from risk.sizing import atr_scalar


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large an approved entry was made, and what bound it (D17, D18, D30); money in account currency.

    ``atr_scalar`` is None when the configuration is not known; ``halved`` while a losing streak makes trades smaller.
    """

    quantity: float
    risk: float
    risk_frac: float
    sized_by: str
    bound: str
    atr_scalar: float | None
    halved: bool


def size_of(answer: Answer, signal: Signal, config: RunConfig | None, *, halved: bool) -> Size:
    """Return the size of an approved entry."""
    ceiling = config.risk.max_atr_scalar if config is not None else None
    return Size(
        quantity=answer.quantity,
        risk=answer.risk_quote,
        risk_frac=answer.risk_quote / answer.equity if answer.equity > 0.0 else math.nan,
        sized_by=answer.sized_by,
        bound=SIZED_BY.get(answer.sized_by, answer.sized_by),
        atr_scalar=atr_scalar(signal.atr_baseline, signal.atr, ceiling) if ceiling is not None else None,
        halved=halved,
    )
