"""Read Binance kline files: .csv or .zip, header or not, milliseconds or microseconds."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import compute, csv

from catalog.candles import MINUTE_NS, Candles, FloatArray, IntArray, concat
from catalog.sources.csv_faults import first_fault, has_header, is_integer, is_number
from errors import DataError

KLINE_COLUMNS = (
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_volume",
    "count",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "ignore",
)
FUNDING_COLUMNS = ("calc_time", "funding_interval_hours", "last_funding_rate")

_SMALLEST_MS = 10**11  # 1973; anything smaller is seconds
_SMALLEST_US = 10**14  # 1973 in microseconds, the year 5138 in milliseconds
_SMALLEST_NS = 10**17
_EPOCH_RANGE = f"epoch milliseconds or microseconds ({_SMALLEST_MS} to {_SMALLEST_NS})"


@dataclass(frozen=True, slots=True)
class Funding:
    """Hold funding rates of one instrument, in file order.

    Attributes
    ----------
    ts_ns : int64, shape (n,)
        Settlement time, ns UTC, on the whole minute (the files carry some milliseconds of jitter).
    rate_frac : float64, shape (n,)
        Fraction of notional that longs pay shorts, per interval (not per 8 h, not per year).
    interval_hours : int64, shape (n,)
        Hours that the rate stands for: mostly 8, also 4, 2 and 1.
    """

    ts_ns: IntArray
    rate_frac: FloatArray
    interval_hours: IntArray


def looks_like_klines(path: Path) -> bool:
    """Return whether the first line of a .csv, or of the first .csv in a .zip, is that of Binance klines."""
    if path.suffix.lower() not in {".csv", ".zip"}:
        return False
    try:
        first = _first_line(path)
    except (OSError, DataError):
        return False
    cells = [cell.strip().strip('"') for cell in first.split(",")]
    if len(cells) != len(KLINE_COLUMNS):
        return False
    if cells[0].lower().replace(" ", "_") == KLINE_COLUMNS[0]:
        return True
    return _is_epoch(cells[0]) and all(is_number(cell) for cell in cells[1:6])


def read_klines(path: Path) -> Candles:
    """Return the candles of a kline file, all .csv of a .zip one after the other in order of their names.

    Parameters
    ----------
    path : Path
        ``.csv`` or ``.zip``: 12 columns (`KLINE_COLUMNS`), with or without a header line. The unit of ``open_time``
        is told per row by its magnitude: spot files are in microseconds since 2025, all others in milliseconds.

    Returns
    -------
    Candles
        In file order, uncleaned; an empty price or volume is NaN.

    Raises
    ------
    DataError
        Not a zip, no .csv in it, wrong number of columns, a cell that is not a number, an ``open_time`` out of range.
    """
    return concat([_klines(data, where) for where, data in _members(path)])


def read_funding(path: Path) -> Funding:
    """Return the rates of a Binance ``fundingRate`` archive file (.csv or .zip), see `read_klines` for what fails."""
    parts = [
        _table(data, where, FUNDING_COLUMNS, FUNDING_COLUMNS, FUNDING_COLUMNS[:2]) for where, data in _members(path)
    ]
    times = [_epoch_ns(table, where, "calc_time") for table, where in parts]
    return Funding(
        ts_ns=np.concatenate(times) // MINUTE_NS * MINUTE_NS,
        rate_frac=np.concatenate([_floats(table, "last_funding_rate") for table, _ in parts]),
        interval_hours=np.concatenate([_ints(table, where, "funding_interval_hours") for table, where in parts]),
    )


def _is_epoch(cell: str) -> bool:
    return is_integer(cell) and _SMALLEST_MS <= int(cell) < _SMALLEST_NS


def _klines(data: bytes, where: str) -> Candles:
    table, _ = _table(data, where, KLINE_COLUMNS, KLINE_COLUMNS[:6], KLINE_COLUMNS[:1])
    return Candles(_epoch_ns(table, where, "open_time"), *(_floats(table, name) for name in KLINE_COLUMNS[1:6]))


def _table(
    data: bytes, where: str, columns: Sequence[str], wanted: Sequence[str], integers: Sequence[str]
) -> tuple[pa.Table, str]:
    read = csv.ReadOptions(column_names=columns, skip_rows=int(has_header(data)))
    types = {name: pa.int64() if name in integers else pa.float64() for name in wanted}
    convert = csv.ConvertOptions(include_columns=list(wanted), column_types=types, null_values=[""])
    try:
        return csv.read_csv(pa.BufferReader(data), read_options=read, convert_options=convert), where
    except pa.ArrowInvalid as error:
        raise DataError(first_fault(data, where, columns, types) or f"{where}: {error}") from error


def _epoch_ns(table: pa.Table, where: str, name: str) -> IntArray:
    raw = _ints(table, where, name)
    wrong = np.flatnonzero((raw < _SMALLEST_MS) | (raw >= _SMALLEST_NS))
    if wrong.size:
        raise DataError(f"{where}: {name} of data row {wrong[0] + 1} must be {_EPOCH_RANGE}, was {raw[wrong[0]]}")
    return raw * np.where(raw >= _SMALLEST_US, 1_000, 1_000_000)


def _ints(table: pa.Table, where: str, name: str) -> IntArray:
    column = table.column(name)
    if column.null_count:
        row = column.is_null().to_pylist().index(True) + 1
        raise DataError(f"{where}: {name} of data row {row} is empty, must be an integer")
    return np.from_dlpack(column.combine_chunks()).astype(np.int64, copy=False)


def _floats(table: pa.Table, name: str) -> FloatArray:
    column = table.column(name)
    if column.null_count:
        column = compute.fill_null(column, np.nan)
    # from_dlpack, because to_numpy imports pandas: 1.3 s at start-up
    return np.from_dlpack(column.combine_chunks()).astype(np.float64, copy=False)


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.suffix.lower() != ".zip":
        yield _read_file(path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for name in _csv_names(archive, path):
                yield f"{path}:{name}", archive.read(name)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError) as error:
        raise DataError(f"{path}: not a readable zip ({error})") from error


def _read_file(path: Path) -> tuple[str, bytes]:
    try:
        return str(path), path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error


def _csv_names(archive: zipfile.ZipFile, path: Path) -> list[str]:
    names = sorted(n for n in archive.namelist() if n.lower().endswith(".csv") and not n.startswith("__MACOSX"))
    if not names:
        raise DataError(f"{path}: must hold at least one .csv, holds {archive.namelist() or 'nothing'}")
    return names


def _first_line(path: Path) -> str:
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive, archive.open(_csv_names(archive, path)[0]) as member:
                head = member.readline(4096)
        else:
            with path.open("rb") as file:
                head = file.readline(4096)
    except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise DataError(f"{path}: not a readable zip ({error})") from error
    return head.decode("utf-8-sig", errors="replace").strip()
