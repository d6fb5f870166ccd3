"""From the market's move to what was kept: slippage, fees, funding."""

from research.report.markup import Html, section, signed, table, tag
from research.report.numbers import money, number, percent
from research.report.run import Run

NOTE = (
    "Gross comes from fill prices, so slippage is already inside it; the slippage line shows what it was. "
    "Net = gross − fees − funding; funding above zero was paid, below zero received."
)


def costs_section(run: Run) -> Html:
    """Return the steps from gross before slippage to the change of equity."""
    if len(run.trades) == 0:
        return section("costs", "Costs", tag("p", "No trades, no costs.", class_="empty"))
    rows = [_row(run, *step) for step in cost_steps(run)]
    head = ("Closed trades", f"Amount {run.currency}".strip(), "% of start equity", "Per trade", "")
    return section("costs", "Costs", table(head, rows, class_="costs"), lead=NOTE)


def cost_steps(run: Run) -> list[tuple[str, float, bool]]:
    """Return (name, amount in quote units, is a subtotal) from top to bottom; each subtotal is the sum above it."""
    gross, fees, funding, slippage, net = (
        float(run.trades[column].sum()) for column in ("gross_pnl", "fees", "funding", "slippage", "net_pnl")
    )
    change = float(run.metrics["other"]["net_profit_quote"])
    return [
        ("Gross before slippage", gross + slippage, True),
        ("Slippage", -slippage, False),
        ("Gross at fill prices", gross, True),
        ("Fees", -fees, False),
        ("Funding and rollover", -funding, False),
        ("Net of closed trades", net, True),
        ("Open at the end, and anything not in the trade list", change - net, False),
        ("Change of equity", change, True),
    ]


def _row(run: Run, name: str, amount: float, is_subtotal: bool) -> list[object]:
    label = tag("b", name) if is_subtotal else name
    share = amount / run.start_equity if run.start_equity > 0 else float("nan")
    scale = max(abs(step[1]) for step in cost_steps(run)) or 1.0
    tone = "up" if amount > 0 else "down"
    bar = tag("td", tag("i", class_=f"bar {tone}", style=f"width:{100 * abs(amount) / scale:.1f}%"), class_="bars")
    per_trade = number(amount / len(run.trades), plus=True)
    value = signed(money(amount, plus=True), amount)
    return [tag("td", label, class_="sub" if not is_subtotal else ""), value, percent(share, plus=True), per_trade, bar]
