"""What the same trades would have made at other costs: to first order, since sizes and exits stay as they were."""

import msgspec
import pandas as pd

from research.kpi import json_number
from research.metrics import ratio

MULTIPLES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
NOTE = (
    "First order: the same trades at the same sizes, only their costs changed. Cheaper or dearer costs would also have "
    "changed equity, sizes and which entries were allowed. Funding stays as it was."
)


class CostGrid(msgspec.Struct, frozen=True, kw_only=True):
    """Net result of the closed trades at multiples of the fees and the slippage paid.

    Attributes
    ----------
    net_quote : list of rows
        ``net_quote[i][j]`` at ``fee_multiples[i]`` and ``slippage_multiples[j]``, account currency.
    before_costs_quote : float
        Without fees and slippage, funding included.
    break_even_multiple : float, optional
        Multiple of fees and slippage together at which nothing is left; 0 or less: it loses without any costs. None
        when the run paid none.
    break_even_fee_multiple : float, optional
        The same for fees alone, slippage as it was.
    """

    fee_multiples: tuple[float, ...]
    slippage_multiples: tuple[float, ...]
    net_quote: list[list[float]]
    before_costs_quote: float
    break_even_multiple: float | None
    break_even_fee_multiple: float | None
    sentence: str
    note: str = NOTE


def cost_grid(trades: pd.DataFrame, multiples: tuple[float, ...] = MULTIPLES) -> CostGrid:
    """Return the grid for the rows of ``trades.parquet``.

    Notes
    -----
    ``net(f, s) = gross_pnl + slippage * (1 - s) - f * fees - funding``: gross_pnl is at the fill prices, so one
    slippage is already in it. At (1, 1) it is the run's own net of closed trades.
    """
    gross, slippage, fees, funding = (
        float(trades[name].sum()) for name in ("gross_pnl", "slippage", "fees", "funding")
    )
    before = gross + slippage - funding
    both = _break_even(before, fees + slippage)
    return CostGrid(
        fee_multiples=multiples,
        slippage_multiples=multiples,
        net_quote=[[before - fee * fees - slip * slippage for slip in multiples] for fee in multiples],
        before_costs_quote=before,
        break_even_multiple=both,
        break_even_fee_multiple=_break_even(before - slippage, fees),
        sentence=_sentence(len(trades), before, both),
    )


def _break_even(before: float, costs: float) -> float | None:
    """Return the multiple of the costs that eats all there is before them; None without costs."""
    found = json_number(ratio(before, costs))
    return None if found is None else float(found)


def _sentence(trades: int, before: float, multiple: float | None) -> str:
    if trades == 0:
        return "No trades, no costs."
    if before <= 0.0:
        return "It loses even without any fees and slippage: no saving on costs can help it."
    if multiple is None:
        return "It paid no fees and no slippage: the result is before costs."
    if multiple < 1.0:
        return (
            f"Costs eat it: fees and slippage would have to fall to {multiple:.2f} times what they were to break even."
        )
    return f"It stands costs up to {multiple:.2f} times those paid; beyond that nothing is left."
