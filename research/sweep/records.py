"""What the sweep passes around: records and arrays that compiled code reads (shapes in ``Data`` and ``World``)."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from compiled import Records, record_dtype
from risk.breakers.catalogue import HALTS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FOREVER = 2**62

REASONS = ("", "STOP", "BREAKEVEN", "TRAIL", "TP2", "MAX_HOLD", "SHUTDOWN", "MANUAL")
STOP, BREAKEVEN, TRAIL, TP2, MAX_HOLD, SHUTDOWN, MANUAL = range(1, 8)

RULES = (
    "",
    *(breaker.name for breaker in HALTS),
    "unknown_number",
    "stale_data",
    "review_required",
    "short_selling",
    "reward_to_risk",
    "one_position",
    "max_positions",
    "asset_class_positions",
    "trades_per_day",
    "correlation",
    "unknown_correlation",
    "minimum_quantity",
    "minimum_notional",
    "heat_share",
    "portfolio_heat",
)

MARKET = record_dtype(
    [
        ("tick", "f8"),
        ("lot", "f8"),
        ("price_scale", "f8"),  # 10 to the number of decimals of its quotes
        ("order_scale", "f8"),  # of the prices of its orders
        ("size_scale", "f8"),
        ("quote_scale", "f8"),
        ("min_quantity", "f8"),
        ("min_notional", "f8"),
        ("multiplier", "f8"),
        ("impact", "f8"),
        ("allow_short", "i8"),
        ("real_volume", "i8"),
        ("continuous", "i8"),
        ("asset_class", "i8"),
        ("class_positions", "i8"),
        ("max_leverage", "f8"),
        ("rate_of", "i8"),  # instrument that converts its money to the account's; -1: none is needed
        ("rate_inverse", "i8"),
        ("venue", "i8"),  # the number of the first instrument there
        ("place", "i8"),  # of its id among all ids, sorted
        ("first_row", "i8"),  # in World.bars
        ("first_carry", "i8"),  # in World.carries, up to end_carry
        ("end_carry", "i8"),
        ("is_source", "i8"),  # whether others are converted with its price
    ]
)

SETUP = record_dtype(
    [
        *((name, "f8") for name in ("stop_atr", "stop_floor_frac", "tp1_atr", "tp2_atr", "tp1_r", "tp2_r")),
        *((name, "f8") for name in ("tp1_quantity_frac", "breakeven_frac", "trail_atr")),
        ("max_hold_ns", "i8"),
        ("reprice_ns", "i8"),
        ("cancel_ns", "i8"),
        ("stale_ns", "i8"),
        *((name, "f8") for name in ("risk_frac", "max_heat_frac", "max_share_of_heat_frac", "max_atr_scalar")),
        *((name, "f8") for name in ("max_volume_24h_frac", "max_adv_frac", "min_reward_to_risk", "max_correlation")),
        ("max_data_age_secs", "f8"),
        ("max_positions", "i8"),
        ("max_trades_per_day", "i8"),
        ("min_common_hours", "i8"),
        ("breakers", "i8"),
        ("operator", "i8"),
        *((name, "f8") for name in ("maker_frac", "taker_frac", "slippage_frac", "participation_frac")),
        ("balance", "f8"),
        ("account_scale", "f8"),
    ]
)

TRADE = record_dtype(
    [
        *(
            (name, "i8")
            for name in (
                "active",
                "side",
                "signal_ns",
                "working",
                "repriced",
                "closing",
                "waiting",
                "runt",
                "taker",
                "number",
                "due_ns",
                "tp1_taker",
                "tp2_taker",
            )
        ),
        *((name, "i8") for name in ("entry_ns", "exit_ns", "stop_set_ns", "reprice_due_ns", "timeout_ns", "hold_ns")),
        *((name, "i8") for name in ("stop_reason", "exit_reason", "tp1_row", "tp2_row", "carry")),
        *(
            (name, "f8")
            for name in ("quantity", "limit_px", "fill_px", "distance", "tp1_distance", "tp2_distance", "adv")
        ),
        ("held", "f8"),  # what is open as the engine adds it up, fill by fill
        *((name, "f8") for name in ("filled", "entry_value", "exited", "exit_value", "stop", "trigger")),
        *((name, "f8") for name in ("stop_initial", "best_close")),
        *((name, "f8") for name in ("tp1_filled", "tp1_px", "tp1_left", "tp1_total")),  # total: the size of its order
        *((name, "f8") for name in ("tp2_filled", "tp2_px", "tp2_left", "tp2_total")),
        *((name, "f8") for name in ("tp1_in_bar", "tp2_in_bar", "reserved", "rate")),
        *((name, "f8") for name in ("gross", "fees", "slippage", "received", "rolled")),
    ]
)

CLOSED = record_dtype(
    [
        *((name, "i8") for name in ("instrument", "side", "signal_ns", "entry_ns", "exit_ns", "exit_reason")),
        *((name, "f8") for name in ("entry_px", "quantity", "stop_initial", "tp1", "tp2", "exit_px")),
        *((name, "f8") for name in ("gross_pnl", "fees", "funding", "slippage", "net_pnl", "r_multiple")),
    ]
)

DECIDED = record_dtype(
    [
        *((name, "i8") for name in ("instrument", "signal_ns", "side", "score", "rule", "missed")),
        *((name, "f8") for name in ("entry", "stop", "tp1", "tp2", "quantity", "equity", "heat_before")),
    ]
)

BREAKOUT = record_dtype(
    [
        *((name, "i8") for name in ("step", "instrument", "row", "side")),
        *((name, "f8") for name in ("atr_baseline", "volume_24h", "average_daily_volume")),
    ]
)


BAR = record_dtype(
    [
        ("close_ns", "i8"),
        *((name, "f8") for name in ("open", "high", "low", "close", "volume")),  # at the decimals the engine has
        *((name, "f8") for name in ("fill_open", "fill_volume")),  # as the catalog has them: for the fill model
        ("age_secs", "f8"),  # seconds of data that were missing in the bar or right before it
    ]
)

CARRY = record_dtype(
    [
        ("ns", "i8"),
        ("long_frac", "f8"),  # what a long pays, fraction of value
        ("short_frac", "f8"),
        ("kind", "i8"),  # 0: funding, in quote currency; 1: rollover, in the account's
    ]
)

QUOTE = record_dtype(
    [
        ("last_px", "f8"),  # newest price at the venue
        ("told_px", "f8"),  # the one before it while its fills are made: the engine tells it only afterwards
        *((name, "i8") for name in ("last_ns", "row", "last_row", "last_step", "decision")),
    ]
)

ACCOUNT = record_dtype(
    [
        ("cash", "f8"),
        *((name, "i8") for name in ("active", "closed", "decided")),
        *((name, "i8") for name in ("suspension_due_ns", "slippage_due_ns", "drawdown_due_ns")),
    ]
)


class Data(NamedTuple):
    """The candles of all instruments, and what happens at each moment; built once, shared by all threads.

    Attributes
    ----------
    markets : MARKET records, shape (n,)
    bars : BAR records, shape (rows,)
        Of one instrument after the other, oldest first.
    carries : CARRY records
        Funding and rollover, of one instrument after the other.
    bar_ns : int
    times : int64, shape (steps,)
        All moments at which a bar of any instrument closes.
    rows, latest : int64, shape (steps, n)
        Row of the bar that closes then, -1: none does; and of the newest bar then, -1: there is none yet.
    ends : bool, shape (steps, n)
        Whether an instrument's data ends there for long.
    days : int64, shape (steps,)
        UTC day of each moment, counted from the first.
    hour0 : int
        The hour that row 0 of the tables of correlation is about.
    common, alike : shape (hours, n, n)
        Common hours and correlation of each pair at the end of an hour (D16).
    """

    markets: Records
    bars: Records
    carries: Records
    bar_ns: int
    times: Ints
    rows: Ints
    latest: Ints
    ends: Bools
    days: Ints
    hour0: int
    common: npt.NDArray[np.int32]
    alike: Floats


class Breakouts(NamedTuple):
    """Every close beyond the channel that the higher time frame speaks for, of one set of window lengths, by time.

    Attributes
    ----------
    breakouts : BREAKOUT records, shape (m,)
    opinions : OPINION records, shape (m,)
    atr : float64, shape (rows,)
    """

    breakouts: Records
    opinions: Records
    atr: Floats


class Signals(NamedTuple):
    """The breakouts that are signals with one set of thresholds, by time.

    Attributes
    ----------
    steps, breakouts, scores : int64, shape (k,)
        When each one closes, its number in ``Breakouts``, and its score.
    """

    steps: Ints
    breakouts: Ints
    scores: Ints


class World(NamedTuple):
    """One account in one history: what changes belongs to one thread.

    Attributes
    ----------
    markets, bars, carries
        Of ``Data``.
    setup : SETUP record, shape (1,)
    trades, quotes : TRADE and QUOTE records, shape (n,)
    account : ACCOUNT record, shape (1,)
    state, limits
        Of the breakers.
    looks : int64
        All steps at which data of an instrument ends.
    closed, decided : CLOSED and DECIDED records
        Results; where there is no room the oldest are overwritten.
    sizes, prices : float64
        Room for the depth that an exit walks.
    """

    markets: Records
    bars: Records
    carries: Records
    setup: Records
    trades: Records
    quotes: Records
    account: Records
    state: Records
    limits: Records
    looks: Ints
    closed: Records
    decided: Records
    sizes: Floats
    prices: Floats
