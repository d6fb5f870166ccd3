"""The candles of the benchmark: real one-minute bars when they are there, else a seeded walk of the same size."""

import contextlib
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from catalog.candles import MINUTE_NS
from catalog.cli import main as load_catalog
from catalog.store import Store
from errors import DataError

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared" / "data" / "crypto" / "BTCUSD-BITFINEX-1m.parquet"
REAL_ROWS = 2_630_217
FIRST_NS = 1_364_774_400_000_000_000  # 2013-04-01
INSTRUMENT = "BTCUSD.BITFINEX"


class Data(NamedTuple):
    """A catalog with one-minute candles of ``INSTRUMENT``."""

    catalog: Path
    origin: str


def open_data(cache: Path, bars: int | None, *, generated: bool) -> Data:
    """Return the catalog, loaded on first use; ``bars`` matters only for generated candles."""
    real = REAL.is_file() and not generated
    rows = REAL_ROWS if real or bars is None else bars
    catalog = cache / ("real" if real else f"walk-{rows}")
    if not _is_loaded(catalog):
        source = REAL if real else write_walk(cache / f"walk-{rows}.parquet", rows)
        with contextlib.redirect_stdout(sys.stderr):
            code = load_catalog(
                ["file", str(source), "--instrument", INSTRUMENT, "--interval", "1m", "--catalog", str(catalog)]
            )
        if code != 0:
            raise DataError(f"{source}: could not be loaded into {catalog} (exit code {code})")
    return Data(catalog, REAL.name if real else f"generated walk, {rows} rows, seed 7")


def _is_loaded(catalog: Path) -> bool:
    return catalog.is_dir() and INSTRUMENT in Store(catalog).instrument_ids()


def write_walk(path: Path, rows: int) -> Path:
    """Write a seeded random walk of one-minute candles that breaks out, trends and fails now and then.

    Volume rises with the size of a minute's move, so that the volume rule has something to confirm.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    random = np.random.default_rng(7)
    volatility = 0.0008 * np.exp(0.5 * np.sin(np.arange(rows) / 5_000.0))
    close = np.round(20_000.0 * np.exp(np.cumsum(_centred(random.standard_normal(rows)) * volatility)), 2)
    opening = np.r_[20_000.0, close[:-1]]
    reach = np.abs(random.standard_normal((2, rows))) * volatility * 0.5
    high = np.round(np.maximum(opening, close) * (1.0 + reach[0]), 2)
    low = np.round(np.minimum(opening, close) * (1.0 - reach[1]), 2)
    volume = np.round(1.0 + 20.0 * np.abs(close / opening - 1.0) / volatility * random.random(rows), 4)
    stamps = pa.array(FIRST_NS + MINUTE_NS * np.arange(rows), pa.timestamp("ns", tz="UTC"))
    columns = {"open": opening, "high": high, "low": low, "close": close, "volume": volume}
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"ts": stamps, **columns}), path)
    return path


def _centred(steps: np.ndarray) -> np.ndarray:
    """Return steps without drift, so that millions of them do not leave the price scale."""
    centred: np.ndarray = steps - steps.mean()
    return centred
