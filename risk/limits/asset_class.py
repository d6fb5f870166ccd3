"""How many positions of one asset class may be open or working (Spec 5.6, D20)."""

from dataclasses import dataclass

from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Check


@dataclass(frozen=True, slots=True)
class AssetClassCount:
    """Refuse an entry beyond the number its asset class may hold."""

    config: RiskConfig

    def check(self, candidate: Candidate, book: Book) -> Check:
        """Return a refusal when the class is full."""
        asset_class = candidate.market.asset_class
        limit = self.config.of_class(asset_class).max_positions
        held = book.count(asset_class)
        return Check("asset_class_positions", held < limit, float(limit), float(held), asset_class)
