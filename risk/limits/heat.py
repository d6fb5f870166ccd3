"""The sum of what all positions may lose (Spec 2.6, D19)."""

from dataclasses import dataclass

from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Refusal


@dataclass(frozen=True, slots=True)
class PortfolioHeat:
    """Refuse an entry that would lift open plus reserved risk above a share of equity."""

    config: RiskConfig

    def check(self, candidate: Candidate, book: Book) -> Refusal | None:
        """Return a refusal when heat with this entry would exceed the cap."""
        limit = self.config.max_heat_frac * book.equity
        total = book.heat + candidate.risk
        if total <= limit:
            return None
        return Refusal("portfolio_heat", limit=limit, observed=total)
