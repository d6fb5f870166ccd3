"""Funding rates of perpetuals in the catalog."""

from dataclasses import dataclass

import numpy as np

from catalog import layout
from catalog.candles import Candles, FloatArray, IntArray
from catalog.commit import transaction, writing
from catalog.definition import Definition
from catalog.infer import describe, infer, split_id
from catalog.load import Terms
from catalog.publish import stage_definition, stage_funding
from catalog.resolve import known_definition
from catalog.store import Store
from errors import DataError

type Rates = tuple[IntArray, FloatArray]


@dataclass(frozen=True, slots=True)
class FundingReport:
    """Count what a load of funding rates did.

    Attributes
    ----------
    source, sha256 : str
        Where the rates came from.
    rows_in, rows_new, conflicts, rows_out : int
        Rows given, unknown stamps among them, known stamps with another rate, rows in the catalog now.
    warning : str
        What was inferred; empty when nothing was.
    """

    source: str
    sha256: str
    rows_in: int
    rows_new: int
    conflicts: int
    rows_out: int
    warning: str = ""


def load_funding(
    store: Store,
    instrument_id: str,
    ts_ns: IntArray,
    rate: FloatArray,
    *,
    source: str,
    sha256: str,
    terms: Terms = Terms(),  # noqa: B008  (frozen)
) -> FundingReport:
    """Merge funding rates into the catalog with one commit; the held rate wins unless ``terms.replace``.

    Parameters
    ----------
    ts_ns : int64, shape (n,)
        Settlement times, nanoseconds UTC, any order.
    rate : float64, shape (n,)
        Fraction of notional that longs pay shorts, per period; rows that are not finite are dropped.

    Raises
    ------
    DataError
        No usable row, or the instrument is no perpetual.
    """
    split_id(instrument_id)
    usable = np.isfinite(rate)
    if not usable.any():
        raise DataError(f"{source}: no usable funding rate among {len(rate)} rows")
    fresh_ts, first = np.unique(ts_ns[usable], return_index=True)
    fresh = fresh_ts, rate[usable][first]
    with writing(store.path):
        definition, warning = _definition(store, instrument_id, terms.definition)
        path = store.path / layout.instrument_file(instrument_id, "funding.parquet")
        held_ts, held_rate = layout.read_columns(path, ("ts_ns", "rate"))
        held = held_ts, held_rate.astype(np.float64)
        new, conflicts = _compare(held, fresh)
        merged = _merge(fresh, held) if terms.replace else _merge(held, fresh)
        with transaction(store.path) as work:
            stage_definition(work, store.path, instrument_id, definition)
            if new or (conflicts and terms.replace):
                stage_funding(work, instrument_id, *merged)
            if work.staged:
                work.commit()
    return FundingReport(source, sha256, len(rate), new, conflicts, len(merged[0]), warning)


def _compare(held: Rates, fresh: Rates) -> tuple[int, int]:
    """Return how many fresh stamps are unknown, and how many known ones have another rate."""
    known = np.isin(fresh[0], held[0])
    at = np.searchsorted(held[0], fresh[0][known])
    return int((~known).sum()), int((held[1][at] != fresh[1][known]).sum())


def _merge(winner: Rates, other: Rates) -> Rates:
    ts_ns, index = np.unique(np.concatenate([winner[0], other[0]]), return_index=True)
    return ts_ns, np.concatenate([winner[1], other[1]])[index]


def _definition(store: Store, instrument_id: str, given: Definition | None) -> tuple[Definition, str]:
    known = known_definition(store.path, instrument_id, given)
    warning = ""
    if known is None:
        nothing = np.empty(0)
        known = infer(instrument_id, Candles(np.empty(0, np.int64), *[nothing] * 5))
        warning = describe(instrument_id, known)
    if known.kind != "perpetual":
        raise DataError(
            f"{instrument_id}: funding rates belong to perpetuals, this is of kind {known.kind}; add -PERP?"
        )
    return known, warning
