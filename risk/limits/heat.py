"""The sum of what all positions may lose, and the largest share of it (Spec 2.6, 5.6; D19, D21)."""

from dataclasses import dataclass

from compiled import compiled
from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Check


@compiled
def heat_cap(equity: float, max_heat_frac: float) -> float:
    """Return the heat budget: the most that all positions together may lose, account currency."""
    return max_heat_frac * equity


@compiled
def share_cap(equity: float, max_heat_frac: float, max_share_frac: float) -> float:
    """Return the most that one position may lose: a share of the heat budget (D21).

    >>> round(share_cap(50_000.0, 0.05, 0.3), 9)
    750.0
    """
    return equity * (max_heat_frac * max_share_frac)


@compiled
def is_within_share(risk: float, cap: float) -> bool:
    """Return whether one position's risk stays within its share, rounding apart."""
    return bool(risk <= cap * (1.0 + 1e-9))


@dataclass(frozen=True, slots=True)
class PortfolioHeat:
    """Refuse an entry that would lift open plus reserved risk above a share of equity."""

    config: RiskConfig

    def check(self, candidate: Candidate, book: Book) -> Check:
        """Return a refusal when heat with this entry would exceed the cap."""
        limit = heat_cap(book.equity, self.config.max_heat_frac)
        total = book.heat + candidate.risk
        return Check("portfolio_heat", total <= limit, limit, total)


@dataclass(frozen=True, slots=True)
class HeatShare:
    """Refuse a position that would take more than 30 % of the heat budget alone; sizing stays below it."""

    config: RiskConfig

    def check(self, candidate: Candidate, book: Book) -> Check:
        """Return a refusal when one position's risk exceeds its share."""
        limit = share_cap(book.equity, self.config.max_heat_frac, self.config.max_share_of_heat_frac)
        return Check("heat_share", is_within_share(candidate.risk, limit), limit, candidate.risk)
