"""Stage the files of one load: the engine's bars and instruments, and what we keep beside them."""

from pathlib import Path

from catalog import layout
from catalog.bars import read_bars, write_bars
from catalog.candles import INTERVAL_NS, Candles, IntArray
from catalog.commit import Transaction
from catalog.definition import Definition
from catalog.gaps import Continuity
from catalog.resolve import held_definition


def stage_series(work: Transaction, series: layout.Series, continuity: Continuity, old: layout.Series | None) -> None:
    """Stage bars, gaps, fillers and the description of one series; complete ``series`` with span, rows and hash."""
    step = INTERVAL_NS[series.interval]
    candles = continuity.candles
    series.rows = len(candles)
    series.first_close_ns = int(candles.ts_open_ns[0]) + step
    series.last_close_ns = int(candles.ts_open_ns[-1]) + step
    series.gaps, series.filled = len(continuity.gaps_ns), len(continuity.filled_ns)
    _stage_bars(work, series, candles)
    gaps = {"start_ns": continuity.gaps_ns[:, 0], "end_ns": continuity.gaps_ns[:, 1]}
    layout.write_columns(work.create(series.ours("gaps.parquet")), gaps)
    layout.write_columns(work.create(series.ours("filled.parquet")), {"ts_open_ns": continuity.filled_ns})
    work.write_text(series.ours("series.json"), layout.encode(series))
    if old is not None:
        work.delete(old.bars_file)


def stage_definition(work: Transaction, root: Path, instrument_id: str, definition: Definition) -> None:
    """Stage the engine's instrument file and our definition, and rewrite bars whose decimals no longer fit."""
    held = held_definition(root, instrument_id)
    if definition == held:
        return
    work.write_text(layout.instrument_file(instrument_id, "definition.json"), layout.encode(definition))
    fresh = _stage_instrument(work, instrument_id, definition)
    for stale in root.glob(f"data/*/{instrument_id}/*.parquet"):
        relative = stale.relative_to(root).as_posix()
        if relative not in fresh and stale.parts[-3] not in layout.RECORDED:
            work.delete(relative)


def restage_others(work: Transaction, root: Path, instrument_id: str, interval: str, definition: Definition) -> None:
    """Rewrite the other intervals of an instrument with its new decimals."""
    folder = root / layout.OURS / instrument_id
    for path in sorted(folder.glob("*/series.json")):
        series: layout.Series = layout.decode(path, layout.Series)
        decimals = definition.precision, definition.size_precision
        if series.interval == interval or (series.price_precision, series.size_precision) == decimals:
            continue
        candles = read_bars(root / series.bars_file, series.interval, None, None)
        series.price_precision, series.size_precision = decimals
        _stage_bars(work, series, candles)
        work.write_text(series.ours("series.json"), layout.encode(series))


def stage_funding(work: Transaction, instrument_id: str, ts_ns: IntArray, rate: object) -> None:
    """Stage the funding rates of an instrument."""
    path = work.create(layout.instrument_file(instrument_id, "funding.parquet"))
    layout.write_columns(path, {"ts_ns": ts_ns, "rate": rate})  # type: ignore[dict-item]


def _stage_bars(work: Transaction, series: layout.Series, candles: Candles) -> None:
    path = work.create(series.bars_file)
    series.sha256 = write_bars(
        path,
        candles,
        series.instrument_id,
        series.interval,
        price_precision=series.price_precision,
        size_precision=series.size_precision,
    )


def _stage_instrument(work: Transaction, instrument_id: str, definition: Definition) -> list[str]:
    from nautilus_trader.persistence import ParquetDataCatalog  # noqa: PLC0415  (a moment: only when it changes)

    from catalog.instruments import build  # noqa: PLC0415

    written: list[str] = ParquetDataCatalog(str(work.staging)).write_instruments([build(instrument_id, definition)])
    for relative in written:
        work.adopt(relative)
    return written
