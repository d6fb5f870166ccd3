"""Spec 3.4 on a terminal."""

from typing import Any

from rich.table import Table
from rich.text import Text


def console_table(metrics: dict[str, Any]) -> Table:
    """Return the eight rows of Spec 3.4 with value, target and pass or fail.

    Parameters
    ----------
    metrics : dict
        What `research.run_metrics.compute_metrics` returns, or the same read back from ``metrics.json``.
    """
    met = sum(bool(row["passed"]) for row in metrics["kpis"])
    table = Table(title=f"Spec 3.4: {met} of {len(metrics['kpis'])} targets met", title_justify="left")
    table.add_column("Metric")
    table.add_column("Value", justify="right")
    table.add_column("Target", justify="right")
    table.add_column("Result")
    for row in metrics["kpis"]:
        table.add_row(row["name"], row["display"], row["target"], _verdict(row))
    return table


def _verdict(row: dict[str, Any]) -> Text:
    if not row["passed"]:
        return Text(row["note"] or "not met", style="red")
    return Text(f"met ({row['note']})" if row["note"] else "met", style="green")
