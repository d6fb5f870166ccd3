"""The comparison on a terminal."""

from collections.abc import Sequence

from rich.table import Table

from research.comparison.figures import Line, common_lines, common_span_ns, metric_lines
from research.comparison.matching import match_trades
from research.comparison.runs import Compared
from research.comparison.settings import config_differences

SHOWN_KEYS = 12


def figures_table(runs: Sequence[Compared]) -> Table:
    """Return the figures over the common days, else over each run's own span."""
    span = common_span_ns(runs)
    title = "Over their common days" if span else "Each over its own days (they share none)"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for one in runs:
        table.add_column(one.letter, justify="right")
    lines = common_lines(runs, span) if span else metric_lines(runs)
    for line in lines:
        table.add_row(line.name, *_cells(line))
    return table


def _cells(line: Line) -> list[str]:
    pairs = zip(line.values, line.differences(), strict=True)
    return [line.show(value) + (f" ({line.show_difference(one)})" if one else "") for value, one in pairs]


def facts(runs: Sequence[Compared]) -> list[str]:
    """Return configuration differences and shared trades in a few lines."""
    found = config_differences(runs)
    lines = [f"configuration: {len(found)} keys differ" if found else "configuration: the same, key by key"]
    lines += [f"  {key}: {' | '.join(texts)}" for key, texts in list(found.items())[:SHOWN_KEYS]]
    if len(found) > SHOWN_KEYS:
        lines.append(f"  and {len(found) - SHOWN_KEYS} more")
    first = runs[0]
    for other in runs[1:]:
        match = match_trades(first.run.trades, other.run.trades)
        lines.append(
            f"trades {first.letter} and {other.letter}: {len(match.both):,} shared, {len(match.differing):,} of them "
            f"at another price or exit; {len(match.only_first):,} only in {first.letter}, "
            f"{len(match.only_second):,} only in {other.letter}"
        )
    return lines
