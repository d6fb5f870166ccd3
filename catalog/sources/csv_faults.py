"""Say which line and column of a CSV text is wrong: the fast reader only says that one is."""

import io
from collections.abc import Sequence

import pyarrow as pa


def first_fault(data: bytes, where: str, columns: Sequence[str], types: dict[str, pa.DataType]) -> str:
    """Return a message on the first line that has not the ``columns``, or a cell that has not its ``types``."""
    text = io.StringIO(data.decode("utf-8-sig", errors="replace"))
    skipped = int(has_header(data))
    for number, line in enumerate(text, start=1):
        fault = None if number <= skipped or line.isspace() else _line_fault(line, columns, types)
        if fault:
            return f"{where}:{number}: {fault}"
    return f"{where}: must have data rows, has none"


def has_header(data: bytes) -> bool:
    """Return whether the first line holds words only."""
    first = data[:4096].split(b"\n", 1)[0].decode("utf-8-sig", errors="replace").strip()
    return bool(first) and not any(is_number(cell.strip('"')) for cell in first.split(","))


def is_number(cell: str) -> bool:
    """Return whether ``cell`` reads as a float."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def is_integer(cell: str) -> bool:
    """Return whether ``cell`` is digits with at most a minus before them."""
    return cell.removeprefix("-").isdecimal()


def _line_fault(line: str, columns: Sequence[str], types: dict[str, pa.DataType]) -> str | None:
    cells = [cell.strip('"') for cell in line.rstrip("\r\n").split(",")]
    if len(cells) != len(columns):
        return f"must have {len(columns)} columns ({', '.join(columns)}), has {len(cells)}"
    for name, cell in zip(columns, cells, strict=True):
        if name in types and not _fits(cell, types[name]):
            kind = "an integer" if pa.types.is_integer(types[name]) else "a number"
            return f"column {name} must be {kind}, was '{cell}'"
    return None


def _fits(cell: str, kind: pa.DataType) -> bool:
    return is_integer(cell) if pa.types.is_integer(kind) else not cell or is_number(cell)
