"""The tables that a back-test leaves (design/architecture.md): names and units are an interface."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.candles import Candles
from execution.trade import Trade
from execution.trade_log import Costs, Missed, StopPoint
from research.recorder import EquityRow
from risk.messages import BreakerEvent, Decision, Signal

STAMP = pa.timestamp("ns", tz="UTC")
TEXT, NUMBER, WHOLE = pa.string(), pa.float64(), pa.int64()

SIGNALS = {"ts": STAMP, "instrument_id": TEXT, "strategy": TEXT, "side": TEXT, "score": WHOLE} | dict.fromkeys(
    ("entry", "stop", "tp1", "tp2", "close", "atr", "atr_ratio", "rsi", "volume", "volume_ma"), NUMBER
)
SIGNALS |= {"donchian_upper": NUMBER, "donchian_lower": NUMBER, "htf_trend": WHOLE}
SIGNALS |= {"bb_lower": NUMBER, "bb_mid": NUMBER, "bb_upper": NUMBER, "signal_id": TEXT}

DECISIONS = {"ts": STAMP, "signal_id": TEXT, "instrument_id": TEXT, "approved": pa.bool_(), "rule": TEXT}
DECISIONS |= dict.fromkeys(
    ("limit", "observed", "quantity", "risk_quote", "heat_before", "heat_after", "equity"), NUMBER
)
DECISIONS |= {"sized_by": TEXT}

TRADES = {"trade_id": TEXT, "instrument_id": TEXT, "strategy": TEXT, "side": TEXT, "signal_ts": STAMP}
TRADES |= {"entry_ts": STAMP, "entry_px": NUMBER, "quantity": NUMBER, "stop_initial": NUMBER, "tp1": NUMBER}
TRADES |= {"tp2": NUMBER, "exit_ts": STAMP, "exit_px": NUMBER, "exit_reason": TEXT, "gross_pnl": NUMBER}
TRADES |= dict.fromkeys(("fees", "funding", "slippage", "net_pnl", "r_multiple", "mae_r", "mfe_r"), NUMBER)

EQUITY = {"ts": STAMP} | dict.fromkeys(("equity", "cash", "heat_frac", "drawdown_frac"), NUMBER)
EQUITY |= {"open_positions": WHOLE}

STOPS = {"trade_id": TEXT, "ts": STAMP, "stop": NUMBER}
MISSED = {"ts": STAMP, "signal_id": TEXT, "trade_id": TEXT, "instrument_id": TEXT, "side": TEXT}
MISSED |= {"limit_px": NUMBER, "quantity": NUMBER}

BREAKERS = {"ts": STAMP, "breaker": TEXT, "kind": TEXT, "observed": NUMBER, "limit": NUMBER}
BREAKERS |= {"operator": TEXT, "reason": TEXT}

type Columns = Mapping[str, Sequence[Any]]


def side_name(side: int) -> str:
    """Return LONG or SHORT."""
    return "LONG" if side > 0 else "SHORT"


def write_table(path: Path, schema: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as one Parquet file with exactly the schema's columns."""
    arrays = [pa.array([row[name] for row in rows], kind) for name, kind in schema.items()]
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(list(schema.items()))), path, compression="zstd")


def signal_rows(signals: Sequence[Signal]) -> list[dict[str, Any]]:
    """Return the rows of ``signals.parquet``."""
    return [msgspec.structs.asdict(signal) | {"ts": signal.ts_ns, "side": side_name(signal.side)} for signal in signals]


def decision_rows(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """Return the rows of ``decisions.parquet``."""
    return [
        msgspec.structs.asdict(decision)
        | {
            "ts": decision.ts_ns,
            "signal_id": decision.signal.signal_id,
            "instrument_id": decision.signal.instrument_id,
        }
        for decision in decisions
    ]


def equity_table(rows: Sequence[EquityRow], start_equity: float) -> list[dict[str, Any]]:
    """Return the rows of ``equity.parquet``; drawdown is measured from the highest equity so far, start included."""
    equity = np.array([row.equity for row in rows])
    peak = np.maximum.accumulate(np.r_[start_equity, equity])[1:]
    return [
        msgspec.structs.asdict(row) | {"ts": row.ts_ns, "drawdown_frac": float(drawdown)}
        for row, drawdown in zip(rows, 1.0 - equity / peak, strict=True)
    ]


def trade_rows(closed: Sequence[tuple[Trade, Costs]], fills: Mapping[str, tuple[Candles, int]]) -> list[dict[str, Any]]:
    """Return the rows of ``trades.parquet``.

    Notes
    -----
    Money is in account currency. ``gross_pnl`` is the result at the fill prices, so it already contains ``slippage``
    (the money lost between the price hoped for and the fill). ``net_pnl = gross_pnl - fees - funding``; ``funding``
    is positive when paid. ``r_multiple`` is net_pnl over the risk at entry. ``mae_r`` and ``mfe_r`` are distances >= 0.
    """
    return [_trade_row(trade, costs, fills[trade.plan.instrument_id]) for trade, costs in closed]


def _trade_row(trade: Trade, costs: Costs, fill: tuple[Candles, int]) -> dict[str, Any]:
    plan = trade.plan
    net = costs.net
    risk_px = abs(trade.entry_px - trade.stop_initial)
    risk = risk_px * trade.filled * plan.multiplier * costs.rate
    adverse, favourable = _excursions(trade, *fill)
    return {
        "trade_id": plan.trade_id,
        "instrument_id": plan.instrument_id,
        "strategy": plan.strategy,
        "side": side_name(plan.side),
        "signal_ts": plan.signal_ns,
        "entry_ts": trade.entry_ns,
        "entry_px": trade.entry_px,
        "quantity": trade.filled,
        "stop_initial": trade.stop_initial,
        "tp1": trade.entry_px + plan.side * plan.tp1_distance,
        "tp2": trade.entry_px + plan.side * plan.tp2_distance,
        "exit_ts": trade.exit_ns,
        "exit_px": trade.exit_px,
        "exit_reason": trade.exit_reason,
        "gross_pnl": costs.gross,
        "fees": costs.fees,
        "funding": costs.funding,
        "slippage": costs.slippage,
        "net_pnl": net,
        "r_multiple": net / risk if risk > 0.0 else float("nan"),
        "mae_r": adverse / risk_px if risk_px > 0.0 else float("nan"),
        "mfe_r": favourable / risk_px if risk_px > 0.0 else float("nan"),
    }


def _excursions(trade: Trade, candles: Candles, interval_ns: int) -> tuple[float, float]:
    """Return the largest distance against and for the trade, from bars wholly inside it and from its exit prices."""
    low = int(np.searchsorted(candles.ts_open_ns, trade.entry_ns - interval_ns, side="right"))
    high = int(np.searchsorted(candles.ts_open_ns, trade.exit_ns - interval_ns, side="left"))
    lowest = min([trade.lowest_exit_px, *candles.low[low:high].tolist()])
    highest = max([trade.highest_exit_px, *candles.high[low:high].tolist()])
    if trade.plan.side > 0:
        return max(0.0, trade.entry_px - lowest), max(0.0, highest - trade.entry_px)
    return max(0.0, highest - trade.entry_px), max(0.0, trade.entry_px - lowest)


def stop_rows(stops: Sequence[StopPoint]) -> list[dict[str, Any]]:
    """Return the rows of ``stops.parquet``: the stop of each trade from each moment on."""
    return [{"trade_id": point.trade_id, "ts": point.ts_ns, "stop": point.stop} for point in stops]


def breaker_rows(events: Sequence[BreakerEvent]) -> list[dict[str, Any]]:
    """Return the rows of ``breakers.parquet``: every warning, trip, approval, opening and reset, by when it holds."""
    rows = [msgspec.structs.asdict(event) | {"ts": event.ts_ns} for event in events]
    return sorted(rows, key=lambda row: row["ts"])


def missed_rows(missed: Sequence[Missed]) -> list[dict[str, Any]]:
    """Return the rows of ``missed.parquet``: approved signals whose entry did not fill (D35)."""
    return [msgspec.structs.asdict(one) | {"ts": one.ts_ns, "side": side_name(one.side)} for one in missed]
