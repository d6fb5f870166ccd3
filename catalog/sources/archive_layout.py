"""Where data.binance.vision keeps what: one series, its periods, its file names."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.sources.span import DAY, Span, month_of

MARKETS = {"spot": "data/spot", "um": "data/futures/um"}


@dataclass(frozen=True, slots=True)
class Period:
    """Hold the days of one archive file: a calendar month, or a day."""

    days: Span
    is_month: bool

    @property
    def label(self) -> str:
        """Return the period as file names have it."""
        return f"{self.days.first:%Y-%m}" if self.is_month else f"{self.days.first:%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Series:
    """Name one series of the archive: the klines of an interval, or (no interval) the funding rates.

    Attributes
    ----------
    market : str
        ``spot`` or ``um`` (USD-margined perpetuals).
    symbol : str
        As the venue spells it, for example ``BTCUSDT``.
    interval : str or None
        ``1m`` to ``1d``; None for funding rates.
    """

    market: str
    symbol: str
    interval: str | None

    @property
    def instrument_id(self) -> str:
        """Return the id of the instrument in the catalog."""
        return f"{self.symbol}{'-PERP' if self.market == 'um' else ''}.BINANCE"

    @property
    def name(self) -> str:
        """Return the series as messages name it."""
        return f"{self.market} {self.symbol} {self.interval or 'fundingRate'}"

    def key(self, period: Period) -> str:
        """Return the path of a file below the archive's root.

        >>> import datetime as dt
        >>> day = dt.date(2024, 1, 31)
        >>> Series("um", "BTCUSDT", "1h").key(Period(Span(day, day), is_month=False))
        'data/futures/um/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01-31.zip'
        """
        folder = f"klines/{self.symbol}/{self.interval}" if self.interval else f"fundingRate/{self.symbol}"
        stem = f"{self.symbol}-{self.interval or 'fundingRate'}-{period.label}"
        return f"{MARKETS[self.market]}/{'monthly' if period.is_month else 'daily'}/{folder}/{stem}.zip"


def plan_periods(span: Span, *, months_only: bool) -> list[Period]:
    """Return the files that cover ``span``: months that lie within it whole, single days for the rest.

    Funding rates come as ``months_only``: then a month that is partly within the span is planned too.
    """
    periods: list[Period] = []
    for month in _months(span):
        whole = span.first <= month.first and month.last <= span.last
        if whole or months_only:
            periods.append(Period(month, is_month=True))
        else:
            periods.extend(plan_days(Span(max(span.first, month.first), min(span.last, month.last))))
    return periods


def plan_days(span: Span) -> list[Period]:
    """Return one file per day of ``span``."""
    return [Period(Span(day, day), is_month=False) for day in span.days()]


def _months(span: Span) -> Iterator[Span]:
    day = span.first
    while day <= span.last:
        month = month_of(day)
        yield month
        day = month.last + DAY
