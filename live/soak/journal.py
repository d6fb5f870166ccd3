"""What the journal of a soak tells: bars that were missed, and how soon an order followed its candle."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from live.clock import Pace
from monitoring.journal import Entry

ENTRY_LEG = "-EN1"  # the first order of a trade


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    """Bars of all instruments between the first that each one saw and the last close that any saw."""

    expected: int
    taken: int
    fetched: int  # lost by the stream and asked for: known to the rules, not entered
    missed: list[str]


class Delays(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of real time over all entry orders; none without orders."""

    orders: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None


def bars_of(events: Iterable[Entry], instruments: Sequence[str], step_ns: int) -> Bars:
    """Return which boundaries were seen; the very last close may have been cut by the end: it is not asked for."""
    taken: dict[str, set[int]] = {name: set() for name in instruments}
    fetched: dict[str, set[int]] = {name: set() for name in instruments}
    for one in events:
        if one.event_type == "BAR_TAKEN":
            taken[one.asset].add(one.details["close_ns"])
        elif one.event_type == "GAP_REPAIRED":
            after_ns = one.details["after_ns"]
            fetched[one.asset] |= {after_ns + step_ns * (n + 1) for n in range(one.details["bars"])}
    last_ns = max((ns for closes in taken.values() for ns in closes), default=0) - step_ns
    first_ns = min((ns for closes in (*taken.values(), *fetched.values()) for ns in closes), default=0)
    boundaries = range(first_ns, last_ns + 1, step_ns) if first_ns else range(0)
    missed = [
        f"{name} {np.datetime64(ns, 'ns')}"
        for name in instruments
        for ns in boundaries
        if ns not in taken[name] and ns not in fetched[name]
    ]
    return Bars(
        expected=len(boundaries) * len(instruments),
        taken=sum(map(len, taken.values())),
        fetched=sum(map(len, fetched.values())),
        missed=missed,
    )


def order_delays(events: Iterable[Entry], pace: Pace) -> tuple[Delays, Delays]:
    """Return the delays of entry orders: from the receipt of the bar, and from the close of the candle itself.

    The first is the node's own time, with its wait for the bars of other instruments; the second adds the venue's.
    """
    received: dict[tuple[str, int], int] = {}
    signal_ns: dict[str, tuple[str, int]] = {}
    sent: dict[str, int] = {}
    for one in events:
        if one.event_type == "BAR_TAKEN":
            received[one.asset, one.details["close_ns"]] = one.details["received_ns"]
        elif one.event_type == "ENTRY_WORKING":
            close_ns = int(one.details["signal_id"].rpartition("/")[2])
            signal_ns[one.details["trade_id"]] = one.asset, close_ns
        elif one.event_type == "ORDER_SENT" and one.details["order_id"].endswith(ENTRY_LEG):
            sent[one.details["order_id"].removesuffix(ENTRY_LEG)] = one.details["sent_ns"]
    keys = {trade_id: signal_ns[trade_id] for trade_id in sent if trade_id in signal_ns}
    from_bar = [sent[trade_id] - received[key] for trade_id, key in keys.items() if key in received]
    from_close = [sent[trade_id] - pace.real_ns(close_ns) for trade_id, (_, close_ns) in keys.items()]
    return _delays(from_bar), _delays(from_close)


def alerts_of(events: Iterable[Entry]) -> dict[str, int]:
    """Return how often each alert was told."""
    return dict(Counter(one.event_type for one in events if one.module == "alerts"))


def _delays(found_ns: list[int]) -> Delays:
    if not found_ns:
        return Delays(orders=0)
    p50, p99 = np.percentile(np.array(found_ns) / 1e6, [50, 99])
    return Delays(
        orders=len(found_ns), p50_ms=round(float(p50), 2), p99_ms=round(float(p99), 2), max_ms=max(found_ns) / 1e6
    )
