"""Smallest order a venue takes: below it an entry is refused, never rounded up (Spec 7.4, D18)."""

from dataclasses import dataclass

from compiled import compiled
from risk.book import Book
from risk.limits.entry import Candidate
from risk.messages import Check


@compiled
def is_large_enough(quantity: float, floor: float) -> bool:
    """Return whether a quantity reaches the venue's floor, rounding apart."""
    return bool(quantity >= floor * (1.0 - 1e-9))


@dataclass(frozen=True, slots=True)
class MinimumQuantity:
    """Refuse a quantity under the lot or the venue's minimum."""

    def check(self, candidate: Candidate, _book: Book) -> Check:
        """Return a refusal when the sized quantity is too small for the venue."""
        floor = max(candidate.market.lot, candidate.market.min_quantity)
        return Check("minimum_quantity", is_large_enough(candidate.quantity, floor), floor, candidate.quantity)


@dataclass(frozen=True, slots=True)
class MinimumNotional:
    """Refuse an order value under the venue's minimum, quote units."""

    def check(self, candidate: Candidate, _book: Book) -> Check:
        """Return a refusal when the order would be worth too little for the venue."""
        market = candidate.market
        value = candidate.quantity * candidate.signal.entry * market.multiplier
        return Check("minimum_notional", value >= market.min_notional, market.min_notional, value)
