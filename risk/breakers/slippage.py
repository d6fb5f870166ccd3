"""Fills far worse than expected (Spec 5.5, 7.2; D28)."""

from compiled import Records, compiled_bare
from risk.breakers.ratio import ratio


@compiled_bare
def judge_slippage(states: Records, limits: Records, expected_frac: float, actual_frac: float) -> bool:
    """Return whether one order's slippage is alarming; close the breaker on a row of those, or on one far beyond.

    ``expected_frac`` and ``actual_frac`` are fractions of the price that the order met; positive is against us.
    """
    s = states[0]
    l = limits[0]  # noqa: E741
    if actual_frac <= l.slippage_alert_multiple * expected_frac:
        s.slippage_alerts = 0
        return False
    s.slippage_alerts += 1
    far = actual_frac > l.slippage_halt_multiple * expected_frac
    if s.slippage == 0 and (far or s.slippage_alerts >= l.slippage_alerts):
        s.slippage = 1
        s.slippage_observed = ratio(actual_frac, expected_frac)
    return True
