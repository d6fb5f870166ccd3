"""Clean candles, merge them with what the catalog holds, and commit: the one way in for every source."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from catalog import layout
from catalog.bars import read_bars
from catalog.candles import INTERVAL_NS, Candles, concat
from catalog.clean import clean, grid_phase_ns
from catalog.commit import transaction, writing
from catalog.definition import CLASS_OF_KIND, Definition
from catalog.gaps import Continuity, close_gaps
from catalog.infer import classify, split_id
from catalog.merge import check_overlap, equal, merge, real_rows
from catalog.precision import quantise
from catalog.publish import restage_others, stage_definition, stage_series
from catalog.report import RULES, CleaningReport
from catalog.resolve import known_definition, resolve
from catalog.schedule import DEFAULT_CALENDARS, Schedule, build_schedule, check_calendar
from catalog.store import Store
from errors import ConfigError, DataError, close_match


@dataclass(frozen=True, slots=True)
class Part:
    """Hold what one source gave: rows in any order, stamps are opens, nanoseconds UTC.

    Attributes
    ----------
    candles : Candles
        As read, uncleaned.
    source, sha256 : str
        Name of the source and hash of its bytes, kept in the report.
    unparsable : int
        Rows that the source could not read at all.
    notes : tuple of str
        Remarks for the report.
    """

    candles: Candles
    source: str
    sha256: str
    unparsable: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """Say how the parts of one load are to be read.

    Attributes
    ----------
    calendar : str, optional
        ``24/7``, ``FX``, ``XNYS``, ``CMES`` ...; by default that of the asset class.
    adjustment : str
        ``none``, or what was done to the prices (``splits+dividends``).
    definition : Definition, optional
        From venue metadata; else the catalog's, else ``configs/instruments``, else inferred with a warning.
    replace : bool
        Whether new rows win over different ones at the same stamp.
    """

    calendar: str | None = None
    adjustment: str = "none"
    definition: Definition | None = None
    replace: bool = False


def load_candles(
    store: Store,
    instrument_id: str,
    interval: str,
    candles: Candles,
    *,
    source: str,
    sha256: str,
    unparsable: int = 0,
    terms: Terms = Terms(),
) -> CleaningReport:
    """Clean candles in the order of D41, merge them into the catalog, commit at once, and return the report.

    See `load_parts`, which this calls with one part.
    """
    return load_parts(store, instrument_id, interval, [Part(candles, source, sha256, unparsable)], terms)[0]


def load_parts(
    store: Store,
    instrument_id: str,
    interval: str,
    parts: Iterable[Part],
    terms: Terms = Terms(),
) -> list[CleaningReport]:
    """Clean each part in the order of D41, merge all into the catalog with one commit, and return their reports.

    Parameters
    ----------
    store : Store
        Target; other loads wait.
    instrument_id, interval : str
        For example ``SOLUSDT-PERP.BINANCE`` and ``15m``.
    parts : iterable of Part
        Read one after the other, so that raw rows need not be in memory together.
    terms : Terms
        Calendar, adjustment, metadata, what wins on a conflict.

    Raises
    ------
    DataError
        A part has no usable row, or interleaves with the catalog's rows on another grid; nothing is changed.
    ConfigError
        Unknown interval or calendar.
    """
    check_interval(interval)
    symbol, venue = split_id(instrument_id)
    known = known_definition(store.path, instrument_id, terms.definition)
    asset_class = CLASS_OF_KIND[known.kind if known is not None else classify(symbol, venue)[0]]
    calendar = terms.calendar or DEFAULT_CALENDARS[asset_class]
    check_calendar(calendar)
    with writing(store.path):
        load = _Load(store.path, instrument_id, interval, asset_class=asset_class, calendar=calendar, terms=terms)
        for part in parts:
            load.add(part)
        return load.commit()


def check_interval(interval: str) -> None:
    """Raise ConfigError unless the interval is one that the catalog holds."""
    if interval not in INTERVAL_NS:
        allowed = ", ".join(INTERVAL_NS)
        raise ConfigError(f"--interval: unknown '{interval}'{close_match(interval, INTERVAL_NS)} (allowed: {allowed})")


class _Load:
    """One load under way: cleaned parts, waiting for the commit."""

    def __init__(
        self, root: Path, instrument_id: str, interval: str, *, asset_class: str, calendar: str, terms: Terms
    ) -> None:
        self._root, self._instrument_id, self._interval = root, instrument_id, interval
        self._asset_class, self._calendar, self._terms = asset_class, calendar, terms
        self._old = held_series(root, instrument_id, interval)
        self._check_adjustment()
        self._stored = None if self._old is None else read_bars(root / self._old.bars_file, interval, None, None)
        self._held = self._stored
        if self._old is not None and self._stored is not None:
            self._held = real_rows(self._stored, layout.read_filled(root, self._old))
        stamps = self._held.ts_open_ns if self._held is not None else np.empty(0, np.int64)
        self._phase_ns = grid_phase_ns(stamps, interval, asset_class)
        self._rows: list[Candles] = []
        self._reports: list[CleaningReport] = []

    def add(self, part: Part) -> None:
        """Clean one part."""
        report = CleaningReport(
            source=part.source, sha256=part.sha256, instrument_id=self._instrument_id, interval=self._interval,
            calendar=self._calendar, adjustment=self._terms.adjustment, unparsable=part.unparsable,
            notes=list(part.notes),
        )  # fmt: skip
        schedule = _schedule(self._calendar, [part.candles])
        rows = clean(part.candles, self._interval, self._asset_class, schedule, report, phase_ns=self._phase_ns)
        if len(rows) == 0:
            raise DataError(f"{part.source}: no usable candle among {report.rows_in} rows ({dropped(report)})")
        if self._phase_ns is None:
            self._phase_ns = grid_phase_ns(rows.ts_open_ns, self._interval, self._asset_class)
        self._rows.append(rows)
        self._reports.append(report)

    def commit(self) -> list[CleaningReport]:
        """Merge the parts, fill, stage what differs from the catalog, publish."""
        if not self._rows:
            raise DataError(f"{self._instrument_id}: nothing to load")
        everything = self._rows[0] if len(self._rows) == 1 else concat(self._rows)
        resolved = resolve(self._root, self._instrument_id, self._terms.definition, everything, self._terms.adjustment)
        del everything
        final = resolved[0]
        _say(resolved[1], self._reports[0])
        joined = self._join(final)
        schedule = _schedule(self._calendar, [joined])
        continuity = close_gaps(joined, self._interval, schedule)
        self._stage(final, continuity)
        return self._reports

    def _check_adjustment(self) -> None:
        old, wanted = self._old, self._terms.adjustment
        if old is not None and old.adjustment != wanted:
            raise DataError(
                f"{self._root}: {old.instrument_id} {old.interval} holds prices with adjustment '{old.adjustment}', "
                f"these have '{wanted}': the two cannot be mixed; load them with another --catalog"
            )

    def _join(self, final: Definition) -> Candles:
        joined = self._held
        for report in self._reports:
            fresh = quantise(self._rows.pop(0), final.precision, final.size_precision)
            merged = merge(joined, fresh, replace=self._terms.replace)
            joined = merged.candles
            report.merge_new, report.merge_same, report.merge_conflicts = merged.new, merged.same, merged.conflicts
            report.merge_replaced = self._terms.replace and merged.conflicts > 0
            check_overlap(joined, self._interval, report.source)
        return joined if joined is not None else concat([])

    def _stage(self, final: Definition, continuity: Continuity) -> None:
        """Stage what differs; nothing at all when this very load is already in the catalog."""
        old, stored = self._old, self._stored
        decimals = final.precision, final.size_precision
        fits = old is not None and (old.price_precision, old.size_precision) == decimals
        same_rows = fits and stored is not None and equal(stored, continuity.candles)
        for report in self._reports:
            report.changed = not same_rows
        past = [] if old is None else old.reports
        known = {report.identity() for report in past}
        reports = [*past, *(report for report in self._reports if report.identity() not in known)]
        with transaction(self._root) as work:
            stage_definition(work, self._root, self._instrument_id, final)
            restage_others(work, self._root, self._instrument_id, self._interval, final)
            if not same_rows:
                stage_series(work, self._describe(final, reports), continuity, old)
            elif old is not None and len(reports) > len(past):
                old.reports = reports
                work.write_text(old.ours("series.json"), layout.encode(old))
            if work.staged:
                work.commit()

    def _describe(self, final: Definition, reports: list[CleaningReport]) -> layout.Series:
        return layout.Series(
            instrument_id=self._instrument_id, interval=self._interval, rows=0, first_close_ns=0, last_close_ns=0,
            sha256="", gaps=0, filled=0, calendar=self._calendar, adjustment=self._terms.adjustment,
            price_precision=final.precision, size_precision=final.size_precision, reports=reports,
        )  # fmt: skip


def held_series(root: Path, instrument_id: str, interval: str) -> layout.Series | None:
    """Return what the catalog knows about a series, or None."""
    path = root / layout.instrument_file(instrument_id, f"{interval}/series.json")
    return layout.decode(path, layout.Series) if path.exists() else None


def dropped(report: CleaningReport) -> str:
    """Return the rules that dropped rows, with their counts."""
    counts = msgspec.structs.asdict(report)
    return ", ".join(f"{rule.replace('_', ' ')} {counts[rule]}" for rule in RULES if counts[rule]) or "no row at all"


def _schedule(name: str, parts: list[Candles]) -> Schedule:
    stamps = [part.ts_open_ns for part in parts if len(part)]
    if not stamps:
        return build_schedule(name, 0, 0)
    return build_schedule(name, min(int(ts.min()) for ts in stamps), max(int(ts.max()) for ts in stamps))


def _say(warnings: list[str], report: CleaningReport) -> None:
    for warning in warnings:
        report.notes.append(warning)
        print(f"warning: {warning}", file=sys.stderr)
