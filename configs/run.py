"""Everything that defines a back-test: one struct, values only."""

import datetime as dt
import hashlib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from catalog.candles import INTERVAL_NS
from execution.config import CostConfig, EntryConfig, ExitConfig, VenueConfig
from memory.config import MemoryConfig
from risk.config import RiskConfig
from risk.config_ledger import SharedLedgerConfig
from strategies.breakout.config import BreakoutConfig
from strategies.higher_timeframe import WEEK_NS

HTF_NS = {**{name: INTERVAL_NS[name] for name in ("1h", "4h", "12h", "1d")}, "1w": WEEK_NS}
HOUR_NS = 3_600_000_000_000


class TimeframeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Signal bars and the higher time frame of the trend filter (Spec 1.4, 2.3.1, D1)."""

    signal: Literal["15m", "30m", "1h", "4h", "1d"] = "15m"
    htf: Literal["1h", "4h", "12h", "1d", "1w"] = "4h"

    def __post_init__(self) -> None:
        """Refuse a higher time frame that is not higher."""
        if HTF_NS[self.htf] <= INTERVAL_NS[self.signal]:
            raise ValueError(f"htf must be longer than signal ({self.signal}), was {self.htf} (Spec 2.3.1)")

    @property
    def signal_ns(self) -> int:
        """Length of a signal bar."""
        return INTERVAL_NS[self.signal]

    @property
    def htf_ns(self) -> int:
        """Length of a higher-time-frame bar."""
        return HTF_NS[self.htf]


class AccountConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The simulated account."""

    starting_balance: Annotated[float, Meta(gt=0.0, le=1e12)] = 50_000.0
    currency: str = ""  # absent: the one that all instruments settle in, else USD


class DataConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which candles are used and how."""

    fills: Literal["finest", "signal"] = "finest"  # fill on the finest candles of the catalog, or on signal bars
    warmup: Literal["history", "none"] = "history"  # use candles from before the start to warm up (D10)
    max_gap_hours: Annotated[float, Meta(gt=0.0, le=100_000.0)] | None = None  # absent: 24 for crypto, else 240


class RunConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One back-test."""

    name: str = "backtest"
    profile: str = "intraday"
    instruments: Annotated[tuple[str, ...], Meta(min_length=1)]
    catalog: str = "catalogs/default"  # a folder, or "sample" for the bundled candles
    start: str | None = None
    end: str | None = None
    account: AccountConfig = AccountConfig()
    timeframe: TimeframeConfig = TimeframeConfig()
    data: DataConfig = DataConfig()
    strategy: BreakoutConfig = BreakoutConfig()
    entry: EntryConfig = EntryConfig()
    exits: ExitConfig = ExitConfig()
    risk: RiskConfig = RiskConfig()
    costs: CostConfig = CostConfig()
    venue: VenueConfig = VenueConfig()
    memory: MemoryConfig = MemoryConfig()
    ledger: SharedLedgerConfig = SharedLedgerConfig()

    def __post_init__(self) -> None:
        """Refuse doubled instruments and an empty span."""
        doubled = sorted({name for name in self.instruments if self.instruments.count(name) > 1})
        if doubled:
            raise ValueError(f"instruments must be unique, found twice: {', '.join(doubled)}")
        start_ns, end_ns = self.start_ns, self.end_ns
        if start_ns is not None and end_ns is not None and start_ns >= end_ns:
            raise ValueError(f"end must be after start ({self.start}), was {self.end}")

    @property
    def start_ns(self) -> int | None:
        """Begin of the span, nanoseconds UTC: bars that close after it count."""
        return None if self.start is None else parse_utc_ns(self.start, "start")

    @property
    def end_ns(self) -> int | None:
        """End of the span, nanoseconds UTC: bars that close at it or before count."""
        return None if self.end is None else parse_utc_ns(self.end, "end")

    @property
    def hash(self) -> str:
        """Name of the run: twelve hex digits over everything that can change its result, but not where data lies."""
        values = msgspec.to_builtins(self, order="sorted")
        for place in ("catalog", "memory", "ledger"):
            values.pop(place)
        return hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()[:12]


def parse_utc_ns(text: str, key: str) -> int:
    """Return an ISO date or date-time as nanoseconds UTC; without an offset it is UTC.

    >>> parse_utc_ns("2024-01-01", "start")
    1704067200000000000
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{key} must be a date like 2024-01-31 or 2024-01-31T12:00, was '{text}'") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    whole = moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return (whole.days * 86_400 + whole.seconds) * 1_000_000_000 + whole.microseconds * 1000
