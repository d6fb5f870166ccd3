"""The breakers by name: what closes them, what that does, what opens them again (Spec 5.5)."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Literal

import msgspec

from compiled import Record, Records
from risk.messages import Check

type Opens = Literal["by itself", "by hand", "both"]


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """One breaker.

    Attributes
    ----------
    name : str
        Also the field of the state that is 1 while it is closed, and the rule that refuses entries.
    limit : str
        The number among the limits that it goes by.
    observed, tripped : callable
        What is observed, and what was observed when it closed.
    opens : str
        Whether time, a hand or both must come.
    """

    name: str
    limit: str
    observed: Callable[[Record], float]
    tripped: Callable[[Record], float]
    opens: Opens
    action: str
    reset: str

    def is_closed(self, state: Record) -> bool:
        """Return whether it is closed."""
        return bool(getattr(state, self.name) != 0)

    def limit_in(self, limits: Record) -> float:
        """Return the number it goes by; for the kill switch 0: any is too many."""
        return float(getattr(limits, self.limit)) if self.limit else 0.0

    def check(self, state: Record, limits: Record) -> Check:
        """Return what it says of a new entry; a closed one shows what closed it."""
        closed = self.is_closed(state)
        observed = self.tripped(state) if closed else self.observed(state)
        return Check(self.name, not closed, self.limit_in(limits), float(observed))


def _fall(opening: float, equity: float) -> float:
    return (opening - equity) / opening if opening > 0.0 else 0.0


HALTS = (
    Breaker(
        name="kill_switch",
        limit="",
        observed=lambda s: float(s.kill_switch),
        tripped=lambda s: float(s.kill_switch),
        opens="by hand",
        action="no entries; positions closed when asked for",
        reset="resume",
    ),
    Breaker(
        name="drawdown",
        limit="max_drawdown_frac",
        observed=lambda s: _fall(s.peak, s.equity),
        tripped=lambda s: s.drawdown_observed,
        opens="by hand",
        action="no entries; entries cancelled, all positions closed at market",
        reset="reset drawdown --peak EQUITY: a restart that names a new peak",
    ),
    Breaker(
        name="suspension",
        limit="suspension_days",
        observed=lambda s: float(s.days_hit),
        tripped=lambda s: s.suspension_observed,
        opens="by hand",
        action="no entries",
        reset="reset suspension",
    ),
    Breaker(
        name="weekly_loss",
        limit="weekly_loss_frac",
        observed=lambda s: _fall(s.week_open, s.equity),
        tripped=lambda s: s.weekly_observed,
        opens="both",
        action="no entries for 7 days",
        reset="after 7 days, and reset weekly_loss",
    ),
    Breaker(
        name="daily_loss",
        limit="daily_loss_frac",
        observed=lambda s: _fall(s.day_open, s.equity),
        tripped=lambda s: s.daily_observed,
        opens="by itself",
        action="no entries today",
        reset="by itself at 00:00 UTC",
    ),
    Breaker(
        name="api_errors",
        limit="api_error_frac",
        observed=lambda s: s.api_rate,
        tripped=lambda s: s.api_observed,
        opens="by hand",
        action="no entries",
        reset="reset api_errors",
    ),
    Breaker(
        name="slippage",
        limit="slippage_halt_multiple",
        observed=lambda s: 0.0 * s.slippage_alerts,  # one order far beyond is enough: nothing builds up
        tripped=lambda s: s.slippage_observed,
        opens="by hand",
        action="no entries",
        reset="reset slippage",
    ),
)
LOSS_STREAK = Breaker(
    name="loss_streak",
    limit="losses_in_a_row",
    observed=lambda s: float(s.losses),
    tripped=lambda s: float(s.losses),
    opens="by itself",
    action="size halved for 10 trades",
    reset="by itself after 10 trades",
)
BY_NAME = {breaker.name: breaker for breaker in (*HALTS, LOSS_STREAK)}


def checks(state: Records, limits: Records) -> tuple[Check, ...]:
    """Return what every breaker says of a new entry, the gravest first."""
    s, lim = _plain(state), _plain(limits)
    return tuple(breaker.check(s, lim) for breaker in HALTS)


def _plain(record: Records) -> SimpleNamespace:
    """Return a record as an object of plain numbers: numpy takes a microsecond for each field."""
    return SimpleNamespace(**dict(zip(record.dtype.names or (), record[0].item(), strict=True)))
