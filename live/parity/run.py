"""The last life of a live run, as its state folder tells it."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from configs.load import load
from configs.run import parse_utc_ns
from errors import DataError
from live.chronicle import config_path
from live.config import LiveConfig
from live.parity.journal import Key, Record, read_events, record_of
from monitoring.journal import Entry
from risk.messages import Market

type Numbers = tuple[float, float, float, float]  # high, low, close, volume


class Gap(msgspec.Struct, frozen=True):
    """Bars that the stream lost and the node fetched: they are no signals to it, only memory."""

    instrument_id: str
    after_ns: int
    bars: int


class LiveRun(msgspec.Struct, frozen=True, kw_only=True):
    """What a back-test needs to do the same, and what it is compared with."""

    config: LiveConfig
    markets: dict[str, Market]
    warm_ns: dict[str, tuple[int, int]]  # first open and last close of the candles that the rules were warmed up with
    bars: dict[Key, Numbers]
    gaps: list[Gap]
    equity: float  # at the first bar close
    start_ns: int  # bars that close after it count
    end_ns: int
    record: Record

    def is_repaired(self, key: Key) -> bool:
        """Return whether a bar came by way of a repaired gap."""
        step_ns = self.config.timeframe.signal_ns
        return any(
            gap.instrument_id == key[0] and gap.after_ns < key[1] <= gap.after_ns + gap.bars * step_ns
            for gap in self.gaps
        )


def read_run(folder: Path) -> LiveRun:
    """Return the last life of a run.

    Raises
    ------
    DataError
        The folder holds no run, one that began with open trades or changed its configuration, or one too short.
    """
    events = _last_life(list(read_events(folder / "journal.jsonl")), folder)
    started = next(one for one in events if one.event_type == "LIVE_STARTED")
    _check_plain(events, folder)
    config = load(LiveConfig, config_path(folder, started.details["config"]))
    warm = {one.asset: one.details for one in events if one.event_type == "WARMED_UP"}
    bars: dict[Key, Numbers] = {
        (one.asset, one.details["close_ns"]): _numbers(one.details) for one in events if one.event_type == "BAR_TAKEN"
    }
    closes = [one for one in events if one.event_type == "EQUITY"]
    start_ns, end_ns = _span(config, bars, closes)
    if start_ns >= end_ns:
        raise DataError(f"{folder}: no bar close that every instrument saw: let it run for some signal bars more")
    return LiveRun(
        config=config,
        markets={name: msgspec.convert(one["market"], Market) for name, one in warm.items()},
        warm_ns={name: (one["first_open_ns"], one["close_ns"]) for name, one in warm.items()},
        bars=bars,
        gaps=[
            Gap(one.asset, one.details["after_ns"], one.details["bars"])
            for one in events
            if one.event_type == "GAP_REPAIRED"
        ],
        equity=closes[0].details["equity"],
        start_ns=start_ns,
        end_ns=end_ns,
        record=record_of(events),
    )


def _span(config: LiveConfig, bars: Iterable[Key], closes: list[Entry]) -> tuple[int, int]:
    """Return from where on every instrument's bars came by the stream, and the last close that was answered."""
    first_ns = dict.fromkeys(config.instruments, 0)
    for name, close_ns in sorted(bars, reverse=True):
        first_ns[name] = close_ns
    if not closes or not all(first_ns.values()):
        return 0, 0
    start_ns = max(first_ns.values()) - config.timeframe.signal_ns
    return start_ns, parse_utc_ns(closes[-1].timestamp_utc, "journal")


def _numbers(details: dict[str, float]) -> Numbers:
    return details["high"], details["low"], details["close"], details["volume"]


def _last_life(events: list[Entry], folder: Path) -> list[Entry]:
    """Return the events from the last start on; what its rules were warmed up with is written right before that."""
    starts = [number for number, one in enumerate(events) if one.event_type == "LIVE_STARTED"]
    if not starts:
        raise DataError(f"{folder}: the journal knows no start of a live system")
    first = starts[-1]
    while first > 0 and events[first - 1].event_type == "WARMED_UP":
        first -= 1
    return events[first:]


def _check_plain(events: list[Entry], folder: Path) -> None:
    for one in events:
        if one.event_type == "RESTORED":
            raise DataError(f"{folder}: the run began with open trades: a back-test has none to begin with")
        if one.event_type == "CONFIG_RELOADED":
            raise DataError(f"{folder}: the configuration was changed at {one.timestamp_utc}: there is none to compare")
