"""Higher-time-frame bars, built from signal bars on UTC boundaries (D1)."""

from compiled import compiled_bare

DAY_NS = 86_400_000_000_000
WEEK_NS = 7 * DAY_NS
MONDAY_OFFSET_NS = 4 * DAY_NS  # 1970-01-01 was a Thursday; weeks start Monday 00:00 UTC


@compiled_bare
def bucket_end_ns(close_ns: int, htf_ns: int) -> int:
    """Return the close time of the higher-time-frame bar that a signal bar closing at ``close_ns`` belongs to.

    Boundaries are UTC multiples of ``htf_ns``; weeks start on Monday. A bar that closes on a boundary belongs to the
    bar that ends there.

    >>> bucket_end_ns(4 * 3_600_000_000_000, 4 * 3_600_000_000_000) // 3_600_000_000_000
    4
    >>> bucket_end_ns(5 * DAY_NS, WEEK_NS) // DAY_NS
    11
    """
    offset = MONDAY_OFFSET_NS if htf_ns % WEEK_NS == 0 else 0
    return ((close_ns - 1 - offset) // htf_ns + 1) * htf_ns + offset
