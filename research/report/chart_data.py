"""The arrays behind the charts, thinned to what a screen can show."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from research import equity_curve
from research.report.hold import Hold
from research.report.payload import MS_NS, Payload
from research.report.prices import PriceSeries, thin_all
from research.report.run import Run
from research.run_metrics import HOUR_NS, to_ns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BUDGET_BARS = 300_000
EQUITY_BUCKETS = 700
AS_THEY_ARE = ("quantity", "entry_px", "exit_px", "stop_initial", "tp1", "tp2", "gross_pnl", "fees", "funding")
RESULTS = ("net_pnl", "r_multiple", "mae_r", "mfe_r")


def build_payload(run: Run, prices: Mapping[str, PriceSeries], hold: Hold | None, budget_bars: int) -> Payload:
    """Return everything that the page's script draws."""
    payload = Payload()
    seen = sorted({str(name) for name in run.trades["instrument_id"]} - set(prices))
    names = [*prices, *seen]
    payload.meta = {"instruments": names, "currency": run.currency, "start_equity": run.start_equity}
    _add_equity(payload, run, hold)
    _add_trades(payload, run.trades, names)
    _add_stops(payload, run)
    for index, series in enumerate(thin_all(prices, trade_spans(run.trades), budget_bars).values()):
        payload.add_prices(f"p.{index}", series)
    return payload


def trade_spans(trades: pd.DataFrame) -> dict[str, tuple[Ints, Ints]]:
    """Return, per instrument, when its trades began and ended."""
    groups = trades.groupby("instrument_id", observed=True)
    return {str(name): (to_ns(group["entry_ts"]), to_ns(group["exit_ts"])) for name, group in groups}


def extreme_rows(values: Floats, buckets: int) -> Ints:
    """Return the rows that keep a line's shape: lowest, highest and last of each of about ``buckets`` runs.

    >>> extreme_rows(np.array([1.0, 5.0, 2.0, 3.0, 0.0, 4.0, 4.0, 4.0]), 2).tolist()
    [0, 1, 3, 4, 5, 7]
    """
    if len(values) <= 3 * buckets:
        return np.arange(len(values))
    starts = np.linspace(0, len(values), buckets, endpoint=False).astype(np.int64)
    ends = np.append(starts[1:], len(values))
    rows = [(a + values[a:b].argmin(), a + values[a:b].argmax(), b - 1) for a, b in zip(starts, ends, strict=True)]
    return np.unique(np.array(rows, dtype=np.int64))


def _add_equity(payload: Payload, run: Run, hold: Hold | None) -> None:
    values = run.equity["equity"].to_numpy(np.float64)
    rows = extreme_rows(values, EQUITY_BUCKETS)
    payload.add_steps("e.ts", to_ns(run.equity["ts"])[rows] // MS_NS, 1000.0)
    payload.add("e.equity", values[rows])
    payload.add("e.drawdown", _drawdown(values, run.start_equity)[rows])
    if hold is not None:
        payload.add("e.hold", hold.equity[rows])
        payload.add("e.hold_drawdown", _drawdown(hold.equity, run.start_equity)[rows])


def _drawdown(equity: Floats, start_equity: float) -> Floats:
    return equity_curve.drawdown_fracs(np.concatenate(([start_equity], equity)))[1:]


def _add_trades(payload: Payload, trades: pd.DataFrame, names: list[str]) -> None:
    entry, leave = to_ns(trades["entry_ts"]), to_ns(trades["exit_ts"])
    payload.add("t.row", np.arange(len(trades)))
    payload.add("t.entry_ts", entry / MS_NS)
    payload.add("t.exit_ts", leave / MS_NS)
    payload.add("t.hold", (leave - entry) / HOUR_NS)
    for key in (*AS_THEY_ARE, *RESULTS):
        payload.add(f"t.{key}", trades[key].to_numpy(np.float64))
    payload.add("t.instrument", pd.Categorical(trades["instrument_id"].astype(str), categories=names).codes)
    for key, column in (("side", "side"), ("reason", "exit_reason")):
        coded = pd.Categorical(trades[column].astype(str))
        payload.add(f"t.{key}", coded.codes)
        payload.meta[f"{key}s"] = list(coded.categories)


def _add_stops(payload: Payload, run: Run) -> None:
    """Add the stop path of every trade, one point per change."""
    row_of = pd.Series(run.trades.index, index=run.trades["trade_id"])
    stops = run.stops.assign(row=run.stops["trade_id"].map(row_of)).dropna(subset=["row", "stop"])
    stops = stops.sort_values(["row", "ts"], kind="stable")
    row, stop = stops["row"].to_numpy(np.float64), stops["stop"].to_numpy(np.float64)
    moved = np.append(True, (np.diff(row) != 0) | (np.diff(stop) != 0))[: len(row)]
    payload.add("s.row", row[moved])
    payload.add("s.ts", to_ns(stops["ts"])[moved] / MS_NS)
    payload.add("s.stop", stop[moved])
