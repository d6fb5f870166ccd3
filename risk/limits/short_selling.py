"""Spot venues do not lend: no shorts there (design/venues.md)."""

from dataclasses import dataclass

from risk.book import Book
from risk.limits.entry import Candidate
from risk.messages import Check


@dataclass(frozen=True, slots=True)
class ShortSelling:
    """Refuse a short on a market that cannot be sold short."""

    def check(self, candidate: Candidate, _book: Book) -> Check:
        """Return a refusal for a short where shorts are not possible."""
        side = candidate.signal.side
        lowest = -1.0 if candidate.market.allow_short else 0.0
        return Check("short_selling", side >= lowest, lowest, float(side))
