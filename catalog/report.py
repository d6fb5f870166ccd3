"""What cleaning did to one file: the numbers that are kept beside the data and printed after a load."""

from typing import Any

import msgspec

RULES = ("unparsable", "duplicates", "off_grid", "impossible", "outside_session", "zero_volume")


class CleaningReport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Count what each rule of D41 dropped or added, in the order in which the rules are applied.

    ``rows_out = rows_in - (every rule of RULES) + filled``. The ``merge_*`` fields compare the cleaned rows with what
    the catalog held already.
    """

    source: str
    sha256: str
    instrument_id: str
    interval: str
    calendar: str
    adjustment: str = "none"
    rows_in: int = 0
    unparsable: int = 0
    duplicates: int = 0
    off_grid: int = 0
    impossible: int = 0
    outside_session: int = 0
    zero_volume: int = 0
    filled: int = 0
    gaps: int = 0
    closures: int = 0
    rows_out: int = 0
    first_open_ns: int = 0
    last_open_ns: int = 0
    has_volume: bool = True
    merge_new: int = 0
    merge_same: int = 0
    merge_conflicts: int = 0
    merge_replaced: bool = False
    changed: bool = False
    notes: list[str] = []

    def identity(self) -> tuple[Any, ...]:
        """Return what makes two loads the same load."""
        return self.source, self.sha256, self.adjustment, self.calendar, self.rows_in, self.rows_out
