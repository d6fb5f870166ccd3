"""Collect the files of one archive series: months first, days where a month is not there."""

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from rich.console import Console

from catalog.sources.archive_layout import Period, Series, plan_days, plan_periods
from catalog.sources.download import Downloader, Verified
from catalog.sources.meter import Meter
from catalog.sources.span import Span
from errors import DataError

type Found = dict[Period, Verified]


@dataclass(frozen=True, slots=True)
class Collection:
    """Hold the verified files of a series, oldest first, and the days that no file covers.

    Attributes
    ----------
    files : tuple of Verified
        Never empty.
    unlisted_days, unpublished_days : int
        Days before the first and after the last file.
    hole_days : tuple of datetime.date
        Days in between that the archive lacks.
    """

    files: tuple[Verified, ...]
    unlisted_days: int
    hole_days: tuple[dt.date, ...]
    unpublished_days: int


def collect(series: Series, span: Span, downloader: Downloader, jobs: int, console: Console) -> Collection:
    """Download what the archive has of ``series`` in ``span``, ``jobs`` files at a time.

    Raises
    ------
    DataError
        The archive has no file at all, or one does not match its checksum.
    VenueError
        The server fails or refuses.
    """
    planned = plan_periods(span, months_only=series.interval is None)
    with Meter(series.name, len(planned), "files", console) as meter:
        fetcher = _Fetcher(series, downloader, jobs, meter)
        found = fetcher.fetch(planned)
        if series.interval is not None:
            found |= _days_of_missing_months(planned, found, fetcher)
    if not found:
        raise DataError(
            f"{series.name}: the archive has no file from {span.first} to {span.last}; "
            "check the spelling of --symbols, and --market (spot, um)"
        )
    return _summary(span, found)


@dataclass(frozen=True, slots=True)
class _Fetcher:
    series: Series
    downloader: Downloader
    jobs: int
    meter: Meter

    def fetch(self, periods: Sequence[Period]) -> Found:
        with ThreadPoolExecutor(self.jobs, thread_name_prefix="download") as pool:
            running = {pool.submit(self.downloader.fetch, self.series.key(period)): period for period in periods}
            try:
                return _finished(running, self.meter)
            except BaseException:  # also Ctrl-C: end the threads, then say why
                self.downloader.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def fetch_days(self, months: Sequence[Period]) -> Found:
        days = [day for month in months for day in plan_days(month.days)]
        self.meter.extend(len(days))
        return self.fetch(days)


def _days_of_missing_months(planned: Sequence[Period], found: Found, fetcher: _Fetcher) -> Found:
    missing = [period for period in planned if period.is_month and period not in found]
    first_listed = min((period.days.first for period in found), default=dt.date.max)
    days = fetcher.fetch_days([month for month in missing if month.days.first > first_listed])
    # Going back from the first file, a month without a single day is before the listing: all older ones are too.
    for month in reversed([month for month in missing if month.days.first < first_listed]):
        older = fetcher.fetch_days([month])
        days |= older
        if not older:
            break
    return days


def _finished(running: Mapping[Future[Verified | None], Period], meter: Meter) -> Found:
    found: Found = {}
    for future in as_completed(running):
        verified = future.result()
        meter.advance()
        if verified is not None:
            found[running[future]] = verified
    return found


def _summary(span: Span, found: Found) -> Collection:
    periods = sorted(found, key=lambda period: period.days.first)
    covered = {day for period in periods for day in period.days.days()}
    lacking = [day for day in span.days() if day not in covered]
    first, last = periods[0].days.first, periods[-1].days.last
    return Collection(
        files=tuple(found[period] for period in periods),
        unlisted_days=sum(day < first for day in lacking),
        hole_days=tuple(day for day in lacking if first < day < last),
        unpublished_days=sum(day > last for day in lacking),
    )
