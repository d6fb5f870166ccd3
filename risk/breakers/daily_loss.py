"""Daily loss, and the third such day in a row (Spec 5.4, 5.5; D24, D25)."""

from compiled import Record, compiled_bare
from risk.breakers.ratio import ratio


@compiled_bare
def roll_day(s: Record, l: Record, day: int, opening: float) -> None:  # noqa: E741 - s and l: state and limits
    """Begin a UTC day: its breaker opens, its loss counts from ``opening``; a day without a hit breaks the row."""
    counted = l.every_day == 1 or s.day_moved == 1
    skipped = l.every_day == 1 and day > s.day + 1
    if (s.daily_loss == 0 and counted) or skipped:
        s.days_hit = 0
    s.day = day
    s.day_open = opening
    s.day_moved = 0
    s.daily_loss = 0
    s.daily_warned = 0


@compiled_bare
def judge_day(s: Record, l: Record, equity: float) -> None:  # noqa: E741
    """Close the breaker when the day's loss reaches its limit; suspend on the last of so many days in a row."""
    loss = s.day_open - equity
    if loss != 0.0:
        s.day_moved = 1
    if loss >= l.daily_warning_frac * s.day_open:
        s.daily_warned = 1
    if s.daily_loss == 0 and loss >= l.daily_loss_frac * s.day_open:
        s.daily_loss = 1
        s.daily_observed = ratio(loss, s.day_open)
        s.days_hit += 1
        if s.days_hit >= l.suspension_days:
            s.suspension = 1
            s.suspension_observed = s.days_hit
