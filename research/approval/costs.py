"""Were costs charged as D34 asks? A run without fees must not speak for an account that pays them."""

import tomllib

from configs.load import CONFIG_DIR
from execution.config import CostConfig
from research.approval.record import Row

SLIPPAGE_FRAC = 0.0005  # D34
FEES = {"D34": (0.001, 0.001)}


def judge_costs(costs: CostConfig) -> list[Row]:
    """Return whether fees are at least D34's, or those of a venue in ``configs/venues``, and slippage D34's."""
    covered = [
        name
        for name, (maker, taker) in (FEES | _schedules()).items()
        if costs.maker_frac >= maker and costs.taker_frac >= taker
    ]
    fees = Row(
        requirement="costs: fees a side",
        observed=f"maker {costs.maker_frac:.3%}, taker {costs.taker_frac:.3%}",
        limit="at least 0.100% (D34), or a schedule of configs/venues",
        passed=bool(covered),
    )
    slippage = Row(
        requirement="costs: slippage",
        observed=f"{costs.slippage_frac:.3%}",
        limit=f">= {SLIPPAGE_FRAC:.3%} (D34)",
        passed=costs.slippage_frac >= SLIPPAGE_FRAC,
        value=costs.slippage_frac,
        bound=SLIPPAGE_FRAC,
    )
    return [fees, slippage]


def _schedules() -> dict[str, tuple[float, float]]:
    found = {}
    for path in sorted((CONFIG_DIR / "venues").glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("costs", {})
        if {"maker_frac", "taker_frac"} <= table.keys():
            found[path.stem] = (float(table["maker_frac"]), float(table["taker_frac"]))
    return found
