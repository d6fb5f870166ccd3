"""The doctor's report on a terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from execution.audit.finding import Finding
from operations.doctor import Report

STALE_SECS = 60.0


def show(report: Report, console: Console) -> None:
    """Print the state of node and account, then one row for each finding."""
    console.print(f"node: {_node(report)}")
    kept = f"{report.trades} kept trades" if not report.memory else f"kept trades unknown ({report.memory})"
    console.print(f"venue: {report.positions} positions, {report.orders} orders; {kept}", soft_wrap=True)
    if report.memory:
        console.print("only what the venue shows by itself was judged")
    if not report.findings:
        console.print("nothing is wrong")
        return
    table = Table(show_lines=True)
    for name in ("what", "where", "details", "would"):
        table.add_column(name, overflow="fold")  # a name that is cut short cannot be looked up
    for finding in report.findings:
        table.add_row(*(Text(cell) for cell in _row(finding)))
    console.print(table)
    console.print("nothing was changed: the doctor only reads")


def _row(finding: Finding) -> tuple[str, ...]:
    what = f"{finding.severity}\n{finding.kind.value}"
    where = f"{finding.instrument_id}\n{finding.trade_id}".strip()
    names = ", ".join(order.venue_name for order in finding.orders)
    return what, where, finding.text, f"{finding.remedy.value}: {names}" if names else finding.remedy.value


def _node(report: Report) -> str:
    age = report.heartbeat_age_secs
    if age is None:
        return "no sign of life"
    word = "silent" if age > STALE_SECS else "alive"
    return f"{word}, last sign of life {age:.1f} s ago{f', {report.node_state}' if report.node_state else ''}"
