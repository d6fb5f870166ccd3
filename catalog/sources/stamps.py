"""Time stamps of any file: text, dates, epoch numbers; naive ones get a time zone; all become nanoseconds UTC."""

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from catalog.candles import IntArray
from errors import ConfigError, close_match

if TYPE_CHECKING:
    import pandas as pd

NO_STAMP = np.iinfo(np.int64).min  # what NaT is as an integer
EPOCH_UNITS = ((1e11, 1_000_000_000), (1e14, 1_000_000), (1e17, 1_000), (9.3e18, 1))  # below: nanoseconds per unit


def check_timezone(name: str | None) -> None:
    """Raise ConfigError unless the name is a time zone of the IANA database."""
    if name is None:
        return
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        from zoneinfo import available_timezones  # noqa: PLC0415  (only for the message)

        hint = close_match(name, available_timezones())
        raise ConfigError(
            f"--timezone: unknown '{name}'{hint} (allowed: IANA names such as America/New_York)"
        ) from error


def to_utc_ns(column: "pd.Series[Any]", timezone: str | None) -> tuple[IntArray, list[str]]:
    """Return stamps in nanoseconds UTC, ``NO_STAMP`` where none could be read, and notes for the report.

    Parameters
    ----------
    column : pandas Series
        Text, datetimes with or without a zone, dates, or epoch numbers (s, ms, us, ns, told by their size).
    timezone : str, optional
        Zone of naive text and datetimes; UTC when None. An hour that daylight saving repeats is read as its first
        pass unless order shows the second; an hour that it skips is moved forward. Both are counted in the notes.
    """
    import pandas as pd  # noqa: PLC0415  (a second: Parquet files with UTC stamps do without)

    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return _nanoseconds(column), []
    if pd.api.types.is_numeric_dtype(column.dtype):
        return _from_epoch(column.to_numpy()), []
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        numbers = pd.to_numeric(column, errors="coerce")
        if len(numbers) and numbers.notna().mean() > 0.5 and float(numbers.median()) > 1e8:
            return _from_epoch(numbers.to_numpy()), []
        column = _from_text(column)
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            return _nanoseconds(column), []
    return _localise(column, timezone)


def _from_epoch(values: npt.NDArray[Any]) -> IntArray:
    """Return nanoseconds; the unit is told row by row, since Binance went from ms to us in 2025."""
    floats = values.astype(np.float64)
    out = np.full(len(values), NO_STAMP, np.int64)
    below = 0.0
    for limit, factor in EPOCH_UNITS:
        rows = (floats > below) & (floats < limit)
        if np.issubdtype(values.dtype, np.integer):
            out[rows] = values[rows].astype(np.int64) * factor
        else:  # whole microseconds: more than a float64 holds is noise
            out[rows] = np.rint(floats[rows] * (factor / 1_000)).astype(np.int64) * 1_000
        below = limit
    return out


def _from_text(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return datetimes; NaT for text that is none."""
    import pandas as pd  # noqa: PLC0415

    try:
        parsed = pd.to_datetime(column, errors="coerce", format="ISO8601")
        if parsed.notna().any() or column.isna().all():
            return parsed
    except ValueError:  # offsets that change with daylight saving
        return pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601")
    compact = pd.to_datetime(column.astype(str), errors="coerce", format="%Y%m%d %H:%M")  # LEAN
    return compact if compact.notna().any() else pd.to_datetime(column, errors="coerce", format="mixed")


def _nanoseconds(column: "pd.Series[Any]") -> IntArray:
    stamps = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    out: IntArray = stamps.astype("datetime64[ns]").astype(np.int64)
    return out


def _localise(column: "pd.Series[Any]", timezone: str | None) -> tuple[IntArray, list[str]]:
    if timezone is None:
        return column.to_numpy().astype("datetime64[ns]").astype(np.int64), []
    zone = column.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    lost = zone.isna() & column.notna()
    if not lost.any():
        return _nanoseconds(zone), []
    return _localise_around_changes(column, timezone)


def _localise_around_changes(column: "pd.Series[Any]", timezone: str) -> tuple[IntArray, list[str]]:
    """Read a repeated hour as its first pass (the second one when its stamps have been seen), move a skipped one on."""
    second_pass = column.duplicated(keep="first")
    first_pass = (~second_pass).to_numpy()
    plain = column.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="shift_forward")
    ambiguous = int((plain.isna() & column.notna()).sum())
    strict = column.dt.tz_localize(timezone, ambiguous=first_pass, nonexistent="NaT")
    skipped = int((strict.isna() & column.notna()).sum())
    zone = column.dt.tz_localize(timezone, ambiguous=first_pass, nonexistent="shift_forward")
    note = f"{timezone}: {ambiguous} stamps in an hour that daylight saving repeats, {skipped} in one that it skips"
    return _nanoseconds(zone), [note]
