"""From a finished segment to Parquet files of the catalog: whole or not at all, and the same when done twice."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from catalog.commit import transaction, writing
from catalog.ticks import Precision, quotes_file, trades_file, write_quotes, write_trades
from errors import DataError
from live.recorder.spool import DEFINITION, QUOTE, TRADE, read_segment

FILE_OF = {QUOTE: quotes_file, TRADE: trades_file}
WRITE = {QUOTE: write_quotes, TRADE: write_trades}


def roll(segment: Path, catalog: Path) -> int:
    """Put the rows of a segment into the catalog, then delete it; return how many bytes at its end were torn.

    Raises
    ------
    DataError
        The catalog holds another file of the very same span; the segment stays.
    """
    found = read_segment(segment)
    meaning = {row[1]: (row[2], Precision(row[3], row[4])) for row in found.rows if row[0] == DEFINITION}
    series: defaultdict[tuple[int, int], list[list[Any]]] = defaultdict(list)
    for row in found.rows:
        if row[0] in WRITE:
            series[row[0], row[1]].append(row[2:])
    catalog.mkdir(parents=True, exist_ok=True)
    with writing(catalog), transaction(catalog) as work:
        for (kind, index), rows in series.items():
            rows.sort(key=_received_ns)
            name, precision = meaning[index]
            relative = FILE_OF[kind](name, rows[0][-1], rows[-1][-1])
            if not _is_there(catalog / relative, len(rows)):
                WRITE[kind](work.create(relative), rows, name, precision)
        if work.staged:
            work.commit()
    segment.unlink(missing_ok=True)
    return found.torn_bytes


def _received_ns(row: list[Any]) -> int:
    return int(row[-1])


def _is_there(path: Path, rows: int) -> bool:
    """Return whether the file was rolled before the process died that should have deleted the segment."""
    if not path.exists():
        return False
    held = int(pq.read_metadata(path).num_rows)
    if held != rows:
        raise DataError(f"{path}: holds {held} rows, another segment of that span {rows}: the clock was set back?")
    return True
