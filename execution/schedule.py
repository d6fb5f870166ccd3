"""When an entry is repriced and when it is given up (Spec 7.4, D11)."""

from typing import NamedTuple

from execution.config import EntryConfig

NS = 1_000_000_000


class EntrySchedule(NamedTuple):
    """Delays from the moment the entry is sent, nanoseconds."""

    reprice_ns: int
    cancel_ns: int


def entry_schedule(config: EntryConfig, window_ns: int = 0) -> EntrySchedule:
    """Return the schedule; ``window_ns`` stretches the deadline in a bar back-test to the end of the first fill bar.

    Thirty seconds cannot be seen inside a bar: cancelled at 30 s, an order would be gone before the next price.

    >>> entry_schedule(EntryConfig()).cancel_ns // NS, entry_schedule(EntryConfig(), 60 * NS).cancel_ns // NS
    (30, 60)
    """
    return EntrySchedule(config.reprice_secs * NS, max(config.cancel_secs * NS, window_ns))
