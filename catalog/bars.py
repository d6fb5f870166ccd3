"""The engine's Parquet layout for bars, written and read as columns (2.6 M rows in a few seconds).

A loop over ``Bar(...)`` objects writes 300 k rows/s; columns write several million. ``tests/engine/
test_catalog_contract.py`` pins that the engine reads back what is written here.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.arrow import to_arrow, to_numpy
from catalog.candles import INTERVAL_NS, Candles, FloatArray, IntArray
from catalog.precision import size_integers, to_integers
from errors import DataError

ENGINE_SCALE = 16
ENGINE_DECIMAL = pa.decimal128(38, ENGINE_SCALE)
ENGINE_STAMP = pa.timestamp("ns", tz="UTC")
ROW_GROUP_ROWS = 65_536
TWO_TO_64 = 2.0**64
EXACT_STEPS = 1e15
PRICES = ("open", "high", "low", "close")
BAR_SPECS = {"m": "MINUTE", "h": "HOUR", "d": "DAY"}


def bar_type_name(instrument_id: str, interval: str) -> str:
    """Return the engine's name of a bar series.

    >>> bar_type_name("SOLUSDT-PERP.BINANCE", "15m")
    'SOLUSDT-PERP.BINANCE-15-MINUTE-LAST-EXTERNAL'
    """
    return f"{instrument_id}-{interval[:-1]}-{BAR_SPECS[interval[-1]]}-LAST-EXTERNAL"


def file_name(first_close_ns: int, last_close_ns: int) -> str:
    """Return the engine's file name for a span of close stamps."""
    return f"{_file_stamp(first_close_ns)}_{_file_stamp(last_close_ns)}.parquet"


def _file_stamp(ts_ns: int) -> str:
    seconds, nanos = divmod(ts_ns, 1_000_000_000)
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%dT%H-%M-%S}-{nanos:09d}Z"


def write_bars(
    path: Path, candles: Candles, instrument_id: str, interval: str, *, price_precision: int, size_precision: int
) -> str:
    """Write candles as the engine's bars, stamped at their close; return the sha256 of the values.

    Parameters
    ----------
    path : Path
        File to create.
    candles : Candles
        Sorted, unique, clean.
    price_precision, size_precision : int
        Decimals of the instrument: the engine refuses bars with others.
    """
    schema = _schema(instrument_id, interval, price_precision, size_precision)
    digest = _new_digest(price_precision, size_precision)
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, use_dictionary=False) as writer:
        for start in range(0, len(candles), ROW_GROUP_ROWS):
            part = candles.take(slice(start, start + ROW_GROUP_ROWS))
            columns = _integer_columns(part, interval, price_precision, size_precision)
            _update(digest, columns)
            writer.write_batch(_to_batch(columns, schema, price_precision, size_precision), ROW_GROUP_ROWS)
    return str(digest.hexdigest())


def content_sha256(candles: Candles, interval: str, price_precision: int, size_precision: int) -> str:
    """Return the sha256 that ``write_bars`` gives for the same candles."""
    digest = _new_digest(price_precision, size_precision)
    for start in range(0, len(candles), ROW_GROUP_ROWS):
        part = candles.take(slice(start, start + ROW_GROUP_ROWS))
        _update(digest, _integer_columns(part, interval, price_precision, size_precision))
    return str(digest.hexdigest())


def _new_digest(price_precision: int, size_precision: int) -> Any:
    return hashlib.sha256(f"{price_precision} {size_precision}".encode())


def _update(digest: Any, columns: list[IntArray]) -> None:
    for column in columns:
        digest.update(column.tobytes())


def _integer_columns(part: Candles, interval: str, price_precision: int, size_precision: int) -> list[IntArray]:
    close_ns = part.ts_open_ns + INTERVAL_NS[interval]
    prices = [to_integers(getattr(part, name), price_precision) for name in PRICES]
    return [close_ns, *prices, size_integers(part.volume, size_precision)]


def _schema(instrument_id: str, interval: str, price_precision: int, size_precision: int) -> Any:
    fields = [pa.field(name, ENGINE_DECIMAL, nullable=False) for name in (*PRICES, "volume")]
    fields += [pa.field(name, ENGINE_STAMP, nullable=False) for name in ("ts_event", "ts_init")]
    metadata = {
        "bar_type": bar_type_name(instrument_id, interval),
        "instrument_id": instrument_id,
        "price_precision": str(price_precision),
        "size_precision": str(size_precision),
        "type_name": "Bar",
    }
    return pa.schema(fields, metadata=metadata)


def bar_batch(candles: Candles, instrument_id: str, interval: str, price_precision: int, size_precision: int) -> Any:
    """Return candles as one Arrow batch in the engine's layout of bars, stamped at their close."""
    schema = _schema(instrument_id, interval, price_precision, size_precision)
    columns = _integer_columns(candles, interval, price_precision, size_precision)
    return _to_batch(columns, schema, price_precision, size_precision)


def quote_batch(
    ts_ns: IntArray, price: FloatArray, size: float, instrument_id: str, price_precision: int, size_precision: int
) -> Any:
    """Return one price series as quotes without a spread, one Arrow batch in the engine's layout."""
    names = ("bid_price", "ask_price", "bid_size", "ask_size")
    fields = [pa.field(name, ENGINE_DECIMAL, nullable=False) for name in names]
    fields += [pa.field(name, ENGINE_STAMP, nullable=False) for name in ("ts_event", "ts_init")]
    metadata = {
        "instrument_id": instrument_id,
        "price_precision": str(price_precision),
        "size_precision": str(size_precision),
        "type_name": "QuoteTick",
    }
    prices = to_decimal(to_integers(price, price_precision), price_precision)
    sizes = to_decimal(size_integers(np.full(len(price), size), size_precision), size_precision)
    stamps = to_arrow(ts_ns, ENGINE_STAMP)
    return pa.record_batch([prices, prices, sizes, sizes, stamps, stamps], schema=pa.schema(fields, metadata=metadata))


def _to_batch(columns: list[IntArray], schema: Any, price_precision: int, size_precision: int) -> Any:
    close_ns, *prices, volume = columns
    stamps = to_arrow(close_ns, ENGINE_STAMP)
    arrays = [to_decimal(column, price_precision) for column in prices]
    arrays += [to_decimal(volume, size_precision), stamps, stamps]
    return pa.record_batch(arrays, schema=schema)


def to_decimal(integers: IntArray, decimals: int) -> Any:
    """Return an Arrow decimal column from whole multiples of ``10**-decimals``."""
    words = np.empty((len(integers), 2), np.int64)
    words[:, 0] = integers
    words[:, 1] = integers >> 63
    narrow = pa.Array.from_buffers(pa.decimal128(38, decimals), len(integers), [None, pa.py_buffer(words)])
    return narrow.cast(ENGINE_DECIMAL, safe=False)


def read_bars(path: Path, interval: str, start_ns: int | None, end_ns: int | None) -> Candles:
    """Return candles whose close stamp is in ``(start_ns, end_ns]``, row group by row group.

    Raises
    ------
    DataError
        The file is missing or is not a Parquet file of bars.
    """
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            return _read_groups(file, interval, start_ns, end_ns)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise DataError(f"{path}: not a readable file of bars ({error}); load it again") from error


def _read_groups(file: Any, interval: str, start_ns: int | None, end_ns: int | None) -> Candles:
    metadata = file.schema_arrow.metadata
    precisions = int(metadata[b"price_precision"]), int(metadata[b"size_precision"])
    out = _empty(file.metadata.num_rows)
    at = 0
    for table in _groups_in_span(file, start_ns, end_ns):
        for batch in table.to_batches():
            at = _copy(batch, out, at, precisions)
    close_ns = out[0][:at]
    low = 0 if start_ns is None else int(np.searchsorted(close_ns, start_ns, side="right"))
    high = at if end_ns is None else int(np.searchsorted(close_ns, end_ns, side="right"))
    close_ns -= INTERVAL_NS[interval]
    return Candles(close_ns[low:high], *(column[low:high] for column in out[1]))


def _empty(rows: int) -> tuple[IntArray, list[FloatArray]]:
    return np.empty(rows, np.int64), [np.empty(rows, np.float64) for _ in range(5)]


def _groups_in_span(file: Any, start_ns: int | None, end_ns: int | None) -> Iterator[Any]:
    stamp_column = file.schema_arrow.get_field_index("ts_init")
    for index in range(file.metadata.num_row_groups):
        bounds = file.metadata.row_group(index).column(stamp_column).statistics
        if bounds is not None and bounds.has_min_max:
            first, last = bounds.min_raw, bounds.max_raw  # plain integers: ``min`` would import pandas
            if (start_ns is not None and last <= start_ns) or (end_ns is not None and first > end_ns):
                continue
        yield file.read_row_group(index, columns=[*PRICES, "volume", "ts_init"])


def _copy(batch: Any, out: tuple[IntArray, list[FloatArray]], at: int, precisions: tuple[int, int]) -> int:
    end = at + int(batch.num_rows)
    out[0][at:end] = to_numpy(batch.column("ts_init"))
    for column, name in zip(out[1], (*PRICES, "volume"), strict=True):
        decimals = precisions[1] if name == "volume" else precisions[0]
        column[at:end] = _from_decimal(batch.column(name), decimals)
    return end


def _from_decimal(array: Any, decimals: int) -> FloatArray:
    """Return the nearest float64 of each value: an exact integer over an exact power of ten.

    Values below 1e15 steps come out exact through float64 arithmetic, eight times faster than Arrow's own cast.
    """
    words = _words(array)
    low, high = words[:, 0].view(np.uint64), words[:, 1]
    raw = high * TWO_TO_64 + low
    scaled: FloatArray = np.rint(raw / 10.0 ** (ENGINE_SCALE - decimals))
    if len(scaled) and (scaled.max() > EXACT_STEPS or high.min() < 0):
        scaled = _words(array.cast(pa.decimal128(38, decimals), safe=False))[:, 0].astype(np.float64)
    return scaled / 10.0**decimals


def _words(array: Any) -> IntArray:
    """Return the low and high 64 bits of each decimal, int64, shape (n, 2)."""
    words: IntArray = np.frombuffer(array.buffers()[1], np.int64).reshape(-1, 2)
    return words[array.offset : array.offset + len(array)]
