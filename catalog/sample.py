"""A small catalog of real candles that comes with the repository: ``make backtest`` needs nothing else."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog.arrow import to_numpy
from catalog.candles import Candles
from catalog.load import Part, Terms, held_series, load_parts
from catalog.sources.file import sha256_of
from catalog.store import Store
from errors import DataError

FOLDER = Path(__file__).resolve().parent / "sample"
DATA, METADATA = FOLDER / "us_daily.parquet", FOLDER / "us_daily.json"
INTERVAL = "1d"


def load_sample(path: Path) -> Store:
    """Return a catalog of AAPL.US, GOOG.US, IBM.US and MSFT.US, daily, 2000-2013, adjusted; build what is missing.

    Parameters
    ----------
    path : Path
        Catalog folder; made when it is missing, left alone when it holds the sample already.

    Raises
    ------
    DataError
        The bundled file is not the one that its metadata describes, or the folder holds other rows of these shares.

    Notes
    -----
    Safe when several processes call it at once: each load waits for the other and then finds nothing to do.
    """
    metadata = json.loads(METADATA.read_text(encoding="utf-8"))
    store = Store(path, create=True)
    missing = [name for name in metadata["instruments"] if not _is_loaded(store, name, metadata)]
    if missing:
        found = sha256_of(DATA)
        if found != metadata["sha256"]:
            raise DataError(
                f"{DATA}: sha256 is {found}, {METADATA.name} says {metadata['sha256']}: restore it from git"
            )
        with pq.ParquetFile(DATA) as file:
            table = file.read()
        for name in missing:
            _load(store, name, table, metadata)
    return store


def _is_loaded(store: Store, instrument_id: str, metadata: dict[str, Any]) -> bool:
    series = held_series(store.path, instrument_id, INTERVAL)
    if series is None:
        return False
    if series.rows != metadata["instruments"][instrument_id]["rows"]:
        raise DataError(f"{store.path}: {instrument_id} holds other rows than the sample; name another folder")
    return any(report.sha256 == metadata["sha256"] for report in series.reports)


def _load(store: Store, instrument_id: str, table: Any, metadata: dict[str, Any]) -> None:
    rows = table.filter(pc.equal(table["instrument_id"].cast(pa.string()), instrument_id))
    names = ("open", "high", "low", "close", "volume")
    candles = Candles(to_numpy(rows["ts"]).astype(np.int64), *(to_numpy(rows[name]) for name in names))
    part = Part(candles, DATA.name, metadata["sha256"])
    load_parts(store, instrument_id, INTERVAL, [part], Terms(adjustment=metadata["adjustment"]))
