"""Where things lie in a catalog folder.

::

    DIR/data/bars/<bar type>/<first>_<last>.parquet       the engine's
    DIR/data/<instrument class>/<instrument id>/....parquet
    DIR/data/{quotes,trades}/<instrument id>/<first>_<last>.parquet   recorded: by when they were received
    DIR/tidebreak/<instrument id>/definition.json         ours
    DIR/tidebreak/<instrument id>/funding.parquet
    DIR/tidebreak/<instrument id>/<interval>/series.json  span, rows, hash, cleaning report per source
    DIR/tidebreak/<instrument id>/<interval>/gaps.parquet, filled.parquet
"""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.arrow import to_arrow, to_numpy
from catalog.bars import bar_type_name, file_name
from catalog.candles import IntArray
from catalog.report import CleaningReport
from errors import DataError

OURS = "tidebreak"
RECORDED = ("quotes", "trades")


class Series(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Describe one instrument and interval of the catalog."""

    instrument_id: str
    interval: str
    rows: int
    first_close_ns: int
    last_close_ns: int
    sha256: str
    gaps: int
    filled: int
    calendar: str
    adjustment: str
    price_precision: int
    size_precision: int
    reports: list[CleaningReport] = []

    @property
    def bars_file(self) -> str:
        """Return the engine's file of this series, relative to the catalog."""
        folder = f"data/bars/{bar_type_name(self.instrument_id, self.interval)}"
        return f"{folder}/{file_name(self.first_close_ns, self.last_close_ns)}"

    def ours(self, name: str) -> str:
        """Return one of our files beside the series, relative to the catalog."""
        return f"{OURS}/{self.instrument_id}/{self.interval}/{name}"


def instrument_file(instrument_id: str, name: str) -> str:
    """Return one of our files about an instrument, relative to the catalog."""
    return f"{OURS}/{instrument_id}/{name}"


def decode(path: Path, kind: type[Any]) -> Any:
    """Return a JSON file as a struct.

    Raises
    ------
    DataError
        The file is missing or does not decode.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error}); run: python scripts/load_catalog.py check") from error


def encode(value: Any) -> str:
    """Return a struct as indented JSON text."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def write_columns(path: Path, columns: dict[str, np.ndarray[Any, Any]]) -> None:
    """Write a small Parquet file."""
    table = pa.table({name: to_arrow(column) for name, column in columns.items()})
    pq.write_table(table, path, compression="zstd")


def read_columns(path: Path, names: tuple[str, ...]) -> list[Any]:
    """Return columns of a small Parquet file; an absent file holds none.

    Raises
    ------
    DataError
        The file is there and cannot be read.
    """
    if not path.exists():
        return [np.empty(0, np.int64) for _ in names]
    try:
        with pq.ParquetFile(path) as file:  # ``read_table`` would import pandas
            table = file.read(columns=list(names))
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: cannot be read ({error}); load its source again") from error
    return [to_numpy(table[name]) for name in names]


def read_gaps(root: Path, series: Series) -> IntArray:
    """Return the unscheduled holes, int64, shape (g, 2)."""
    start_ns, end_ns = read_columns(root / series.ours("gaps.parquet"), ("start_ns", "end_ns"))
    return np.column_stack([start_ns, end_ns])


def read_filled(root: Path, series: Series) -> IntArray:
    """Return the open stamps of the candles that cleaning put in."""
    filled: IntArray = read_columns(root / series.ours("filled.parquet"), ("ts_open_ns",))[0]
    return filled
