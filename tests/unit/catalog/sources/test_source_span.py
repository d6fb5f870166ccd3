"""Spans of days and the archive files that cover them."""

import datetime as dt

import pytest

from catalog.sources.archive_layout import Series, plan_periods
from catalog.sources.span import Span, parse_span
from errors import ConfigError

NEWEST = dt.date(2026, 3, 10)


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2024-01", "2024-02", "2024-01-01", "2024-02-29"),
        ("2024-01-15", "2024-01-15", "2024-01-15", "2024-01-15"),
        ("2024-01", None, "2024-01-01", "2026-03-10"),
        ("2026-03", "2026-03", "2026-03-01", "2026-03-10"),
        ("2024-01", "2027-01", "2024-01-01", "2026-03-10"),
    ],
)
def test_span_of_days_or_months_is_inclusive_and_cut_at_the_newest(
    start: str, end: str | None, first: str, last: str
) -> None:
    assert parse_span(start, end, NEWEST) == Span(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024", None, "--start must be a day .* was '2024'"),
        ("2024-13", None, "--start must be a day .* was '2024-13'"),
        ("2024-01", "2024-02-30", "--end must be a day .* was '2024-02-30'"),
        ("2024-02", "2024-01", "--start must not be after --end, was 2024-02-01 and 2024-01-31"),
        ("2026-03-11", None, "--start must not be after 2026-03-10, the newest day"),
    ],
)
def test_span_that_is_no_span_names_option_and_value(start: str, end: str | None, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        parse_span(start, end, NEWEST)


def test_span_bounds_are_midnights_utc() -> None:
    day = Span(dt.date(2024, 1, 1), dt.date(2024, 1, 1))
    assert (day.start_ns, day.end_ns) == (1_704_067_200_000_000_000, 1_704_153_600_000_000_000)


@pytest.mark.parametrize(
    ("start", "end", "months_only", "labels"),
    [
        ("2024-01-30", "2024-03-02", False, ["2024-01-30", "2024-01-31", "2024-02", "2024-03-01", "2024-03-02"]),
        ("2023-12", "2024-01", False, ["2023-12", "2024-01"]),
        ("2024-01-30", "2024-03-02", True, ["2024-01", "2024-02", "2024-03"]),
    ],
)
def test_plan_takes_months_that_are_whole_and_days_for_the_rest(
    start: str, end: str, months_only: bool, labels: list[str]
) -> None:
    periods = plan_periods(parse_span(start, end, NEWEST), months_only=months_only)
    assert [period.label for period in periods] == labels


@pytest.mark.parametrize(
    ("series", "instrument_id", "key"),
    [
        (
            Series("spot", "BTCUSDT", "15m"),
            "BTCUSDT.BINANCE",
            "data/spot/monthly/klines/BTCUSDT/15m/BTCUSDT-15m-2024-01.zip",
        ),
        (
            Series("um", "ETHUSDT", "1m"),
            "ETHUSDT-PERP.BINANCE",
            "data/futures/um/monthly/klines/ETHUSDT/1m/ETHUSDT-1m-2024-01.zip",
        ),
        (
            Series("um", "ETHUSDT", None),
            "ETHUSDT-PERP.BINANCE",
            "data/futures/um/monthly/fundingRate/ETHUSDT/ETHUSDT-fundingRate-2024-01.zip",
        ),
    ],
)
def test_series_names_instrument_and_file_as_the_archive_does(series: Series, instrument_id: str, key: str) -> None:
    [month] = plan_periods(parse_span("2024-01", "2024-01", NEWEST), months_only=False)
    assert (series.instrument_id, series.key(month)) == (instrument_id, key)
