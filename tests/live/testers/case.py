"""A case of the engine's execution tester: how it is set up, what the test does meanwhile, what must have happened."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.live.testers.oracle import resting_lines
from tests.live.testers.run import BID, TesterRun
from tests.live.venue import SimulatedVenue

Step = Callable[[TesterRun], None]

LIMITS_OFF = {"enable_limit_buys": False, "enable_limit_sells": False}


def nothing(_: SimulatedVenue) -> None:
    """Leave the venue as it started."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """Describe one case; ``name`` starts with its number in the engine's own testing specification.

    ``told`` has a line per order, oldest first: what the engine must hold in the end (see ``oracle.order_line``).
    ``entry`` is the entry price that the engine must have for the position, ``position`` what is left at the venue.
    ``sends`` counts requests that the venue must have received. ``fails`` is the reason why the engine's client does
    not pass, against the real protocol either; ``measured`` has the lines that it leaves instead.
    """

    name: str
    config: dict[str, Any]
    told: tuple[str, ...]
    before: Callable[[SimulatedVenue], None] = nothing
    steps: tuple[Step, ...] = ()
    client: dict[str, Any] = field(default_factory=dict)
    sends: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    entry: str = ""
    position: str = "0"
    sample: bool = False
    fails: str = ""
    measured: tuple[str, ...] | None = None

    @property
    def settings(self) -> dict[str, Any]:
        return {"order_qty": "0.010", **LIMITS_OFF, **self.config}


def rests(*lines: str) -> Step:
    """Wait until exactly these orders rest at the venue, and the engine knows."""

    def step(run: TesterRun) -> None:
        seen: list[str] = []

        def same() -> bool:
            seen[:] = resting_lines(run.venue)
            return seen == sorted(lines)

        try:
            run.venue.until(same, "orders rest")
        except AssertionError as error:
            raise AssertionError(f"{seen} rest, not {lines}") from error

    return step


def hears(event: str, times: int = 1) -> Step:
    """Wait until the tester has got an order event so many times."""
    return lambda run: run.until_logged(rf"\[EVT\] Order{event}\(", times)


def moves(bid: float) -> Step:
    """Put the book elsewhere; the tester acts on the quote."""
    return lambda run: run.venue.quote(bid, round(bid + 0.1, 1))


def requotes() -> Step:
    """Give the tester one more quote at the same prices."""
    return lambda run: run.venue.quote(BID, round(BID + 0.1, 1), 33)


def prints(price: float) -> Step:
    """Let others sell at a price, the best bid from then on: trades are what conditional orders watch."""
    return lambda run: run.venue.post("/price", symbol="BTCUSDT", price=price, aggressor="SELL")


def faults(**fault: Any) -> Step:
    return lambda run: run.venue.post("/faults", **fault)
