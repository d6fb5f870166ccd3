"""Which breaker event a person hears of, and how loudly (Spec 9.3; D25 - D31)."""

from typing import Any

import pytest

from risk.alarms import breaker_alert, severity, slippage_alert
from risk.breakers.catalogue import BY_NAME
from risk.messages import Alert, BreakerEvent, FillQuality

TABLE = [
    pytest.param("daily_loss", "WARNING", "WARNING", "ALERT_DAILY_LOSS", id="9.3-daily-loss-2-percent"),
    pytest.param("daily_loss", "TRIPPED", "CRITICAL", "ALERT_DAILY_LOSS", id="9.3-daily-loss-3-percent"),
    pytest.param("weekly_loss", "WARNING", "CRITICAL", "ALERT_WEEKLY_LOSS", id="9.3-weekly-5-percent"),
    pytest.param("weekly_loss", "TRIPPED", "CRITICAL", "ALERT_WEEKLY_LOSS", id="D26-weekly-8-percent"),
    pytest.param("api_errors", "WARNING", "CRITICAL", "ALERT_API_ERRORS", id="9.3-api-5-percent"),
    pytest.param("api_errors", "TRIPPED", "CRITICAL", "ALERT_API_ERRORS", id="D27-api-10-percent"),
    pytest.param("suspension", "TRIPPED", "CRITICAL", "ALERT_SUSPENDED", id="D25-suspension"),
    pytest.param("drawdown", "TRIPPED", "CRITICAL", "ALERT_SHUTDOWN", id="D29-drawdown"),
    pytest.param("slippage", "TRIPPED", "CRITICAL", "ALERT_SLIPPAGE_HALT", id="D28-slippage"),
    pytest.param("kill_switch", "TRIPPED", "CRITICAL", "ALERT_KILL_SWITCH", id="D31-kill"),
    pytest.param("loss_streak", "TRIPPED", "WARNING", "ALERT_LOSS_STREAK", id="D30-smaller-not-stopped"),
]


def make_event(breaker: str, kind: Any, **changes: Any) -> BreakerEvent:
    values = {"ts_ns": 5, "observed": 0.0312345, "limit": 0.03}
    return BreakerEvent(breaker=breaker, kind=kind, **values | changes)


@pytest.mark.parametrize(("breaker", "kind", "grave", "name"), TABLE)
def test_alarm_is_as_loud_as_the_table_says(breaker: str, kind: str, grave: str, name: str) -> None:
    event = make_event(breaker, kind)
    assert severity(event) == grave
    assert breaker_alert(event, 7) == Alert(
        ts_ns=7, name=name, severity=grave, details=f"{breaker} {kind.lower()}: 0.03123, limit 0.03"
    )


@pytest.mark.parametrize("kind", ["OPENED", "RESET", "APPROVED"])
@pytest.mark.parametrize("breaker", sorted(BY_NAME))
def test_alarm_is_silent_when_something_opens(breaker: str, kind: str) -> None:
    event = make_event(breaker, kind)
    assert severity(event) == "INFO"
    assert breaker_alert(event, 7) is None


@pytest.mark.parametrize("breaker", sorted(BY_NAME))
def test_alarm_has_a_name_for_every_breaker(breaker: str) -> None:
    alert = breaker_alert(make_event(breaker, "TRIPPED"), 7)
    assert alert is not None
    assert alert.name.startswith("ALERT_")


def test_alarm_says_who_did_it_and_why() -> None:
    event = make_event("kill_switch", "TRIPPED", observed=2.0, limit=0.0, operator="ana", reason="fire")
    alert = breaker_alert(event, 7)
    assert alert is not None
    assert alert.details == "kill_switch tripped: 2, limit 0; ana: fire"


def test_slippage_alarm_names_order_and_market() -> None:
    quality = FillQuality(ts_ns=9, order_id="O-1", instrument_id="BTC.X", expected_frac=0.0005, actual_frac=0.00175)
    assert slippage_alert(quality) == Alert(
        ts_ns=9,
        name="SLIPPAGE_ALERT",
        severity="WARNING",
        instrument_id="BTC.X",
        details="O-1: 0.1750% of the price, expected 0.0500%",
    )
