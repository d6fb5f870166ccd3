"""Splits and dividends: Lean factor files applied to raw candles (Spec 8.2)."""

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from catalog.candles import Candles, FloatArray, IntArray
from errors import DataError

ADJUSTMENT = "splits+dividends"
DAY_NS = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Factors:
    """Hold the factors of one share, oldest first.

    Attributes
    ----------
    last_day : int64, shape (m,)
        Last day, counted from 1970-01-01, for which the row holds.
    price, split : float64, shape (m,)
        Dividend and split factor; their product turns a raw price into an adjusted one.
    """

    last_day: IntArray
    price: FloatArray
    split: FloatArray


def read_factors(path: Path) -> Factors:
    """Return a Lean factor file: ``date, price factor, split factor, reference price`` without a header.

    Raises
    ------
    DataError
        The file is missing or empty, or a line is not four numbers with a date; names the line.
    """
    rows: list[tuple[int, float, float]] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for number, cells in enumerate(csv.reader(file), start=1):
                if cells:
                    rows.append(_row(cells, f"{path}:{number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    if not rows:
        raise DataError(f"{path}: holds no factor; needed: date, price factor, split factor, reference price per line")
    days, price, split = zip(*sorted(rows), strict=True)
    return Factors(np.array(days, np.int64), np.array(price), np.array(split))


def _row(cells: list[str], where: str) -> tuple[int, float, float]:
    try:
        day = dt.datetime.strptime(cells[0], "%Y%m%d").date()  # noqa: DTZ007  (a date has no zone)
        price, split = float(cells[1]), float(cells[2])
    except (ValueError, IndexError) as error:
        raise DataError(
            f"{where}: not 'YYYYMMDD,price factor,split factor,reference price': {','.join(cells)}"
        ) from error
    if not (price > 0.0 and split > 0.0):
        raise DataError(f"{where}: factors must be above 0, were {price} and {split}")
    return (day - dt.date(1970, 1, 1)).days, price, split


def adjust(candles: Candles, factors: Factors, interval: str) -> Candles:
    """Return candles with adjusted prices, and volumes in today's shares.

    Parameters
    ----------
    candles : Candles
        Raw prices. A daily candle is dated by its label (UTC), a shorter one by its New York date.
    factors : Factors
        A row holds for dates up to and including its own.

    Notes
    -----
    Source: Spec 8.2, Lean factor files. ``price * price factor * split factor``, ``volume / split factor``: a dividend
    changes no share count. Dates after the last row have factor 1.
    """
    days = candles.ts_open_ns // DAY_NS if interval == "1d" else _new_york_days(candles.ts_open_ns)
    at = np.searchsorted(factors.last_day, days, side="left")
    price = np.append(factors.price, 1.0)[at]
    split = np.append(factors.split, 1.0)[at]
    scale = price * split
    return Candles(
        ts_open_ns=candles.ts_open_ns,
        open=candles.open * scale,
        high=candles.high * scale,
        low=candles.low * scale,
        close=candles.close * scale,
        volume=candles.volume / split,
    )


def _new_york_days(ts_ns: IntArray) -> IntArray:
    """Return the New York date of each stamp, in days from 1970-01-01."""
    hours, index = np.unique(ts_ns // 3_600_000_000_000, return_inverse=True)
    zone = ZoneInfo("America/New_York")
    epoch = dt.date(1970, 1, 1)
    days = [(dt.datetime.fromtimestamp(int(hour) * 3600, zone).date() - epoch).days for hour in hours]
    return np.array(days, np.int64)[index]
