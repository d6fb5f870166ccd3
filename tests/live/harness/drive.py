"""One trade, moved from stage to stage by the market: what a venue without faults does at each is expected."""

import time
from collections.abc import Callable
from typing import Any

from tests.live.harness.node import Node
from tests.live.harness.venue import SYMBOL, Venue
from tests.live.harness.waiting import wait_for

QUOTES_SECS = 0.15
TRAIL_BELOW = 0.0205  # of the price: far enough for a trail above break-even, short of the second target


def leg_of(client_id: str) -> str:
    """Return the leg of a client order id as it is on the wire; empty for nobody's of ours."""
    tail = client_id.rpartition("-")[2]
    return tail[:2] if client_id.startswith("x-aHRE4BCj-R") else ""


class Drive:
    """Move the market so that a trade goes on."""

    def __init__(self, venue: Venue, node: Node) -> None:
        self.venue = venue
        self.node = node
        self.side = venue.market.side

    # --- what the venue has -------------------------------------------------------------------------------------------

    def order(self, leg: str) -> dict[str, Any] | None:
        """Return the newest resting plain order of a leg."""
        found = [one for one in self.venue.orders() if leg_of(one["client_id"]) == leg]
        return found[-1] if found else None

    def stop(self, leg: str = "SL") -> dict[str, Any] | None:
        """Return the newest waiting stop."""
        found = [one["request"] for one in self.venue.algos() if leg_of(one["request"]["client_id"]) == leg]
        return found[-1] if found else None

    @property
    def open_quantity(self) -> float:
        """Return what is open at the venue."""
        return abs(self.venue.position)

    def is_covered(self) -> bool:
        """Return whether stop, backstop and targets rest for the whole position."""
        held = self.open_quantity
        covered = [self.stop("SL"), self.stop("BS")]
        if not held or any(one is None or abs(float(one["quantity"]) - held) > 1e-9 for one in covered):
            return False
        targets = [one for one in self.venue.orders() if leg_of(one["client_id"]) in ("T1", "T2")]
        return abs(sum(float(one["quantity"]) - float(one["executed"]) for one in targets) - held) < 1e-9

    # --- moving on ----------------------------------------------------------------------------------------------------

    def signal(self) -> None:
        """Close the bar that gives the signal."""
        self.venue.pass_minutes()
        time.sleep(QUOTES_SECS)  # quotes come on another socket than bars, and late on a busy machine
        self.venue.close_bar()

    def to_entry(self) -> None:
        """Have the entry rest."""
        self.signal()
        self.until("the entry rests", lambda: self.order("EN") is not None)

    def fill_part(self, share: float = 0.4) -> None:
        """Let others trade with a part of the entry."""
        entry = self.order("EN")
        if entry is None:
            return
        price, tick = float(entry["price"]), 0.1
        self.venue.post(
            "/book",
            symbol=SYMBOL,
            bids=[[f"{price - tick * (2 - (self.side > 0)):.1f}", "5"]],
            asks=[[f"{price + tick * (1 + (self.side > 0)):.1f}", "5"]],
        )
        part = round(share * float(entry["quantity"]), 3)
        self.venue.price(price, part, "BUY" if self.side < 0 else "SELL")

    def fill_entry(self) -> None:
        """Let the market trade through the entry."""
        entry = self.order("EN")
        if entry is not None:
            self.venue.price(float(entry["price"]) - self.side * 2.0)

    def to_part(self) -> None:
        """Have a part of the entry filled and protected."""
        self.to_entry()
        self.fill_part()
        self.until("the part is protected", self.is_covered)

    def to_protected(self) -> None:
        """Have the whole entry filled and protected."""
        self.to_entry()
        self.fill_entry()
        self.until("the position is protected", self.is_covered)

    def hit_first(self) -> None:
        """Let the market trade through the first target."""
        target = self.order("T1")
        if target is not None:
            self.venue.price(float(target["price"]) + self.side * 1.0)

    def to_first(self) -> None:
        """Have the first target filled and the stop at break-even."""
        self.to_protected()
        before = self.stop()
        assert before is not None
        self.hit_first()
        self.until("the stop is at break-even", lambda: self.is_covered() and self.stop() != before)

    def close_a_bar(self) -> None:
        """Let the market run on, short of the second target, and a bar close there."""
        if not self.open_quantity:
            return
        self.venue.price(self.venue.market.price * (1.0 + self.side * TRAIL_BELOW))
        self.venue.close_bar()

    def to_trail(self) -> None:
        """Have the stop trail."""
        self.to_first()
        before = self.stop()
        self.close_a_bar()
        self.until("the stop trails", lambda: self.is_covered() and self.stop() != before)

    def hit_stop(self) -> None:
        """Let the market trade at the stop, within its limit."""
        stop = self.stop() or self.stop("BS")
        if stop is not None:
            self.venue.price(float(stop["trigger_price"]) - self.side * 0.5)

    def jump_stop(self) -> None:
        """Let the market jump over the stop and its limit, short of the backstop."""
        stop = self.stop()
        if stop is not None:
            self.venue.price(float(stop["trigger_price"]) * (1.0 - self.side * 0.0025))

    def until(self, what: str, found: Callable[[], bool], secs: float = 8.0) -> None:
        """Wait; say what the node did when it does not happen."""
        try:
            wait_for(what, found, secs)
        except AssertionError as error:
            raise AssertionError(f"{error}; {self.tale()}") from None

    def tale(self) -> str:
        """Return the end of the node's journal in short."""
        events = [f"{one['event_type']} {_short(one['details'])}" for one in self.node.journal()[-12:]]
        return " | ".join(events)


def _short(details: dict[str, Any]) -> str:
    text = details.get("details") or details.get("rule") or details.get("order_id") or ""
    return str(text)[:120]
