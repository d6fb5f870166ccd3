"""A back-test's stand-in for the hand that some breakers wait for (D25 - D28; ``risk.operator = "simulated"``)."""

from collections.abc import Iterator

from risk.board import BreakerBoard
from risk.breakers.catalogue import BY_NAME
from risk.breakers.events import HandReset
from risk.breakers.state import DAY_NS

NAME = "simulated operator"
REASON = 'risk.operator is "simulated" in this back-test'
NEXT_DAY = ("suspension", "api_errors", "slippage")
REVIEW_DAYS = 7  # a shutdown is thought over as long as a weekly halt lasts


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
            if not BY_NAME[name].is_closed(state):
                self._due_ns.pop(name, None)
                continue
            due_ns = self._due_ns.setdefault(name, self._due(name, ts_ns))
            if name == "weekly_loss":
                due_ns = int(state.weekly_until_ns)
            if ts_ns >= due_ns:
                yield HandReset(ts_ns, name, NAME, REASON, float(state.equity))

    def _due(self, name: str, ts_ns: int) -> int:
        days = 1 if name in NEXT_DAY else REVIEW_DAYS
        return (ts_ns // DAY_NS + days) * DAY_NS
