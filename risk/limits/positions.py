"""How many positions may be open or working (Spec 2.6, 5.6; D15d, D20)."""

from dataclasses import dataclass

from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Refusal
from risk.tiers import tier_of


@dataclass(frozen=True, slots=True)
class OnePerInstrument:
    """Refuse a second position in an instrument: no pyramiding, no reversal (D15d)."""

    def check(self, candidate: Candidate, book: Book) -> Refusal | None:
        """Return a refusal when the instrument is held or has a working entry."""
        if candidate.signal.instrument_id not in book.positions:
            return None
        return Refusal("one_position", limit=1.0, observed=1.0)


@dataclass(frozen=True, slots=True)
class PositionCount:
    """Refuse an entry beyond the tier's number of positions (Spec 2.6, 11.3)."""

    config: RiskConfig

    def check(self, _candidate: Candidate, book: Book) -> Refusal | None:
        """Return a refusal when the count is used up."""
        tier = tier_of(book.equity)
        limit = self.config.max_positions or (tier.max_positions if tier else 0)
        if book.count() < limit:
            return None
        return Refusal("max_positions", limit=float(limit), observed=float(book.count()))
