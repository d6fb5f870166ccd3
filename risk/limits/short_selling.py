"""Spot venues do not lend: no shorts there (design/venues.md)."""

from dataclasses import dataclass

from risk.book import Book
from risk.limits.entry import Candidate
from risk.messages import Refusal


@dataclass(frozen=True, slots=True)
class ShortSelling:
    """Refuse a short on a market that cannot be sold short."""

    def check(self, candidate: Candidate, _book: Book) -> Refusal | None:
        """Return a refusal for a short where shorts are not possible."""
        if candidate.signal.side > 0 or candidate.market.allow_short:
            return None
        return Refusal("short_selling", limit=0.0, observed=-1.0)
