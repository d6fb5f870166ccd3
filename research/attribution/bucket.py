"""The figures of one group of trades, always with its size and how sure its expectancy is."""

import msgspec
import numpy as np
import numpy.typing as npt

from research import trade_stats
from research.attribution.interval import mean_interval
from research.kpi import json_number

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEW_TRADES = 30
LEVEL = 0.90


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """One group of trades; None is a number that is not defined.

    Attributes
    ----------
    net_quote : float
        Sum of net results, account currency.
    expectancy_r, low_r, high_r : float, optional
        Mean R and its 90 % confidence interval.
    win_rate : float, optional
        Fraction.
    profit_factor : float, optional
        None without losses (infinite) and without trades.
    few : bool
        Fewer than 30 trades: nothing can be concluded.
    """

    label: str
    trades: int
    net_quote: float
    expectancy_r: float | None
    low_r: float | None
    high_r: float | None
    win_rate: float | None
    profit_factor: float | None
    few: bool


def bucket_of(label: str, net: Floats, r: Floats, blocks: Ints) -> Bucket:
    """Return the figures of a group.

    Parameters
    ----------
    net, r : float64 arrays of shape (n,)
        Net result in account currency and R of each trade; R may be NaN (a trade without a stop).
    blocks : int64 array of shape (n,)
        Block of time of each trade (`research.attribution.interval.blocks_of`).
    """
    finite = np.isfinite(r)
    low, high = mean_interval(r[finite], blocks[finite], LEVEL)
    return Bucket(
        label=label,
        trades=len(net),
        net_quote=float(net.sum()),
        expectancy_r=json_number(trade_stats.expectancy_r(r)),
        low_r=json_number(low),
        high_r=json_number(high),
        win_rate=json_number(trade_stats.win_rate(net)),
        profit_factor=json_number(trade_stats.profit_factor(net)),
        few=int(finite.sum()) < FEW_TRADES,
    )
