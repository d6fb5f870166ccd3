"""What an operator may do to a breaker, and what is refused (Spec 5.5; D25, D26, D29, D31)."""

import math

from compiled import Records, compiled_bare
from errors import close_match
from risk.breakers.catalogue import BY_NAME
from risk.breakers.events import HandKill, HandReset

ITSELF = ("daily_loss", "loss_streak")


def refuse(state: Records, limits: Records, event: HandReset | HandKill) -> str:
    """Return why an operator's wish is not carried out; empty when it is.

    Nothing that opens by itself can be opened early, nothing that is open can be reset, and a new peak must be one from
    which the account is not already too far down.
    """
    if not event.operator.strip() or not event.reason.strip():
        return "an operator and a reason are required (D31)"
    if isinstance(event, HandKill):
        return ""
    name = event.breaker
    if name not in BY_NAME:
        return f"no breaker '{name}'{close_match(name, BY_NAME)} (allowed: {', '.join(BY_NAME)})"
    if name in ITSELF:
        return f"{name} opens {BY_NAME[name].reset}; it cannot be reset by hand (D25, D30)"
    if not BY_NAME[name].is_closed(state[0]):
        return f"{name} is not closed: there is nothing to reset"
    return _refuse_this(name, state, limits, event)


def _refuse_this(name: str, state: Records, limits: Records, event: HandReset) -> str:
    if name == "weekly_loss" and state[0].weekly_approved_ns > 0:
        return "weekly_loss is approved already; it opens when its 7 days are over (D26)"
    return _refuse_peak(state, limits, event) if name == "drawdown" else ""


def _refuse_peak(state: Records, limits: Records, event: HandReset) -> str:
    peak, s, max_frac = event.peak, state[0], float(limits[0].max_drawdown_frac)
    if not (math.isfinite(peak) and peak > 0.0):
        return f"drawdown needs the new equity peak (--peak, above 0), was {peak} (D29)"
    if peak - s.equity >= max_frac * peak:
        fallen, highest = (peak - s.equity) / peak, s.equity / (1.0 - max_frac)
        return (
            f"drawdown: from a peak of {peak:,.2f} the last equity, {s.equity:,.2f}, is {fallen:.1%} down already; "
            f"the peak must be under {highest:,.2f} (D29)"
        )
    return ""


def carry_out(state: Records, event: HandReset | HandKill) -> None:
    """Change the state in place as an operator wishes; ``refuse`` has been asked before."""
    s = state[0]
    if isinstance(event, HandKill):
        s.kill_switch = 2 if event.close_positions or s.kill_switch == 2 else 1
    elif event.breaker == "weekly_loss":
        approve_week(state, event.ts_ns)
    elif event.breaker == "drawdown":
        restart(state, event.peak)
    elif event.breaker == "suspension":
        end_suspension(state)
    elif event.breaker == "slippage":
        end_slippage(state)
    else:
        s[event.breaker] = 0


@compiled_bare
def approve_week(states: Records, ts_ns: int) -> None:
    """Approve that a weekly halt may end; it does at once when its time is over (D26)."""
    s = states[0]
    s.weekly_approved_ns = ts_ns
    if ts_ns >= s.weekly_until_ns:
        s.weekly_loss = 0


@compiled_bare
def restart(states: Records, peak: float) -> None:
    """Begin again after a shutdown, from a named peak (D29)."""
    s = states[0]
    s.drawdown = 0
    s.peak = max(peak, s.equity)


@compiled_bare
def end_suspension(states: Records) -> None:
    """Let trading go on after three bad days (D25)."""
    s = states[0]
    s.suspension = 0
    s.days_hit = 0


@compiled_bare
def end_slippage(states: Records) -> None:
    """Let trading go on after bad fills (D28)."""
    s = states[0]
    s.slippage = 0
    s.slippage_alerts = 0
