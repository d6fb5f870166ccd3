"""Read candles and funding rates from Parquet and CSV files of any shape that names its columns."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.arrow import to_numpy
from catalog.candles import INTERVAL_NS, Candles, FloatArray, IntArray
from catalog.sources.stamps import NO_STAMP, to_utc_ns
from errors import DataError, close_match

STAMP_NAMES = ("ts", "timestamp", "open_time", "open time", "datetime", "time", "date")
PRICES = ("open", "high", "low", "close")
VOLUME_NAMES = ("volume", "vol", "tick_volume", "base_volume")
RATE_NAMES = ("funding_rate", "fundingrate", "rate", "last_funding_rate")
NEEDED = f"needed: one of {', '.join(STAMP_NAMES)}; open, high, low, close; volume if there is one"
SUFFIXES = (".parquet", ".csv", ".zip", ".gz", ".txt")
HASH_BLOCK = 1 << 20
type Table = dict[str, Any]


@dataclass(slots=True)
class FileRows:
    """Hold what a file gave: candles in file order, rows whose stamp could not be read, and remarks."""

    candles: Candles
    unparsable: int
    notes: list[str] = field(default_factory=list)


def expand(paths: list[str]) -> list[Path]:
    """Return the files that paths, folders and patterns name, sorted within each, without doubles.

    Raises
    ------
    DataError
        A path does not exist or holds no data file; names close matches.
    """
    found: dict[Path, None] = {}
    for text in paths:
        path = Path(text).expanduser()
        matches = sorted(_matches(path))
        if not matches:
            raise DataError(_nothing_at(path))
        found.update(dict.fromkeys(matches))
    return list(found)


def _matches(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        return [entry for entry in path.iterdir() if entry.suffix.lower() in SUFFIXES and entry.is_file()]
    if any(char in path.name for char in "*?["):
        return [entry for entry in path.parent.glob(path.name) if entry.is_file()]
    return []


def _nothing_at(path: Path) -> str:
    if path.is_dir():
        return f"{path}: no data file in this folder (looked for {', '.join(SUFFIXES)})"
    siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    where = "" if path.parent.is_dir() else f"; the folder {path.parent} does not exist either"
    return f"{path}: no such file{close_match(path.name, siblings)}{where}"


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def read_candles(path: Path, timezone: str | None = None) -> FileRows:
    """Return the candles of a Parquet file, a CSV file, or a Binance kline CSV or zip.

    Parameters
    ----------
    path : Path
        File.
    timezone : str, optional
        Zone of naive stamps; UTC when None.

    Raises
    ------
    DataError
        The file cannot be read or lacks columns; names those found and those needed.
    """
    if path.suffix.lower() != ".parquet":
        from catalog.sources.binance_csv import looks_like_klines, read_klines  # noqa: PLC0415  (only for CSV)

        if looks_like_klines(path):
            return FileRows(read_klines(path), 0, ["Binance kline format"])
    table = _read_table(path)
    stamps, notes = _stamps(table, path, timezone)
    prices = [_numbers(table[_column(table, (name,), path)]) for name in PRICES]
    volume = _find(table, VOLUME_NAMES)
    if volume is None:
        notes.append("no volume column: volume is stored as 0")
    size = np.zeros(len(stamps)) if volume is None else _numbers(table[volume])
    readable = stamps != NO_STAMP
    rows = Candles(stamps, prices[0], prices[1], prices[2], prices[3], size)
    lost = int(np.count_nonzero(~readable))
    return FileRows(rows.take(readable) if lost else rows, lost, notes)


def read_funding(path: Path, timezone: str | None = None) -> tuple[IntArray, FloatArray]:
    """Return funding stamps (nanoseconds UTC, sorted, first of a double) and rates (fraction per period).

    Raises
    ------
    DataError
        The file lacks columns or holds no usable row.
    """
    table = _read_table(path)
    stamp = _find(table, (*STAMP_NAMES, "calc_time", "fundingtime"))
    rate_name = _find(table, RATE_NAMES)
    if stamp is None or rate_name is None:
        raise DataError(f"{path}: columns are {_names(table)}; needed: a stamp (ts) and funding_rate")
    ts_ns, _ = _to_utc_ns(table[stamp], timezone)
    rate = _numbers(table[rate_name])
    usable = (ts_ns != NO_STAMP) & np.isfinite(rate)
    if not usable.any():
        raise DataError(f"{path}: no usable funding rate among {len(rate)} rows")
    ts_ns, first = np.unique(ts_ns[usable], return_index=True)
    return ts_ns, rate[usable][first]


def infer_interval(candles: Candles, path: Path) -> str:
    """Return the interval that the median spacing of the stamps shows.

    Raises
    ------
    DataError
        The spacing is none of the intervals that the catalog holds.
    """
    spacing = median_spacing_ns(candles)
    for name, step in INTERVAL_NS.items():
        if step == spacing:
            return name
    allowed = ", ".join(INTERVAL_NS)
    raise DataError(
        f"{path}: cannot tell the interval (median spacing {spacing / 6e10:g} min); give --interval ({allowed})"
    )


def check_spacing(candles: Candles, interval: str, path: Path) -> None:
    """Raise DataError when stamps are closer than the interval says: most rows would be dropped as off the grid."""
    spacing = median_spacing_ns(candles)
    if 0 < spacing < INTERVAL_NS[interval]:
        raise DataError(
            f"{path}: its candles are {spacing / 6e10:g} min apart (median), --interval says {interval}; "
            f"leave --interval out to have it told from the data"
        )


def median_spacing_ns(candles: Candles) -> int:
    """Return the median distance of distinct stamps in nanoseconds, 0 with fewer than two."""
    stamps = candles.ts_open_ns
    spacing = np.diff(stamps)
    if len(spacing) and not (spacing > 0).all():
        spacing = np.diff(np.unique(stamps))
    if len(spacing) == 0:
        return 0
    return int(np.partition(spacing, len(spacing) // 2)[len(spacing) // 2])


def _read_table(path: Path) -> Table:
    """Return the columns of a file by name: Arrow columns from Parquet, pandas ones from text."""
    try:
        return _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_text(path)
    except (OSError, ValueError, pa.ArrowException) as error:  # pandas' parser errors are ValueErrors
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path}: cannot be read as {path.suffix or 'a table'}: {reason}") from error


def _read_parquet(path: Path) -> Table:
    """Read only the columns that matter; a pandas index that was kept as a column counts as the stamp."""
    wanted = (*STAMP_NAMES, *PRICES, *VOLUME_NAMES, *RATE_NAMES)
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        keep = [name for name in names if name.lower() in wanted or name.startswith("__index_level")]
        if not keep:
            raise DataError(f"{path}: columns are {', '.join(names) or 'none'}; {NEEDED}")
        table = file.read(columns=keep)
    return {"ts" if name.startswith("__index_level") else name: table.column(name) for name in keep}


def _read_text(path: Path) -> Table:
    import pandas as pd  # noqa: PLC0415  (a second: not for Parquet)

    if path.stat().st_size == 0:
        raise DataError(f"{path}: is empty; {NEEDED}")
    frame = pd.read_csv(path, skipinitialspace=True, sep=_separator(path), low_memory=False)
    return {str(name): frame[name] for name in frame.columns}


def _separator(path: Path) -> str:
    """Return what separates the header's names: a comma unless there is none."""
    if path.suffix.lower() in (".zip", ".gz"):
        return ","
    with path.open(encoding="utf-8", errors="replace") as file:
        header = file.readline()
    return next((mark for mark in ",;\t|" if mark in header), ",")


def _stamps(table: Table, path: Path, timezone: str | None) -> tuple[IntArray, list[str]]:
    date, time = _find(table, ("date",)), _find(table, ("time",))
    name = _find(table, STAMP_NAMES[:5])
    if name is None and date is not None and time is not None:
        both = _pandas(table[date]).astype(str) + " " + _pandas(table[time]).astype(str)
        return to_utc_ns(both, timezone)
    return _to_utc_ns(table[_column(table, STAMP_NAMES, path)], timezone)


def _to_utc_ns(column: Any, timezone: str | None) -> tuple[IntArray, list[str]]:
    """Take the short way for Arrow stamps that need no zone; 2.6 M rows in 20 ms."""
    is_stamp = isinstance(column, pa.ChunkedArray) and pa.types.is_timestamp(column.type) and column.null_count == 0
    if is_stamp and (column.type.tz is not None or timezone is None):
        stamps: IntArray = to_numpy(column.cast(pa.timestamp("ns", tz=column.type.tz)))
        return stamps, []
    return to_utc_ns(_pandas(column), timezone)


def _pandas(column: Any) -> Any:
    return column.to_pandas() if isinstance(column, pa.ChunkedArray) else column


def _find(table: Table, names: tuple[str, ...]) -> str | None:
    by_lower = {name.strip().lower(): name for name in reversed(table)}
    return next((by_lower[name] for name in names if name in by_lower), None)


def _column(table: Table, names: tuple[str, ...], path: Path) -> str:
    found = _find(table, names)
    if found is None:
        hint = close_match(names[0], [name.lower() for name in table])
        missing = names[0] if len(names) == 1 else "with a time stamp"
        raise DataError(f"{path}: no column {missing}{hint}; columns are {_names(table)}; {NEEDED}")
    return found


def _names(table: Table) -> str:
    return ", ".join(table) or "none"


def _numbers(column: Any) -> FloatArray:
    """Return float64, NaN for what is no number."""
    is_arrow = isinstance(column, pa.ChunkedArray)
    if is_arrow and (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        fast: FloatArray = to_numpy(column if column.type == pa.float64() else column.cast(pa.float64(), safe=False))
        return fast
    import pandas as pd  # noqa: PLC0415  (text columns only)

    numbers: FloatArray = pd.to_numeric(_pandas(column), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers
