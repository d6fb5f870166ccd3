"""Account size decides risk per trade and position count (Spec 11.3, D23)."""

import math

import pytest

from risk.tiers import tier_of


@pytest.mark.parametrize(
    ("equity", "risk_frac", "max_positions"),
    [
        pytest.param(0.01, 0.01, 5, id="11.3-smallest"),
        pytest.param(99_999.99, 0.01, 5, id="11.3-below-100k"),
        pytest.param(100_000.0, 0.0075, 8, id="11.3-at-100k"),
        pytest.param(499_999.99, 0.0075, 8, id="11.3-below-500k"),
        pytest.param(500_000.0, 0.005, 12, id="11.3-at-500k"),
        pytest.param(1_999_999.99, 0.005, 12, id="11.3-below-2M"),
        pytest.param(2_000_000.0, 0.0025, 20, id="11.3-at-2M"),
        pytest.param(10_000_000.0, 0.0025, 20, id="11.3-at-10M"),
    ],
)
def test_tier_of_equity_gives_the_row_of_the_table(equity: float, risk_frac: float, max_positions: int) -> None:
    tier = tier_of(equity)
    assert tier is not None
    assert (tier.risk_frac, tier.max_positions) == (risk_frac, max_positions)


@pytest.mark.parametrize("equity", [10_000_000.01, 1e12, math.inf, math.nan], ids=["10M+", "1e12", "inf", "nan"])
def test_tier_of_equity_outside_the_table_is_none(equity: float) -> None:
    assert tier_of(equity) is None
