"""The tables of the attribution sections."""

from research.attribution.attribute import Breakdown
from research.attribution.benchmarks import Benchmark
from research.attribution.bucket import Bucket
from research.attribution.cost_grid import CostGrid
from research.attribution.findings import Cliff, Scan
from research.report.markup import Html, cell, join, signed, table, tag
from research.report.numbers import money, number, percent

BENCHMARK_HEAD = (
    "",
    "Sharpe",
    "Return",
    "Per year",
    "Max drawdown",
    "Alpha per year",
    "± error",
    "t",
    "Beta",
    "Inf. ratio",
)
BUCKET_HEAD = ("Group", "Trades", "Net", "Expectancy", "90 % interval", "Wins", "PF")
SCAN_HEAD = ("Measure", "Worst side", "Trades", "Expectancy there", "Otherwise", "p, all looked at")


def benchmark_table(rows: list[Benchmark]) -> Html:
    """Return one row per benchmark; one that is not available says why across the row."""
    return table(BENCHMARK_HEAD, [_benchmark_row(row) for row in rows], class_="bench")


def _benchmark_row(row: Benchmark) -> list[object]:
    if row.why_not:
        reason = tag("td", f"not available: {row.why_not}", colspan=len(BENCHMARK_HEAD) - 1, class_="why")
        return [tag("td", tag("b", row.name)), reason]
    figures = [
        number(row.sharpe),
        _coloured(percent(row.total_return_frac, plus=True), row.total_return_frac),
        percent(row.annual_return_frac, plus=True),
        percent(row.max_drawdown_frac),
    ]
    against: list[object] = ["–"] * 5
    if row.name != "Strategy":
        alpha = _coloured(percent(row.alpha_frac, plus=True), row.alpha_frac)
        error, ratio = percent(row.alpha_error_frac), number(row.alpha_t)
        against = [alpha, error, ratio, number(row.beta), number(row.information_ratio)]
    return [tag("td", tag("b", row.name), tag("small", row.source)), *figures, *against]


def breakdown_table(found: Breakdown, overall: Bucket) -> Html:
    """Return one row per group and the total; groups too small to say anything are grey and marked."""
    rows = [*found.buckets, overall]
    body = [tag("tr", *map(_ready, enumerate(_bucket_cells(row))), class_="few" if row.few else "") for row in rows]
    heads = [tag("th", name, scope="col", class_="n" if i else "") for i, name in enumerate(BUCKET_HEAD)]
    inner = join([tag("thead", tag("tr", *heads)), tag("tbody", *body)])
    return tag("div", tag("table", inner, class_="totals"), class_="scroll")


def _ready(numbered: tuple[int, object]) -> Html:
    return cell(numbered[1], numbered[0] > 0)


def _bucket_cells(row: Bucket) -> list[object]:
    label = tag(
        "td", tag("b", "All") if row.label == "all" else row.label, tag("i", "few", class_="fewmark") if row.few else ""
    )
    return [
        label,
        f"{row.trades:,}",
        _coloured(number(row.net_quote, 0, plus=True), row.net_quote),
        _coloured(f"{number(row.expectancy_r, plus=True)} R", row.expectancy_r),
        f"{number(row.low_r, plus=True)} to {number(row.high_r, plus=True)}" if row.low_r is not None else "n/a",
        percent(row.win_rate, 0),
        number(row.profit_factor),
    ]


def scan_table(cliff: Cliff) -> Html:
    """Return the worst threshold of each measure, whether it counts or not."""
    return table(SCAN_HEAD, [_scan_row(scan) for scan in cliff.scans], text_columns=2)


def _scan_row(scan: Scan) -> list[object]:
    if scan.note:
        return [scan.measure, tag("td", scan.note, colspan=len(SCAN_HEAD) - 1, class_="why")]
    return [
        scan.measure,
        scan.condition,
        f"{scan.trades:,}",
        _coloured(f"{number(scan.expectancy_r, plus=True)} R", scan.expectancy_r),
        _coloured(f"{number(scan.other_expectancy_r, plus=True)} R", scan.other_expectancy_r),
        percent(scan.p_adjusted),
    ]


def cost_table(costs: CostGrid, currency: str) -> Html:
    """Return the net result at each multiple of fees (down) and slippage (across), shaded by size."""
    largest = max((abs(value) for row in costs.net_quote for value in row), default=0.0) or 1.0
    head = [f"Net {currency}".strip(), *(f"slippage × {slip:g}" for slip in costs.slippage_multiples)]
    rows = []
    for fee, values in zip(costs.fee_multiples, costs.net_quote, strict=True):
        pairs = zip(costs.slippage_multiples, values, strict=True)
        cells = [_heat(value, largest, fee == slip == 1.0) for slip, value in pairs]
        rows.append([tag("td", tag("b", f"fees × {fee:g}")), *cells])
    return table(head, rows, class_="heat")


def _heat(value: float, largest: float, is_run: bool) -> Html:
    tone = "up" if value > 0 else "down" if value < 0 else ""
    text = money(value, plus=True)
    style = f"--depth:{min(abs(value) / largest, 1.0):.2f}"
    return tag("td", tag("b", text, title="this run") if is_run else text, class_=f"n {tone}".strip(), style=style)


def _coloured(text: str, value: float | None) -> Html | str:
    return text if value is None else signed(text, value)
