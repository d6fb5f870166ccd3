"""Which breaker event a person should hear of, and how loudly (Spec 9.3)."""

from typing import Literal

from risk.messages import Alert, BreakerEvent, FillQuality

type Severity = Literal["INFO", "WARNING", "CRITICAL"]

NAMES = {
    "daily_loss": "ALERT_DAILY_LOSS",
    "weekly_loss": "ALERT_WEEKLY_LOSS",
    "api_errors": "ALERT_API_ERRORS",
    "suspension": "ALERT_SUSPENDED",
    "drawdown": "ALERT_SHUTDOWN",
    "slippage": "ALERT_SLIPPAGE_HALT",
    "loss_streak": "ALERT_LOSS_STREAK",
    "kill_switch": "ALERT_KILL_SWITCH",
}
MILD = {("daily_loss", "WARNING"), ("loss_streak", "TRIPPED")}


def severity(event: BreakerEvent) -> Severity:
    """Return how grave a breaker event is: a daily loss of 2 % warns, of 3 % and a weekly one of 5 % are critical."""
    if event.kind in ("OPENED", "RESET", "APPROVED"):
        return "INFO"
    return "WARNING" if (event.breaker, event.kind) in MILD else "CRITICAL"


def breaker_alert(event: BreakerEvent, ts_ns: int) -> Alert | None:
    """Return the alert of a breaker event; None for what opens."""
    grave = severity(event)
    if grave == "INFO":
        return None
    said = f"; {event.operator}: {event.reason}" if event.operator else ""
    return Alert(
        ts_ns=ts_ns,
        name=NAMES[event.breaker],
        severity=grave,
        details=f"{event.breaker} {event.kind.lower()}: {event.observed:.4g}, limit {event.limit:.4g}{said}",
    )


def slippage_alert(quality: FillQuality) -> Alert:
    """Return the alert of one order filled far worse than expected (D28)."""
    return Alert(
        ts_ns=quality.ts_ns,
        name="SLIPPAGE_ALERT",
        severity="WARNING",
        instrument_id=quality.instrument_id,
        details=f"{quality.order_id}: {quality.actual_frac:.4%} of the price, expected {quality.expected_frac:.4%}",
    )
