"""What a load, ``list`` and ``check`` print."""

import sys
from pathlib import Path
from typing import IO

import numpy as np
from rich.console import Console
from rich.table import Table

from catalog.report import RULES, CleaningReport
from catalog.store import Store


def print_loads(reports: list[CleaningReport], catalog: Path, file: IO[str]) -> None:
    """Print one row per source, the remarks, where things are, and what to type next."""
    console = _console(file)
    shown = [rule for rule in RULES if any(getattr(report, rule) for report in reports)]
    table = _table("source", "rows in", *shown, "filled", "rows out", "gaps", "closures", "new", "differ")
    for report in reports:
        numbers = [report.rows_in, *(getattr(report, rule) for rule in shown), report.filled, report.rows_out]
        numbers += [report.gaps, report.closures, report.merge_new, report.merge_conflicts]
        table.add_row(report.source, *(f"{number:,}" for number in numbers))
    console.print(table)
    _print_remarks(reports, console)
    last = reports[-1]
    changed = any(report.changed for report in reports)
    state = "in" if changed else "unchanged, all rows were already in"
    console.print(
        f"{last.instrument_id} {last.interval} (prices: {_prices(last)}; calendar {last.calendar}) {state} {catalog}"
    )
    console.print(f"next: python scripts/load_catalog.py check --catalog {catalog}")
    console.print(f"      python scripts/backtest.py CONFIG --catalog {catalog} --set instruments={last.instrument_id}")


def print_funding(instrument_id: str, rows: int, catalog: Path) -> None:
    """Print how many funding rates the catalog holds now."""
    print(f"{instrument_id} funding: {rows:,} rates in {catalog}")


def print_list(store: Store) -> None:
    """Print instruments, intervals, spans, rows, gaps and sources."""
    console = _console(sys.stdout)
    table = _table("instrument", "interval", "from", "to", "rows", "filled", "gaps", "sources")
    for instrument_id in store.instrument_ids():
        for interval in store.intervals(instrument_id):
            series = store.series(instrument_id, interval)
            span = [show_ns(series.first_close_ns), show_ns(series.last_close_ns)]
            counts = [f"{number:,}" for number in (series.rows, series.filled, series.gaps)]
            table.add_row(instrument_id, interval, *span, *counts, _sources(series.reports))
        ts_ns, _ = store.funding(instrument_id)
        if len(ts_ns):
            span = [show_ns(int(ts_ns[0])), show_ns(int(ts_ns[-1]))]
            table.add_row(instrument_id, "funding", *span, f"{len(ts_ns):,}", "", "", "")
    if table.row_count == 0:
        console.print(f"{store.path}: empty; load something: python scripts/load_catalog.py file --help")
        return
    console.print(table)


def show_ns(ts_ns: int) -> str:
    """Return a stamp as people read it.

    >>> show_ns(0)
    '1970-01-01 00:00'
    """
    return str(np.datetime64(ts_ns, "ns").astype("datetime64[m]")).replace("T", " ")


def _console(file: IO[str]) -> Console:
    width = None if file.isatty() else 200
    return Console(file=file, width=width, highlight=False, soft_wrap=False)


def _table(*headers: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, header in enumerate(headers):
        numeric = header not in ("source", "instrument", "interval", "from", "to", "sources")
        table.add_column(header.replace("_", " "), justify="right" if numeric and number else "left", overflow="fold")
    return table


def _print_remarks(reports: list[CleaningReport], console: Console) -> None:
    for report in reports:
        said = f"{report.instrument_id}: "  # warnings went to stderr when they arose
        for note in (note for note in report.notes if not note.startswith(said)):
            console.print(f"{report.source}: {note}", markup=False)
        if report.merge_conflicts:
            winner = (
                "the new ones were taken"
                if report.merge_replaced
                else "the catalog's were kept (--replace takes the new)"
            )
            console.print(
                f"{report.source}: {report.merge_conflicts:,} rows differ from the catalog's: {winner}", markup=False
            )


def _prices(report: CleaningReport) -> str:
    return "as in the source, not adjusted" if report.adjustment == "none" else f"adjusted for {report.adjustment}"


def _sources(reports: list[CleaningReport]) -> str:
    names = [report.source for report in reports]
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
