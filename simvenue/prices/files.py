"""Read a market from a Parquet file of candles, trades or quotes; the columns tell which."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simvenue.funding import FundingSchedule
from simvenue.instrument import Instrument
from simvenue.orders import Side
from simvenue.prices.bars import Bars, Times
from simvenue.prices.candles import BarSource
from simvenue.prices.tick import Source, Tick


def read_source(path: Path, instrument: Instrument, steps: int) -> Source:
    """Return a market from a file; raise ``ValueError`` when it is not one."""
    table = _read(path)
    names = set(table.column_names)
    if {"ts", "open", "high", "low", "close", "volume"} <= names:
        return BarSource(instrument, _bars(table, path), steps)
    if {"ts", "price", "qty"} <= names or {"ts", "bid", "ask"} <= names:
        return PrintSource(instrument, _columns(table), _times(table))
    raise ValueError(f"{path}: has columns {sorted(names)}; candles, trades (price, qty) or quotes (bid, ask) needed")


def read_funding(path: Path) -> FundingSchedule:
    """Return recorded funding rates; raise ``ValueError`` when the file holds none."""
    table = _read(path)
    if not {"ts", "funding_rate"} <= set(table.column_names):
        raise ValueError(f"{path}: has columns {sorted(table.column_names)}; ts and funding_rate needed")
    rates = [Decimal(repr(float(rate))) for rate in table.column("funding_rate").to_numpy()]
    return FundingSchedule(times_ms=_times(table).tolist(), rates=rates)


def _read(path: Path) -> Any:
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"{path}: cannot be read as Parquet: {error}") from error


def _times(table: Any) -> Times:
    stamps: Times = table.column("ts").cast(pa.timestamp("ms", tz="UTC"), safe=False).cast(pa.int64()).to_numpy()
    return stamps


def _columns(table: Any) -> dict[str, np.ndarray]:
    return {name: table.column(name).to_numpy() for name in table.column_names if name != "ts"}


def _bars(table: Any, path: Path) -> Bars:
    times, columns = _times(table), _columns(table)
    if len(times) < 2:
        raise ValueError(f"{path}: holds {len(times)} candles; at least two are needed")
    interval_ms = int(np.min(np.diff(times)))
    return Bars(interval_ms, times, *(columns[name] for name in ("open", "high", "low", "close", "volume")))


@dataclass(frozen=True)
class PrintSource:
    """Replay recorded trades or quotes as they are; there are no candles before them."""

    instrument: Instrument
    columns: dict[str, np.ndarray]
    times: Times

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    def first_ms(self) -> int:
        return int(self.times[0])

    def history(self, before_ms: int) -> Bars:
        del before_ms
        return Bars.empty(60_000)

    def ticks(self, from_ms: int) -> Iterator[Tick]:
        make = self._trade if "price" in self.columns else self._quote
        for row in range(int(np.searchsorted(self.times, from_ms)), len(self.times)):
            yield make(row)

    def _trade(self, row: int) -> Tick:
        seller = bool(self.columns["buyer_is_maker"][row]) if "buyer_is_maker" in self.columns else bool(row % 2)
        return Tick(
            ts_ms=int(self.times[row]),
            symbol=self.symbol,
            price=self._value("price", row),
            quantity=self._value("qty", row),
            aggressor=Side.SELL if seller else Side.BUY,
        )

    def _quote(self, row: int) -> Tick:
        sized = "bid_qty" in self.columns and "ask_qty" in self.columns
        return Tick(
            ts_ms=int(self.times[row]),
            symbol=self.symbol,
            bid=self._value("bid", row),
            ask=self._value("ask", row),
            bid_quantity=self._value("bid_qty", row) if sized else Decimal(0),
            ask_quantity=self._value("ask_qty", row) if sized else Decimal(0),
        )

    def _value(self, name: str, row: int) -> Decimal:
        return Decimal(repr(float(self.columns[name][row])))
