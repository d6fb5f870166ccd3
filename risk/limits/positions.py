"""How many positions may be open or working, and how many trades a day may see (Spec 2.6, 5.6; D15d, D20)."""

from dataclasses import dataclass

from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Check
from risk.tiers import tier_of


@dataclass(frozen=True, slots=True)
class OnePerInstrument:
    """Refuse a second position of a strategy in an instrument: no pyramiding, no reversal (D15d)."""

    def check(self, candidate: Candidate, book: Book) -> Check:
        """Return a refusal when the instrument is held or has a working entry."""
        held = book.holds(candidate.signal.instrument_id, candidate.signal.strategy)
        return Check("one_position", not held, limit=1.0, observed=float(held))


@dataclass(frozen=True, slots=True)
class PositionCount:
    """Refuse an entry beyond the tier's number of positions (Spec 2.6, 11.3)."""

    config: RiskConfig

    def check(self, _candidate: Candidate, book: Book) -> Check:
        """Return a refusal when the count is used up."""
        tier = tier_of(book.equity)
        limit = self.config.max_positions or (tier.max_positions if tier else 0)
        return Check("max_positions", book.count() < limit, float(limit), float(book.count()))


@dataclass(frozen=True, slots=True)
class TradesPerDay:
    """Refuse an entry beyond the number of trades that one UTC day may see (Spec 2.6)."""

    config: RiskConfig

    def check(self, _candidate: Candidate, book: Book) -> Check:
        """Return a refusal when the day's trades are used up; entries that are working count."""
        limit = self.config.max_trades_per_day
        seen = book.trades_today + book.working
        return Check("trades_per_day", seen < limit, float(limit), float(seen))
