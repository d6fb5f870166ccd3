"""The catalog as its readers see it: instruments, candles, gaps, funding."""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from catalog import layout
from catalog.bars import bar_type_name, read_bars
from catalog.candles import INTERVAL_NS, Candles, FloatArray, IntArray
from catalog.commit import reading
from catalog.definition import Definition
from errors import DataError, close_match

LOAD_HINT = "python scripts/load_catalog.py file PATH --instrument SOLUSDT-PERP.BINANCE --interval 15m --catalog"


class Store:
    """Read one catalog folder; also readable by the engine's own ``ParquetDataCatalog`` and ``BacktestNode``.

    Parameters
    ----------
    path : Path
        Catalog folder.
    create : bool
        Make the folder when it is missing.

    Raises
    ------
    DataError
        The folder is missing, or is not a catalog.

    Notes
    -----
    Opening finishes a load that was published and then killed (see ``catalog.commit``).
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = Path(path)
        if create:
            _make(self.path)
        if not self.path.is_dir():
            raise DataError(f"{self.path}: no catalog here; make one: {LOAD_HINT} {self.path}")
        with self.reading():
            pass

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Keep writers out while the engine itself reads the files; loads wait."""
        with reading(self.path):
            yield

    def instrument_ids(self) -> list[str]:
        """Return the ids of all instruments that have candles or funding, sorted."""
        return sorted(path.parent.name for path in (self.path / layout.OURS).glob("*/definition.json"))

    def instrument(self, instrument_id: str) -> Any:
        """Return the engine's instrument.

        Raises
        ------
        DataError
            The instrument is unknown; names a close match and what there is.
        """
        from catalog.instruments import build  # noqa: PLC0415  (the engine takes a moment: only who trades needs it)

        return build(instrument_id, self.definition(instrument_id))

    def definition(self, instrument_id: str) -> Definition:
        """Return the plain values behind an instrument; raise DataError when it is unknown."""
        known = self.instrument_ids()
        if instrument_id not in known:
            raise DataError(
                f"{self.path}: no instrument '{instrument_id}'{close_match(instrument_id, known)} "
                f"(here: {', '.join(known) or 'nothing yet'})"
            )
        path = self.path / layout.instrument_file(instrument_id, "definition.json")
        found: Definition = layout.decode(path, Definition)
        return found

    def intervals(self, instrument_id: str) -> list[str]:
        """Return the intervals that have candles, finest first."""
        self.definition(instrument_id)
        folder = self.path / layout.OURS / instrument_id
        return sorted((path.parent.name for path in folder.glob("*/series.json")), key=INTERVAL_NS.__getitem__)

    def series(self, instrument_id: str, interval: str) -> layout.Series:
        """Return what is known about a series; raise DataError when there is none."""
        known = self.intervals(instrument_id)
        if interval not in known:
            raise DataError(
                f"{self.path}: {instrument_id} has no {interval} candles (here: {', '.join(known) or 'none'}); "
                f"load them: {LOAD_HINT} {self.path}"
            )
        path = self.path / layout.instrument_file(instrument_id, f"{interval}/series.json")
        found: layout.Series = layout.decode(path, layout.Series)
        return found

    def span_ns(self, instrument_id: str, interval: str) -> tuple[int, int]:
        """Return the first and the last close stamp, nanoseconds UTC."""
        series = self.series(instrument_id, interval)
        return series.first_close_ns, series.last_close_ns

    def candles(
        self, instrument_id: str, interval: str, start_ns: int | None = None, end_ns: int | None = None
    ) -> Candles:
        """Return candles whose close stamp is in ``(start_ns, end_ns]``, oldest first, fillers included."""
        with self.reading():
            series = self.series(instrument_id, interval)
            return read_bars(self.path / series.bars_file, interval, start_ns, end_ns)

    def gaps_ns(self, instrument_id: str, interval: str) -> list[tuple[int, int]]:
        """Return unscheduled holes as (last close before, first open after), nanoseconds UTC, oldest first."""
        with self.reading():
            gaps = layout.read_gaps(self.path, self.series(instrument_id, interval))
        return [(int(start), int(end)) for start, end in gaps]

    def filled_ns(self, instrument_id: str, interval: str) -> IntArray:
        """Return the open stamps of flat candles that cleaning put into short gaps."""
        with self.reading():
            return layout.read_filled(self.path, self.series(instrument_id, interval))

    def funding(self, instrument_id: str) -> tuple[IntArray, FloatArray]:
        """Return funding stamps (nanoseconds UTC) and rates (fraction per period); empty when there are none."""
        self.definition(instrument_id)
        with self.reading():
            path = self.path / layout.instrument_file(instrument_id, "funding.parquet")
            ts_ns, rate = layout.read_columns(path, ("ts_ns", "rate"))
        return ts_ns, rate.astype(np.float64)

    def bar_type(self, instrument_id: str, interval: str) -> str:
        """Return the engine's bar type, for example ``AAPL.US-1-DAY-LAST-EXTERNAL``."""
        self.series(instrument_id, interval)
        return bar_type_name(instrument_id, interval)

    def fingerprint(self, instrument_id: str, interval: str) -> str:
        """Return a sha256 over everything that can change a run on this series: values, gaps, definition, funding."""
        series = self.series(instrument_id, interval)
        digest = hashlib.sha256(series.sha256.encode())
        digest.update(layout.encode(self.definition(instrument_id)).encode())
        ts_ns, rate = self.funding(instrument_id)
        for array in (np.array(self.gaps_ns(instrument_id, interval), np.int64), ts_ns, rate):
            digest.update(array.tobytes())
        return digest.hexdigest()


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{path}: cannot be made a catalog folder ({error.strerror})") from error
