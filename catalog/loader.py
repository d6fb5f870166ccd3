"""The loader that remote sources hand their data to (see ``catalog.sources.protocol``)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from catalog.candles import Candles, FloatArray, IntArray
from catalog.definition import Definition
from catalog.funding import load_funding
from catalog.load import Terms, held_series, load_candles
from catalog.report import CleaningReport
from catalog.store import Store


class StoreLoader:
    """Clean, merge and commit what a source reads; remember venue metadata and the reports."""

    def __init__(self, store: Store, *, replace: bool = False) -> None:
        self._store = store
        self._replace = replace
        self._definitions: dict[str, Definition | None] = {}
        self.reports: list[CleaningReport] = []
        self.funding_rows: dict[str, int] = {}

    def instrument_metadata(self, instrument_id: str, metadata: Mapping[str, Any] | None) -> None:
        """Take what the venue says; metadata without tick or lot leaves the definition to the configuration."""
        self._definitions[instrument_id] = from_metadata(metadata)

    def candles(self, instrument_id: str, interval: str, candles: Candles, *, source: str, sha256: str) -> None:
        """Clean, merge and commit a batch."""
        terms = Terms(definition=self._definitions.get(instrument_id), replace=self._replace)
        report = load_candles(self._store, instrument_id, interval, candles, source=source, sha256=sha256, terms=terms)
        self.reports.append(report)

    def funding(self, instrument_id: str, ts_ns: IntArray, rate: FloatArray, *, source: str, sha256: str) -> None:
        """Merge and commit funding rates."""
        definition = self._definitions.get(instrument_id)
        loaded = load_funding(
            self._store, instrument_id, ts_ns, rate, source=source, sha256=sha256,
            terms=Terms(definition=definition, replace=self._replace),
        )  # fmt: skip
        self.funding_rows[instrument_id] = loaded.rows_out

    def last_close_ns(self, instrument_id: str, interval: str) -> int | None:
        """Return the close of the newest stored candle, nanoseconds UTC; None when there is none."""
        series = held_series(self._store.path, instrument_id, interval)
        return None if series is None else series.last_close_ns


def from_metadata(metadata: Mapping[str, Any] | None) -> Definition | None:
    """Return a definition from a venue's metadata; None when it lacks tick or lot."""
    if metadata is None or not metadata.get("tick") or not metadata.get("lot"):
        return None
    large = metadata["base"] in ("BTC", "XBT", "ETH")
    return Definition(
        kind=metadata["kind"], base=metadata["base"], quote=metadata["quote"], tick=_text(metadata["tick"]) or "1",
        lot=_text(metadata["lot"]) or "1", min_qty=_text(metadata.get("min_quantity")),
        min_notional=_text(metadata.get("min_notional")), maker_fee=metadata.get("maker_fee"),
        taker_fee=metadata.get("taker_fee"), impact=0.1 if large else 0.3, origin="venue",
    )  # fmt: skip


def _text(number: float | None) -> str | None:
    return f"{Decimal(str(number)):f}" if number else None
