"""Weekly loss: no entries for seven days and until a hand approves (Spec 5.5; D24, D26)."""

from compiled import Record, compiled_bare
from risk.breakers.ratio import ratio
from risk.breakers.state import DAY_NS


@compiled_bare
def roll_week(s: Record, week: int, opening: float) -> None:
    """Begin a week, Monday 00:00 UTC: its loss counts from ``opening``."""
    s.week = week
    s.week_open = opening
    s.weekly_warned = 0


@compiled_bare
def open_week(s: Record, ts_ns: int) -> None:
    """Open the breaker once its time is over **and** a hand has approved."""
    if s.weekly_loss == 1 and s.weekly_approved_ns > 0 and ts_ns >= s.weekly_until_ns:
        s.weekly_loss = 0


@compiled_bare
def judge_week(s: Record, l: Record, ts_ns: int, equity: float) -> None:  # noqa: E741
    """Close the breaker when the week's loss reaches its limit; a new week that does so too begins the wait anew."""
    loss = s.week_open - equity
    if loss >= l.weekly_alert_frac * s.week_open:
        s.weekly_warned = 1
    fresh = s.weekly_loss == 0 or s.week != s.weekly_week
    if fresh and loss >= l.weekly_loss_frac * s.week_open:
        s.weekly_loss = 1
        s.weekly_week = s.week
        s.weekly_observed = ratio(loss, s.week_open)
        s.weekly_until_ns = ts_ns + l.weekly_halt_days * DAY_NS
        s.weekly_approved_ns = 0
