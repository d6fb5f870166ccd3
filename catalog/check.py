"""Verify a catalog: readable, sorted, possible, consistent, the bytes that were written."""

from pathlib import Path

import numpy as np

from catalog import layout
from catalog.bars import content_sha256, read_bars
from catalog.candles import INTERVAL_NS, Candles
from catalog.clean import possible
from catalog.gaps import close_gaps
from catalog.merge import least_spacing_ns
from catalog.schedule import build_schedule
from catalog.store import Store
from errors import BotError

RELOAD = "load its sources again into a new catalog"


def find_faults(store: Store) -> list[str]:
    """Return one line per fault: where, what, and how to mend it; empty when all is well."""
    faults: list[str] = []
    with store.reading():
        known = store.instrument_ids()
        folders = sorted((store.path / layout.OURS).glob("*/"))
        faults += [f"{folder}: no definition.json; {RELOAD}" for folder in folders if folder.name not in known]
        for instrument_id in known:
            faults += _instrument_faults(store, instrument_id)
        faults += _strangers(store)
    return faults


def _instrument_faults(store: Store, instrument_id: str) -> list[str]:
    try:
        definition = store.definition(instrument_id)
        found = _engine_instrument(store.path, instrument_id)
        intervals = store.intervals(instrument_id)
    except (BotError, KeyError) as error:
        return [f"{instrument_id}: {error}"]
    faults = [] if found else [f"{store.path}/data: the engine finds no instrument {instrument_id}; {RELOAD}"]
    for interval in intervals:
        try:
            series = store.series(instrument_id, interval)
            faults += [f"{instrument_id} {interval}: {fault}" for fault in _series_faults(store.path, series)]
        except BotError as error:
            faults.append(f"{instrument_id} {interval}: {error}")
            continue
        if (series.price_precision, series.size_precision) != (definition.precision, definition.size_precision):
            faults.append(f"{instrument_id} {interval}: its decimals are not those of the instrument; load it again")
    return faults


def _engine_instrument(root: Path, instrument_id: str) -> bool:
    from nautilus_trader.persistence import ParquetDataCatalog  # noqa: PLC0415

    return bool(ParquetDataCatalog(str(root)).instruments([instrument_id]))


def _series_faults(root: Path, series: layout.Series) -> list[str]:
    path = root / series.bars_file
    if not path.exists():
        return [f"{path} is missing; {RELOAD}"]
    candles = read_bars(path, series.interval, None, None)
    faults = [*_row_faults(candles, series), *_gap_faults(root, candles, series)]
    decimals = series.price_precision, series.size_precision
    if content_sha256(candles, series.interval, *decimals) != series.sha256:
        faults.append(f"{path} is not what was written (sha256 differs); {RELOAD}")
    others = [other.name for other in path.parent.iterdir() if other != path]
    if others:
        faults.append(f"{path.parent} holds files that no load wrote: {', '.join(others)}; remove them")
    return faults


def _row_faults(candles: Candles, series: layout.Series) -> list[str]:
    faults = []
    if len(candles) != series.rows:
        faults.append(f"{len(candles):,} rows, {series.rows:,} were written; {RELOAD}")
    if len(candles) and (np.diff(candles.ts_open_ns) < least_spacing_ns(series.interval)).any():
        faults.append(f"stamps are not sorted, unique and {series.interval} apart; {RELOAD}")
    bad = int((~possible(candles)).sum())
    if bad:
        faults.append(f"{bad:,} impossible candles (High < Low, Open or Close outside, price <= 0); {RELOAD}")
    return faults


def _gap_faults(root: Path, candles: Candles, series: layout.Series) -> list[str]:
    """Compare the recorded gaps and fillers with those that the candles show."""
    if len(candles) == 0:
        return [f"no candle; {RELOAD}"]
    faults = []
    step = INTERVAL_NS[series.interval]
    schedule = build_schedule(series.calendar, int(candles.ts_open_ns[0]), int(candles.ts_open_ns[-1]) + step)
    shown = close_gaps(candles, series.interval, schedule)
    if len(shown.filled_ns) or not np.array_equal(shown.gaps_ns, layout.read_gaps(root, series)):
        faults.append(f"the recorded gaps are not those between the candles; {RELOAD}")
    filled = layout.read_filled(root, series)
    flat = candles.take(np.isin(candles.ts_open_ns, filled))
    if len(flat) != len(filled) or flat.volume.any():
        faults.append(f"the recorded filled candles are not in the data; {RELOAD}")
    return faults


def _strangers(store: Store) -> list[str]:
    """Return bar folders that belong to no series: written by something else than a load."""
    ours = {
        Path(store.series(name, interval).bars_file).parent.name
        for name in store.instrument_ids()
        for interval in store.intervals(name)
    }
    folders = {path.name for path in (store.path / "data" / "bars").glob("*/") if any(path.iterdir())}
    return [
        f"{store.path}/data/bars/{name}: no load wrote it; remove it or load it with this tool"
        for name in sorted(folders - ours)
    ]
