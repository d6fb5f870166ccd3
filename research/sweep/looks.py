"""A look at the account: breakers judge it, a simulated hand resets them, a shutdown closes everything (D22, D29)."""

from compiled import compiled_bare
from research.operator import REVIEW_DAYS, due_after, due_of
from research.sweep.fills import (
    close_when_open,
)
from research.sweep.money import equity
from research.sweep.records import (
    SHUTDOWN,
    World,
)
from risk.breakers.account import observe_equity
from risk.breakers.hands import approve_week, end_slippage, end_suspension, restart


@compiled_bare
def observe(w: World, now_ns: int) -> bool:
    """Look at the account; return whether it has fallen so far that everything must be closed (D22, D29)."""
    was_down = w.state[0].drawdown
    observe_equity(w.state, w.limits, now_ns, equity(w))
    return after_look(w, now_ns, was_down)


@compiled_bare
def after_look(w: World, now_ns: int, was_down: int) -> bool:
    """Let the simulated operator act; return whether the account has just fallen too far."""
    falls = w.setup[0].breakers == 1 and was_down == 0 and w.state[0].drawdown == 1
    if w.setup[0].operator == 1 and w.setup[0].breakers == 1:
        operate(w, now_ns)
    return bool(falls)


@compiled_bare
def operate(w: World, now_ns: int) -> None:
    """Do what ``research.operator.SimulatedOperator`` does: reset what waits for a hand when it is due."""
    a, s = w.account[0], w.state[0]
    next_day = due_after(now_ns, 1)
    later = due_after(now_ns, REVIEW_DAYS)
    a.suspension_due_ns = due_of(a.suspension_due_ns, s.suspension, next_day)
    a.slippage_due_ns = due_of(a.slippage_due_ns, s.slippage, next_day)
    a.drawdown_due_ns = due_of(a.drawdown_due_ns, s.drawdown, later)
    if now_ns >= a.suspension_due_ns:
        end_suspension(w.state)
    if now_ns >= a.slippage_due_ns:
        end_slippage(w.state)
    if s.weekly_loss == 1 and now_ns >= s.weekly_until_ns and s.weekly_approved_ns == 0:
        approve_week(w.state, now_ns)
    if now_ns >= a.drawdown_due_ns:
        restart(w.state, s.equity)


@compiled_bare
def shut_down(w: World, now_ns: int) -> None:
    """Close everything at market, oldest first: what a bar close leads to leaves after its signals are answered."""
    seen = -1
    while True:
        first = -1
        for i in range(w.markets.size):
            t = w.trades[i]
            older = first < 0 or t.number < w.trades[first].number
            if t.active == 1 and t.number > seen and older:
                first = i
        if first < 0:
            return
        seen = w.trades[first].number
        close_when_open(w, first, SHUTDOWN, now_ns)
