"""Timers of trades on the engine's clock: named, replaceable, gone with the trade."""

from collections.abc import Callable
from typing import Any, Literal

type AlarmName = Literal["reprice", "timeout", "hold", "unfilled"]

NAMES: tuple[AlarmName, ...] = ("reprice", "timeout", "hold", "unfilled")


class Alarms:
    """Wake trades up.

    Parameters
    ----------
    clock : callable
        The engine's clock; it exists only once the strategy has been registered.
    guarded : callable
        Runs an action whose exceptions the engine would swallow.
    """

    def __init__(self, clock: Callable[[], Any], guarded: Callable[[Callable[[], None]], None]) -> None:
        self._clock = clock
        self._guarded = guarded

    def set(self, trade_id: str, name: AlarmName, at_ns: int, action: Callable[[str], None]) -> None:
        """Call ``action`` with the trade's id at ``at_ns``; an alarm of the same name is replaced."""
        self.silence(trade_id, name)
        self._clock().set_time_alert_ns(
            f"{trade_id}/{name}", at_ns, lambda _event: self._guarded(lambda: action(trade_id))
        )

    def is_set(self, trade_id: str, name: AlarmName) -> bool:
        """Return whether an alarm is waiting."""
        return self._clock().next_time_ns(f"{trade_id}/{name}") is not None

    def silence(self, trade_id: str, name: AlarmName) -> None:
        """Cancel an alarm if it is waiting."""
        if self.is_set(trade_id, name):
            self._clock().cancel_timer(f"{trade_id}/{name}")

    def silence_all(self, trade_id: str) -> None:
        """Cancel every alarm of a trade."""
        for name in NAMES:
            self.silence(trade_id, name)
