"""From the trades of a run to the returns that paths are made of: the one place where their base is chosen."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from errors import DataError
from research.run_metrics import to_ns

Floats = npt.NDArray[np.float64]


def trade_fracs(trades: pd.DataFrame, equity: pd.DataFrame, start_equity: float) -> Floats:
    """Return each trade's net result as a fraction of the account's equity when it was entered.

    Parameters
    ----------
    trades : DataFrame
        ``entry_ts``, ``exit_ts``, ``net_pnl`` (quote units, after all costs); any order.
    equity : DataFrame
        ``ts`` and ``equity`` (quote units, open positions at mark, D22), oldest first.
    start_equity : float
        Equity before the first row.

    Returns
    -------
    float64 array of shape (trades,)
        Ordered by exit, which is the order in which results were booked.

    Raises
    ------
    DataError
        A result or an equity is not a number, or there was no equity above 0 to enter with.

    Notes
    -----
    Source: Spec 3.6, 8.3. ``r = net_pnl / equity(last row at or before entry_ts)``, the equity the trade was sized
    from (D17, D22), so that r is the risk taken times the result in R. Paths compound: ``E = E0 * prod(1 + r)``, whose
    end does not depend on the order. Trades that were open together are taken one after the other, each with the whole
    account: on paths drawn trade by trade their losses no longer fall on the same day, in blocks they stay together.
    Equity between entry and exit is not seen, so drawdowns here are those of closed trades.
    """
    by_exit = trades.sort_values(["exit_ts", "entry_ts"], kind="stable")
    base = _equity_at(to_ns(by_exit["entry_ts"]), equity, start_equity)
    net = by_exit["net_pnl"].to_numpy(np.float64)
    for row in np.flatnonzero(~(np.isfinite(net) & np.isfinite(base) & (base > 0.0)))[:1]:
        name = by_exit["trade_id"].iloc[int(row)]
        raise DataError(
            f"trades.parquet: trade {name}: needs a finite net_pnl and an equity above 0 at its entry, "
            f"has net_pnl {net[row]:g} and equity {base[row]:g}"
        )
    return np.asarray(net / base, dtype=np.float64)


def _equity_at(ts_ns: npt.NDArray[np.int64], equity: pd.DataFrame, start_equity: float) -> Floats:
    stamps = to_ns(equity["ts"])
    values = np.concatenate(([start_equity], equity["equity"].to_numpy(np.float64)))
    return np.asarray(values[np.searchsorted(stamps, ts_ns, side="right")], dtype=np.float64)


def overlap_frac(trades: pd.DataFrame) -> float:
    """Return the share of trades that were entered while another one was open.

    >>> days = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-05"], utc=True)
    >>> ends = pd.to_datetime(["2024-01-03", "2024-01-04", "2024-01-06"], utc=True)
    >>> round(overlap_frac(pd.DataFrame({"entry_ts": days, "exit_ts": ends})), 3)
    0.333
    """
    by_entry = trades.sort_values("entry_ts", kind="stable")
    entry, leave = to_ns(by_entry["entry_ts"]), to_ns(by_entry["exit_ts"])
    return float((entry[1:] < np.maximum.accumulate(leave)[:-1]).sum()) / len(entry)
