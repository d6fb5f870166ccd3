"""The windows of a walk-forward as a table for the terminal."""

from rich.table import Table

from research.report.numbers import number, percent
from research.walk_forward.result import Result
from research.walk_forward.sections import parameters_text


def console_table(result: Result) -> Table:
    """Return one row per rolling window."""
    found = Table(title=f"walk-forward of {result.name}, rolling windows", title_justify="left")
    for name in ("out of sample", "Sharpe in", "out", "kept", "trades", "accepted", "parameters"):
        found.add_column(name, justify="left" if name in {"out of sample", "accepted", "parameters"} else "right")
    for window in result.windows:
        found.add_row(
            f"{window.oos_start} to {window.oos_end}",
            number(window.is_sharpe),
            number(window.oos_sharpe),
            percent(window.ratio, 0) if window.ratio is None or window.ratio > 0.0 else "none",
            "n/a" if window.oos_trades is None else str(window.oos_trades),
            "yes" if window.accepted else f"no: {window.why_not}",
            parameters_text(window.parameters),
        )
    return found
