"""Where a run's journal is."""

from collections.abc import Sequence
from pathlib import Path

from errors import DataError, close_match

JOURNAL = "journal.jsonl"
SHOWN = 5


def find_journal(path: Path) -> Path:
    """Return the journal of a run's folder, or the file itself.

    Raises
    ------
    DataError
        There is no such file or folder, or the folder holds no journal; the message says what is there.
    """
    if path.is_dir():
        if (path / JOURNAL).is_file():
            return path / JOURNAL
        runs = sorted(file.parent.name for file in path.glob(f"*/{JOURNAL}"))
        raise DataError(f"{path}: no {JOURNAL} in this folder{_there_are(runs, 'runs in it')}")
    if path.exists():
        return path
    near = sorted(one.name for one in path.parent.iterdir()) if path.parent.is_dir() else []
    runs = [name for name in near if (path.parent / name / JOURNAL).is_file()]
    raise DataError(f"{path}: no such run or journal{close_match(path.name, near) or _there_are(runs, 'there are')}")


def _there_are(names: Sequence[str], what: str) -> str:
    return f" ({what}: {', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''})" if names else ""
