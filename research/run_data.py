"""Which candles a back-test uses: signal bars, the finest bars for fills, and where their data ends."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from catalog.candles import INTERVAL_NS, Candles, FloatArray, IntArray
from catalog.resample import last_of_each, resample
from catalog.store import Store
from configs.run import HOUR_NS, RunConfig
from errors import ConfigError, DataError, close_match

MAX_GAP_HOURS = {"crypto": 24.0}
MAX_GAP_HOURS_OF_SESSIONS = 240.0  # weekends, holidays and 2001-09-11 are closures, not holes in the data
PATH_SHARE = 5  # fill bars longer than a fifth of a signal bar are walked price by price
COVERED_FRAC = 0.9
DAY_NS = 24 * HOUR_NS


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """The candles of one instrument in one run."""

    instrument_id: str
    warmup: Candles
    signal: Candles
    fill: Candles
    signal_ns: int
    fill_interval: str
    max_gap_ns: int
    ends_ns: tuple[int, ...]
    fingerprint: str
    hour_close_ns: IntArray  # last close of every hour, from 30 days before the start on (D16)
    hour_close: FloatArray
    gaps_ns: tuple[tuple[int, int], ...] = ()  # holes while the market was open: last close before, first open after

    @property
    def fill_ns(self) -> int:
        """Length of a fill bar."""
        return INTERVAL_NS[self.fill_interval]


def load_series(store: Store, config: RunConfig) -> list[Series]:
    """Return the candles of every instrument of a run.

    Raises
    ------
    ConfigError
        An instrument is not in the catalog, or the span is empty.
    DataError
        There are no candles from which the signal bars can be built.
    """
    known = store.instrument_ids()
    for name in config.instruments:
        if name not in known:
            raise ConfigError(
                f"instruments: '{name}' is not in catalog {store.path}{close_match(name, known)} "
                f"(there are: {', '.join(known) or 'none'})"
            )
    return [_load_one(store, config, name) for name in config.instruments]


def _load_one(store: Store, config: RunConfig, name: str) -> Series:
    source = _signal_source(store.intervals(name), config.timeframe.signal, store, name)
    start_ns, end_ns = _span(store, config, name, source)
    fill_interval = _fill_interval(store, config, name, source, (start_ns, end_ns))
    fine = store.candles(name, source, start_ns, end_ns)
    signal_ns = config.timeframe.signal_ns
    fill = fine if fill_interval == source else store.candles(name, fill_interval, start_ns, end_ns)
    if len(fill) == 0:
        raise ConfigError(_empty_span(store, config, name, source))
    max_gap_ns = _max_gap_ns(config, store.definition(name).info()["asset_class"])
    warmup = _warmup(store, config, name, source, start_ns)
    hour_close_ns, hour_close = _hours(store, config, name, {source: fine}, (start_ns, end_ns))
    return Series(
        instrument_id=name,
        warmup=warmup,
        signal=_complete(resample(fine, INTERVAL_NS[source], signal_ns), signal_ns, end_ns),
        fill=fill,
        signal_ns=signal_ns,
        fill_interval=fill_interval,
        max_gap_ns=max_gap_ns,
        ends_ns=_ends_ns(fill, INTERVAL_NS[fill_interval], max_gap_ns),
        fingerprint=store.fingerprint(name, fill_interval),
        hour_close_ns=hour_close_ns,
        hour_close=hour_close,
        gaps_ns=tuple(store.gaps_ns(name, source)),
    )


def _complete(signal: Candles, signal_ns: int, end_ns: int) -> Candles:
    """Return the bars that have closed by the end: the last one may still be under way."""
    return signal.take(signal.ts_open_ns + signal_ns <= end_ns)


def _signal_source(intervals: Sequence[str], wanted: str, store: Store, name: str) -> str:
    if wanted in intervals:
        return wanted
    wanted_ns = INTERVAL_NS[wanted]
    finer = [i for i in intervals if INTERVAL_NS[i] < wanted_ns and wanted_ns % INTERVAL_NS[i] == 0]
    if not finer:
        raise DataError(
            f"{store.path}: {name} has {', '.join(intervals)} candles; {wanted} signal bars need {wanted} or finer ones"
        )
    return finer[-1]


def _span(store: Store, config: RunConfig, name: str, source: str) -> tuple[int, int]:
    """Return the span as close stamps, ``(start, end]``, cut to what there is."""
    first_ns, last_ns = store.span_ns(name, source)
    start_ns = first_ns - 1 if config.start_ns is None else max(config.start_ns, first_ns - 1)
    end_ns = last_ns if config.end_ns is None else min(config.end_ns, last_ns)
    if start_ns >= end_ns:
        raise ConfigError(_empty_span(store, config, name, source))
    return start_ns, end_ns


def _empty_span(store: Store, config: RunConfig, name: str, source: str) -> str:
    first, last = (str(np.datetime64(ns, "ns"))[:16] for ns in store.span_ns(name, source))
    asked = f"start {config.start or '(none)'}, end {config.end or '(none)'}"
    return f"{name}: no candles between {asked}; catalog {store.path} has {source} from {first} to {last} UTC"


def _fill_interval(store: Store, config: RunConfig, name: str, source: str, span_ns: tuple[int, int]) -> str:
    """Return the finest interval that covers the span as well as the signal bars do."""
    if config.data.fills == "signal":
        return source
    source_ns = INTERVAL_NS[source]
    expected = len(store.candles(name, source, *span_ns)) * source_ns
    for interval in store.intervals(name):
        if interval == source or INTERVAL_NS[interval] > source_ns:
            break
        first_ns, last_ns = store.span_ns(name, interval)
        if min(last_ns, span_ns[1]) - max(first_ns, span_ns[0]) < COVERED_FRAC * (span_ns[1] - span_ns[0]):
            continue
        if len(store.candles(name, interval, *span_ns)) * INTERVAL_NS[interval] >= COVERED_FRAC * expected:
            return interval
    return source


def _warmup(store: Store, config: RunConfig, name: str, source: str, start_ns: int) -> Candles:
    if config.data.warmup == "none" or config.start_ns is None:
        return store.candles(name, source, 0, 0)
    earlier = store.candles(name, source, None, start_ns)
    return resample(earlier, INTERVAL_NS[source], config.timeframe.signal_ns)


def _hours(
    store: Store, config: RunConfig, name: str, loaded: Mapping[str, Candles], span_ns: tuple[int, int]
) -> tuple[IntArray, FloatArray]:
    """Return every hour's last close, 30 days before the span included; none without candles of an hour or less."""
    fit = [interval for interval in store.intervals(name) if INTERVAL_NS[interval] <= HOUR_NS]
    if not fit:
        return np.empty(0, np.int64), np.empty(0)
    before_ns = 0 if config.data.warmup == "none" else (config.risk.correlation_days + 1) * DAY_NS
    start_ns = max(0, span_ns[0] - before_ns)
    best = max(fit, key=lambda interval: _coverage(store, name, interval, start_ns, span_ns[1]))
    parts = [store.candles(name, best, start_ns, span_ns[0]), loaded.get(best) or store.candles(name, best, *span_ns)]
    close_ns = np.concatenate([part.ts_open_ns + INTERVAL_NS[best] for part in parts])
    return last_of_each(close_ns, np.concatenate([part.close for part in parts]), HOUR_NS)


def _coverage(store: Store, name: str, interval: str, start_ns: int, end_ns: int) -> tuple[int, int]:
    """Return how much of a span an interval has candles for, in whole days, and its length: the coarsest wins a tie."""
    first_ns, last_ns = store.span_ns(name, interval)
    return (min(last_ns, end_ns) - max(first_ns, start_ns)) // DAY_NS, INTERVAL_NS[interval]


def _max_gap_ns(config: RunConfig, asset_class: str) -> int:
    hours = config.data.max_gap_hours or MAX_GAP_HOURS.get(asset_class, MAX_GAP_HOURS_OF_SESSIONS)
    return max(int(hours * HOUR_NS), 3 * config.timeframe.signal_ns)


def _ends_ns(fill: Candles, fill_ns: int, max_gap_ns: int) -> tuple[int, ...]:
    """Return the last close before every hole longer than ``max_gap_ns``, and the last of all."""
    close_ns = fill.ts_open_ns + fill_ns
    before_hole = np.flatnonzero(np.diff(close_ns) > max_gap_ns)
    return tuple(int(ns) for ns in close_ns[[*before_hole, -1]])


def needs_path(series: Sequence[Series], signal_ns: int) -> bool:
    """Return whether bars must be walked price by price.

    The engine acts on orders sent during a bar only after the bar. With fill bars about as long as signal bars an
    entry would be without its stop for most of the first bar: such bars are given as four prices in sequence.
    """
    return any(one.fill_ns * PATH_SHARE > signal_ns for one in series)
