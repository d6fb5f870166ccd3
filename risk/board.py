"""The breakers of an account with what they remember: events in, state and meaning out, remembered before it counts."""

import math
from typing import Any

import msgspec

from compiled import Records
from errors import StateError
from memory.memory import Memory
from risk.breakers.catalogue import checks
from risk.breakers.events import Event, HandKill, HandReset
from risk.breakers.hands import refuse
from risk.breakers.loss_streak import size_factor, trades_on
from risk.breakers.state import from_values, limits_record, new_state, to_values
from risk.breakers.transition import transition
from risk.config import RiskConfig
from risk.messages import BreakerEvent, Check

KIND, KEY = "breakers", "state"
SAVE_NS = 10_000_000_000  # equity alone is written this often; whatever else changes, at once
HAND = "kill_switch"
PASSING = ("seen_ns", "equity", "day_moved", "api_rate")


class BreakerBoard:
    """Hold the state of all breakers (Spec 5.4, 5.5).

    Parameters
    ----------
    config : RiskConfig
        With ``breakers = false`` nothing ever closes: for research.
    every_day : bool
        Whether the portfolio trades on every calendar day.
    memory : Memory
        Where the state is kept; what is there is taken up.
    """

    def __init__(self, config: RiskConfig, *, every_day: bool, memory: Memory) -> None:
        self._every_day = every_day
        self._is_on = config.breakers
        self.limits = limits_record(config.breaker_limits, every_day=every_day)
        self._memory = memory
        self.state = load_state(memory)
        self._checks: tuple[Check, ...] | None = None
        self._open: bool | None = None
        self._saved: dict[str, Any] = {}
        self._saved_ns = 0

    def use(self, config: RiskConfig) -> None:
        """Judge by other limits from now on; what is closed stays closed."""
        self._is_on = config.breakers
        self.limits = limits_record(config.breaker_limits, every_day=self._every_day)
        self._checks, self._open = None, None

    def apply(self, event: Event) -> tuple[BreakerEvent, ...]:
        """Take an event, note the new state, and return what it means; the caller is inside a unit of the memory."""
        self.state, told = transition(self.state, event, self.limits)
        if not self._is_on:
            told = tuple(one for one in told if one.breaker == HAND)
        self._checks = None
        if told:
            self._open = None
        if self._memory.is_kept:
            self._save(told=bool(told))
        return told

    def refuse(self, event: HandReset | HandKill) -> str:
        """Return why an operator's wish is not carried out; empty when it is."""
        return refuse(self.state, self.limits, event)

    def checks(self) -> tuple[Check, ...]:
        """Return what every breaker says of a new entry; when they are off only the one that is for hands."""
        if self._checks is None:
            found = checks(self.state, self.limits)
            self._checks = (
                found if self._is_on else tuple(check for check in found if check.rule == HAND and not check.passed)
            )
        return self._checks

    @property
    def is_open(self) -> bool:
        """Return whether no breaker is closed; quick as long as nothing changes."""
        if self._open is None:
            self._open = all(check.passed for check in self.checks())
        return self._open

    @property
    def size_factor(self) -> float:
        """Return the factor on the risk of the next trade (D30)."""
        return float(size_factor(self.state, self.limits)) if self._is_on else 1.0

    def trades_on(self, ts_ns: int) -> int:
        """Return the trades opened so far on the UTC day of a moment."""
        return int(trades_on(self.state, ts_ns))

    @property
    def shuts_down(self) -> bool:
        """Return whether every position must be closed: drawdown, or a kill that asks for it."""
        fallen = self._is_on and self.state[0].drawdown == 1
        return bool(fallen or self.state[0].kill_switch == 2)

    def _save(self, *, told: bool) -> None:
        values = to_values(self.state)
        lasting = {name: value for name, value in values.items() if name not in PASSING}
        if told or lasting != self._saved or values["seen_ns"] - self._saved_ns >= SAVE_NS:
            self._memory.put(KIND, KEY, values)
            self._saved, self._saved_ns = lasting, values["seen_ns"]


def load_state(memory: Memory) -> Records:
    """Return the state that is kept, or that of a new account.

    Raises
    ------
    StateError
        What is kept cannot be read: nothing may be traded on a guess.
    """
    body = memory.get(KIND, KEY)
    if body is None:
        return new_state()
    try:
        values = msgspec.json.decode(body, type=dict[str, float | int | None])
    except msgspec.DecodeError as error:
        raise StateError(
            f"memory: the state of the breakers cannot be read ({error}); restore it or reconcile"
        ) from error
    return from_values(
        {name: math.nan if value is None else value for name, value in values.items()}
    )  # JSON has no NaN
