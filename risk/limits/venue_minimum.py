"""Smallest order a venue takes: below it an entry is refused, never rounded up (Spec 7.4, D18)."""

from dataclasses import dataclass

from risk.book import Book
from risk.limits.entry import Candidate
from risk.messages import Refusal


@dataclass(frozen=True, slots=True)
class VenueMinimum:
    """Refuse a quantity under the lot, the minimum quantity or the minimum notional."""

    def check(self, candidate: Candidate, _book: Book) -> Refusal | None:
        """Return a refusal when the sized quantity is too small for the venue."""
        market = candidate.market
        floor = max(market.lot, market.min_quantity)
        if candidate.quantity < floor * (1.0 - 1e-9):
            return Refusal("minimum_quantity", limit=floor, observed=candidate.quantity)
        value = candidate.quantity * candidate.signal.entry * market.multiplier
        if value < market.min_notional:
            return Refusal("minimum_notional", limit=market.min_notional, observed=value)
        return None
