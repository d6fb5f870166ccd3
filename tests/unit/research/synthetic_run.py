"""A seeded run that never happened, of any size, written as the files of architecture.md."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from research.report.prices import PriceSeries
from research.run_metrics import compute_metrics

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
START_NS = 1_514_764_800_000_000_000  # 2018-01-01
NAMES = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE")
LEVELS = (6_500.0, 700.0, 3.0, 0.5, 0.2, 0.003)
START_EQUITY = 10_000.0

CONFIG = """
strategy = "breakout"
profile = "intraday_1h"
instruments = [{names}]
[account]
currency = "USDT"
start_equity = 10000.0
[costs]
fee_frac = 0.001
slippage_frac = 0.0005
funding_frac_per_8h = 0.0001
[risk]
max_heat_frac = 0.05
"""


def make_prices(bars: int, count: int, seed: int = 7) -> dict[str, PriceSeries]:
    return {f"{NAMES[i]}USDT-PERP.BINANCE": _walk(bars, LEVELS[i], seed + i) for i in range(count)}


def _walk(bars: int, level: float, seed: int) -> PriceSeries:
    rng = np.random.default_rng(seed)
    close = level * np.exp(np.cumsum(rng.standard_t(4, bars) * 0.005 + 1e-5))
    opened = np.concatenate(([level], close[:-1]))
    spread = np.abs(rng.normal(0, 0.003, (2, bars)))
    high, low = np.maximum(opened, close) * (1 + spread[0]), np.minimum(opened, close) * (1 - spread[1])
    digits = 5 - int(np.floor(np.log10(level)))
    ts_ns = START_NS + HOUR_NS * np.arange(1, bars + 1)
    return PriceSeries(ts_ns, *(np.round(a, digits) for a in (opened, high, low, close)))


def make_trades(prices: dict[str, PriceSeries], count: int, seed: int = 7) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [_trade(rng, name, series) for name, series in _pick(rng, prices, count)]
    frame = pd.DataFrame(rows, columns=list(_trade(rng, *next(iter(prices.items())))))
    frame = frame.sort_values("exit_ts", kind="stable", ignore_index=True)
    frame.insert(0, "trade_id", [f"T-{i:05d}" for i in range(len(frame))])
    for name in ("signal_ts", "entry_ts", "exit_ts"):
        frame[name] = pd.to_datetime(frame[name].astype("int64"), utc=True)
    return frame


def _pick(rng, prices, count):
    names = list(prices)
    return [(names[i], prices[names[i]]) for i in rng.integers(0, len(names), count)]


def _trade(rng, name, series):
    at = int(rng.integers(60, len(series) - 60))
    side = 1 if rng.random() < 0.55 else -1
    entry = float(series.close[at])
    stop_px = entry * (1 - side * 0.018)
    path = side * (series.close[at + 1 : at + 25] / entry - 1) / 0.018
    hit = np.flatnonzero((path <= -1.0) | (path >= 2.2))
    last = int(hit[0]) if len(hit) else 23
    gross_r = float(np.clip(path[last], -1.05, 4.0))
    quantity = 100.0 / abs(entry - stop_px)
    exit_px = entry + side * gross_r * abs(entry - stop_px)
    gross, notional = gross_r * 100.0, quantity * entry
    fees, funding = notional * 0.002, notional * 0.0001 * rng.normal(0.3, 1)
    net = gross - fees - funding
    reason = "STOP" if gross_r <= -0.95 else "TP2" if gross_r > 3 else "TRAIL" if gross_r > 1 else "MAX_HOLD"
    return {
        "instrument_id": name,
        "strategy": "breakout",
        "side": "LONG" if side > 0 else "SHORT",
        "signal_ts": int(series.ts_ns[at]),
        "entry_ts": int(series.ts_ns[at]) + 20_000_000_000,
        "entry_px": entry,
        "quantity": quantity,
        "stop_initial": stop_px,
        "tp1": entry * (1 + side * 0.036),
        "tp2": entry * (1 + side * 0.072),
        "exit_ts": int(series.ts_ns[at + 1 + last]),
        "exit_px": exit_px,
        "exit_reason": "BREAKEVEN" if abs(gross_r) < 0.05 else reason,
        "gross_pnl": gross,
        "fees": fees,
        "funding": funding,
        "slippage": notional * 0.0007,
        "net_pnl": net,
        "r_multiple": net / 100.0,
        "mae_r": float(max(0.0, -path[: last + 1].min())),
        "mfe_r": float(max(0.0, path[: last + 1].max())),
    }


def make_stops(trades: pd.DataFrame) -> pd.DataFrame:
    """Three points a trade: the initial stop, half way, and near the exit."""
    parts = []
    for share in (0.0, 0.4, 0.8):
        ts = trades["entry_ts"] + (trades["exit_ts"] - trades["entry_ts"]) * share
        stop = trades["stop_initial"] + (trades["entry_px"] - trades["stop_initial"]) * share
        parts.append(pd.DataFrame({"trade_id": trades["trade_id"], "ts": ts, "stop": stop}))
    return pd.concat(parts, ignore_index=True)


def make_equity(trades: pd.DataFrame, ts_ns: np.ndarray, seed: int = 7) -> pd.DataFrame:
    order = trades.sort_values("exit_ts")
    booked = np.concatenate(([0.0], order["net_pnl"].to_numpy().cumsum()))
    exits = np.sort(pd.DatetimeIndex(trades["exit_ts"]).as_unit("ns").asi8)
    cash = START_EQUITY + booked[np.searchsorted(exits, ts_ns, side="right")]
    entries = np.sort(pd.DatetimeIndex(trades["entry_ts"]).as_unit("ns").asi8)
    live = np.searchsorted(entries, ts_ns, "right") - np.searchsorted(exits, ts_ns, "right")
    equity = cash + np.random.default_rng(seed).normal(0, 20.0, len(ts_ns)) * live
    peak = np.maximum.accumulate(np.maximum(equity, START_EQUITY))
    return pd.DataFrame(
        {
            "ts": pd.to_datetime(ts_ns, utc=True),
            "equity": equity,
            "cash": cash,
            "heat_frac": np.minimum(0.05, live * np.random.default_rng(seed + 1).uniform(0.003, 0.01, len(ts_ns))),
            "drawdown_frac": (peak - equity) / peak,
            "open_positions": live,
        }
    )


def make_breakers(ts_ns: np.ndarray, trips: dict[str, int], seed: int = 7) -> pd.DataFrame:
    """So many trips of each breaker at seeded times: a warning, the trip, and what opens it.

    Daily losses end at midnight, weekly ones after an approval, losing streaks by themselves; everything else by a hand
    two months later, or not at all when the run ends before that.
    """
    rng = np.random.default_rng(seed)
    begin, end = int(ts_ns[0]), int(ts_ns[-1])
    rows = [
        row
        for breaker, count in trips.items()
        for at in _distinct_days(rng, begin, end, count)
        for row in _closure(breaker, int(at), rng)
        if row["ts"] <= end
    ]
    frame = pd.DataFrame(rows, columns=["ts", "breaker", "kind", "observed", "limit", "operator", "reason"])
    frame["ts"] = pd.to_datetime(frame["ts"].astype("int64"), utc=True)
    return frame.sort_values("ts", kind="stable", ignore_index=True)


def _distinct_days(rng, begin, end, count):
    days = np.sort(rng.choice(np.arange(begin // DAY_NS + 1, end // DAY_NS), count, replace=False))
    return days * DAY_NS + rng.integers(1, 24, count) * HOUR_NS


LIMITS = {"daily_loss": 0.03, "weekly_loss": 0.08, "drawdown": 0.15, "suspension": 3.0, "loss_streak": 5.0}


def _closure(breaker, at, rng):
    limit = LIMITS.get(breaker, 0.1)
    observed = limit * (1 + rng.random() / 4) if limit < 1 else limit
    hand = {"operator": "A. Example", "reason": "looked at every trade of the week"}

    def row(ts, kind, **more):
        return {"ts": ts, "breaker": breaker, "kind": kind, "observed": observed, "limit": limit} | {
            "operator": "",
            "reason": "",
            **more,
        }

    yield row(at - 600_000_000_000, "WARNING")
    yield row(at, "TRIPPED")
    if breaker == "daily_loss":
        yield row((at // DAY_NS + 1) * DAY_NS, "OPENED")
    elif breaker == "weekly_loss":
        yield row(at + 5 * DAY_NS, "APPROVED", **hand)
        yield row(at + 7 * DAY_NS, "OPENED")
    elif breaker == "loss_streak":
        yield row(at + 4 * DAY_NS, "OPENED")
    else:
        yield row(at + 60 * DAY_NS, "RESET", **hand)


def refuse_while_closed(decisions: pd.DataFrame, breakers: pd.DataFrame) -> pd.DataFrame:
    """Name the breaker as the rule of every refusal that fell into its time."""
    result = decisions.copy()
    for name in ("daily_loss", "weekly_loss", "suspension", "drawdown"):
        mine = breakers[breakers["breaker"] == name]
        trips = np.sort(mine.loc[mine["kind"] == "TRIPPED", "ts"])
        ends = np.sort(mine.loc[mine["kind"].isin(["OPENED", "RESET"]), "ts"])
        ts = result["ts"].to_numpy()
        closed = np.searchsorted(trips, ts, "right") > np.searchsorted(ends, ts, "right")
        result.loc[closed & ~result["approved"], "rule"] = name
    return result


def make_signals(trades: pd.DataFrame, refused: int, seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    extra = trades.sample(refused, replace=True, random_state=seed) if len(trades) else trades
    both = pd.concat([trades, extra.assign(signal_ts=extra["signal_ts"] + pd.Timedelta(hours=1))], ignore_index=True)
    signals = pd.DataFrame(
        {
            "ts": both["signal_ts"],
            "instrument_id": both["instrument_id"],
            "strategy": "breakout",
            "side": both["side"],
            "score": rng.integers(4, 6, len(both)),
            "entry": both["entry_px"],
        }
    )
    approved = np.arange(len(both)) < len(trades)
    rules = rng.choice(["portfolio_heat", "correlation", "class_positions", "minimum_notional"], len(both))
    decisions = pd.DataFrame(
        {
            "ts": both["signal_ts"],
            "signal_id": [f"S-{i}" for i in range(len(both))],
            "instrument_id": both["instrument_id"],
            "approved": approved,
            "rule": np.where(approved, None, rules),
            "limit": np.where(approved, np.nan, 0.05),
            "observed": np.where(approved, np.nan, 0.05 + rng.random(len(both)) / 20),
        }
    )
    return signals, decisions


def write_run(
    run_dir: Path,
    *,
    trades: int,
    bars: int,
    instruments: int,
    extra: dict | None = None,
    stops: bool = True,
    trips: dict[str, int] | None = None,
) -> dict[str, PriceSeries]:
    """Write a run directory and return its prices; without ``trips`` it is of a version that knew no breakers."""
    run_dir.mkdir(parents=True, exist_ok=True)
    prices = make_prices(bars, instruments)
    book = make_trades(prices, trades)
    equity = make_equity(book, next(iter(prices.values())).ts_ns)
    signals, decisions = make_signals(book, trades // 3)
    numbers = compute_metrics(book, equity, START_EQUITY, 365) | {"complete": True, "warnings": []} | (extra or {})
    (run_dir / "metrics.json").write_text(json.dumps(numbers, allow_nan=False))
    (run_dir / "config.toml").write_text(CONFIG.format(names=", ".join(f'"{name}"' for name in prices)))
    if trips is not None:
        breakers = make_breakers(next(iter(prices.values())).ts_ns, trips)
        breakers.to_parquet(run_dir / "breakers.parquet")
        decisions = refuse_while_closed(decisions, breakers)
    for name, frame in (("trades", book), ("equity", equity), ("signals", signals), ("decisions", decisions)):
        frame.to_parquet(run_dir / f"{name}.parquet")
    if stops:
        make_stops(book).to_parquet(run_dir / "stops.parquet")
    return prices
