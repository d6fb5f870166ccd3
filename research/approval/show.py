"""The answer of the gate as a table: requirement, observed, limit, met or not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from research.approval.record import Row

if TYPE_CHECKING:
    from rich.table import Table


def table(rows: Sequence[Row]) -> "Table":
    """Return the requirements as a table for the console, failed ones first."""
    from rich.table import Table  # noqa: PLC0415 - heavy: --help must not wait for it
    from rich.text import Text  # noqa: PLC0415

    found = Table("Requirement", "Observed", "Limit", "")
    for row in sorted(rows, key=lambda row: row.passed):
        mark = Text("met", "green") if row.passed else Text("not met", "bold red")
        found.add_row(Text(row.requirement), Text(row.observed), Text(row.limit), mark)
    return found
