"""D1: higher-time-frame bars on UTC boundaries, weeks on Mondays."""

from datetime import UTC, datetime

import pytest

from strategies.higher_timeframe import WEEK_NS, bucket_end_ns

HOUR_NS = 3_600_000_000_000
FOUR_HOURS_NS = 4 * HOUR_NS
DAY_NS = 24 * HOUR_NS


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("close", "htf_ns", "end"),
    [
        pytest.param("2024-01-01T00:15", FOUR_HOURS_NS, "2024-01-01T04:00", id="D1-first-quarter"),
        pytest.param("2024-01-01T03:45", FOUR_HOURS_NS, "2024-01-01T04:00", id="D1-just-before-the-boundary"),
        pytest.param("2024-01-01T04:00", FOUR_HOURS_NS, "2024-01-01T04:00", id="D1-on-the-boundary-ends-there"),
        pytest.param("2024-01-01T04:15", FOUR_HOURS_NS, "2024-01-01T08:00", id="D1-just-after-the-boundary"),
        pytest.param("2024-01-01T23:45", FOUR_HOURS_NS, "2024-01-02T00:00", id="D1-over-midnight"),
        pytest.param("2024-02-29T22:30", FOUR_HOURS_NS, "2024-03-01T00:00", id="D1-leap-day"),
        pytest.param("2024-01-01T05:30", HOUR_NS, "2024-01-01T06:00", id="D1-one-hour"),
        pytest.param("2024-01-01T05:30", DAY_NS, "2024-01-02T00:00", id="D1-one-day"),
        pytest.param("2024-01-01T01:00", WEEK_NS, "2024-01-08T00:00", id="D24-a-monday-starts-the-week"),
        pytest.param("2024-01-07T23:00", WEEK_NS, "2024-01-08T00:00", id="D24-a-sunday-ends-it"),
        pytest.param("2024-01-08T00:00", WEEK_NS, "2024-01-08T00:00", id="D24-monday-midnight-ends-the-week-before"),
        pytest.param("2024-01-08T01:00", WEEK_NS, "2024-01-15T00:00", id="D24-the-next-week"),
        pytest.param("1970-01-01T12:00", WEEK_NS, "1970-01-05T00:00", id="D24-before-the-first-monday"),
    ],
)
def test_bucket_ends_on_its_boundary(close: str, htf_ns: int, end: str) -> None:
    assert bucket_end_ns(ns(close), htf_ns) == ns(end)
