"""The base of a trade's return."""

import numpy as np
import pandas as pd
import pytest

from errors import DataError
from research.monte_carlo.trades import overlap_frac, trade_fracs


def stamps(*hours: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(hours=h) for h in hours]).as_unit("ns")


def trades(entry: list[int], leave: list[int], net: list[float]) -> pd.DataFrame:
    names = [f"T-{row}" for row in range(len(net))]
    return pd.DataFrame({"trade_id": names, "entry_ts": stamps(*entry), "exit_ts": stamps(*leave), "net_pnl": net})


EQUITY = pd.DataFrame({"ts": stamps(10, 20, 30), "equity": [900.0, 1100.0, 1200.0]})


def test_base_is_the_last_equity_at_or_before_the_entry_and_the_start_before_the_first_row() -> None:
    found = trade_fracs(trades([5, 10, 29], [6, 11, 31], [10.0, 9.0, -11.0]), EQUITY, 1000.0)
    np.testing.assert_allclose(found, [0.01, 0.01, -0.01])


def test_trades_come_in_the_order_of_their_exits() -> None:
    found = trade_fracs(trades([1, 2, 3], [9, 5, 7], [30.0, 10.0, 20.0]), EQUITY, 1000.0)
    np.testing.assert_allclose(found, [0.01, 0.02, 0.03])


@pytest.mark.parametrize(("net", "equity"), [(np.nan, 900.0), (np.inf, 900.0), (5.0, 0.0), (5.0, -1.0), (5.0, np.nan)])
def test_numbers_that_give_no_return_are_refused_by_name(net: float, equity: float) -> None:
    curve = pd.DataFrame({"ts": stamps(10), "equity": [equity]})
    with pytest.raises(DataError, match=r"trade T-0: needs a finite net_pnl and an equity above 0 at its entry"):
        trade_fracs(trades([11], [12], [net]), curve, 1000.0)


def test_overlap_counts_trades_entered_while_any_earlier_one_was_open() -> None:
    assert overlap_frac(trades([1, 2, 8, 10], [9, 3, 9, 11], [0.0] * 4)) == 0.5
    assert overlap_frac(trades([1, 3], [3, 5], [0.0] * 2)) == 0.0
