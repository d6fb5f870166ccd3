"""The breakers of an account as the tests drive them: days count from a Monday, all that was told is kept."""

from risk.breakers.catalogue import checks
from risk.breakers.events import EquitySeen, Event, HandKill, HandReset
from risk.breakers.hands import refuse
from risk.breakers.loss_streak import size_factor
from risk.breakers.state import limits_record, new_state
from risk.breakers.transition import transition
from risk.config import BreakerLimits
from risk.messages import BreakerEvent, Check

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
MONDAY_NS = 1_767_571_200_000_000_000  # 2026-01-05 00:00 UTC
MON, TUE, WED, THU, FRI, SAT, SUN, NEXT_MON, NEXT_TUE, NEXT_WED = range(10)


def at(day: int, hours: float = 12.0) -> int:
    """Return an hour of a day, nanoseconds UTC; day 0 is Monday, 5 January 2026."""
    return MONDAY_NS + day * DAY_NS + round(hours * HOUR_NS)


class Breakers:
    """The state of all breakers, and what was told of it so far."""

    def __init__(self, *, every_day: bool = True, **limits: object) -> None:
        self.limits = limits_record(BreakerLimits(**limits), every_day=every_day)
        self.state = new_state()
        self.told: list[BreakerEvent] = []

    def apply(self, *events: Event) -> list[BreakerEvent]:
        """Let events happen; return what they mean."""
        before = len(self.told)
        for event in events:
            self.state, told = transition(self.state, event, self.limits)
            self.told += told
        return self.told[before:]

    def see(self, *looks: tuple[int, float]) -> list[BreakerEvent]:
        """Look at the account: moments and equities."""
        return self.apply(*(EquitySeen(ts_ns, equity) for ts_ns, equity in looks))

    def reset(self, ts_ns: int, breaker: str, peak: float = 0.0) -> list[BreakerEvent]:
        """Let an operator reset a breaker."""
        return self.apply(HandReset(ts_ns, breaker, "ana", "looked into it", peak))

    def refusal(self, event: HandReset | HandKill) -> str:
        """Return why an operator's wish is not carried out."""
        return refuse(self.state, self.limits, event)

    @property
    def checks(self) -> dict[str, Check]:
        """Return what every breaker says of a new entry, by name."""
        return {check.rule: check for check in checks(self.state, self.limits)}

    @property
    def closed(self) -> set[str]:
        """Return the breakers that refuse an entry."""
        return {name for name, check in self.checks.items() if not check.passed}

    @property
    def factor(self) -> float:
        """Return the factor on the risk of the next trade."""
        return float(size_factor(self.state, self.limits))


def kinds(told: list[BreakerEvent], breaker: str) -> list[str]:
    """Return what was told of one breaker, in order."""
    return [event.kind for event in told if event.breaker == breaker]
