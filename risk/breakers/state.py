"""What the breakers remember and the numbers they go by: two records that compiled code, memory and screens share."""

from typing import Any

import msgspec
import numpy as np

from compiled import Records, record_dtype, record_of
from risk.config import BreakerLimits

DAY_NS = 86_400_000_000_000
WEEK_DAYS = 7
MONDAY = 4  # 1970-01-01 was a Thursday; weeks start Monday 00:00 UTC (D24)

STATE = record_dtype(
    [
        ("known", "i8"),  # 0 until the account has been seen once
        ("seen_ns", "i8"),
        ("equity", "f8"),
        ("peak", "f8"),
        ("day", "i8"),  # days since 1970
        ("day_open", "f8"),
        ("day_moved", "i8"),
        ("trades_day", "i8"),  # the day that day_trades counts: trades open also while the account cannot be seen
        ("day_trades", "i8"),
        ("daily_loss", "i8"),  # each breaker: 1 while it is closed
        ("daily_observed", "f8"),
        ("daily_warned", "i8"),
        ("days_hit", "i8"),
        ("suspension", "i8"),
        ("suspension_observed", "f8"),
        ("week", "i8"),
        ("week_open", "f8"),
        ("weekly_loss", "i8"),
        ("weekly_observed", "f8"),
        ("weekly_warned", "i8"),
        ("weekly_week", "i8"),
        ("weekly_until_ns", "i8"),
        ("weekly_approved_ns", "i8"),  # 0 until a hand has approved
        ("drawdown", "i8"),
        ("drawdown_observed", "f8"),
        ("api_errors", "i8"),
        ("api_rate", "f8"),
        ("api_observed", "f8"),
        ("api_warned", "i8"),
        ("slippage", "i8"),
        ("slippage_alerts", "i8"),
        ("slippage_observed", "f8"),
        ("losses", "i8"),
        ("reduced_left", "i8"),
        ("kill_switch", "i8"),
    ]
)

FLOATS = ("_frac", "_multiple", "_factor")
LIMITS = record_dtype(
    [(name, "f8" if name.endswith(FLOATS) else "i8") for name in (*BreakerLimits.__struct_fields__, "every_day")]
)


def new_state() -> Records:
    """Return the state of an account that has never been seen: every breaker open."""
    return record_of(STATE, {})


def limits_record(limits: BreakerLimits, *, every_day: bool) -> Records:
    """Return the limits as the compiled rules read them.

    ``every_day``: the portfolio trades on every calendar day. Else days on which equity does not move (weekends,
    holidays) neither count towards a suspension nor break the row.
    """
    return record_of(LIMITS, msgspec.structs.asdict(limits) | {"every_day": every_day})


def copy_of(state: Records) -> Records:
    """Return a state of its own (by way of bytes: an eighth of the time of numpy's own copy of a record)."""
    return np.frombuffer(bytearray(state.tobytes()), STATE)


def to_values(state: Records) -> dict[str, Any]:
    """Return a state as plain values, by name."""
    return dict(zip(STATE.names or (), state[0].item(), strict=True))


def from_values(values: dict[str, Any]) -> Records:
    """Return the state of plain values; names that are missing are 0, unknown ones are left out."""
    return record_of(STATE, values)
