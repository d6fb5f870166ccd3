"""A back-test's stand-in for the hand that some breakers wait for (D25 - D28; ``risk.operator = "simulated"``)."""

from collections.abc import Iterator

from compiled import compiled_bare
from risk.board import BreakerBoard
from risk.breakers.catalogue import BY_NAME
from risk.breakers.events import HandReset
from risk.breakers.state import DAY_NS

NAME = "simulated operator"
REASON = 'risk.operator is "simulated" in this back-test'
NEXT_DAY = ("suspension", "api_errors", "slippage")
REVIEW_DAYS = 7  # a shutdown is thought over as long as a weekly halt lasts


NEVER_NS = 2**62


@compiled_bare
def due_after(ts_ns: int, days: int) -> int:
    """Return the UTC midnight that ends so many days, today's the first."""
    return (ts_ns // DAY_NS + days) * DAY_NS


@compiled_bare
def due_of(due_ns: int, closed: int, first_ns: int) -> int:
    """Return when a closed breaker is reset: the first look at it sets that; never while it is open."""
    if closed == 0:
        return NEVER_NS
    return first_ns if due_ns == NEVER_NS else due_ns


class SimulatedOperator:
    """Reset on the next UTC day what wants a hand; approve a weekly halt, and restart after a shutdown, in seven days.

    The restart names the equity of that moment as the new peak. No capital is added.
    """

    def __init__(self) -> None:
        self._due_ns: dict[str, int] = {}

    def __call__(self, board: BreakerBoard, ts_ns: int) -> Iterator[HandReset]:
        """Yield the resets that are due."""
        if board.is_open:
            self._due_ns.clear()
            return
        state = board.state[0]
        for name in (*NEXT_DAY, "weekly_loss", "drawdown"):
            days = 1 if name in NEXT_DAY else REVIEW_DAYS
            closed = int(BY_NAME[name].is_closed(state))
            due_ns = due_of(self._due_ns.get(name, NEVER_NS), closed, due_after(ts_ns, days))
            self._due_ns[name] = due_ns
            if name == "weekly_loss" and closed:
                due_ns = int(state.weekly_until_ns)
            if ts_ns >= due_ns:
                yield HandReset(ts_ns, name, NAME, REASON, float(state.equity))
