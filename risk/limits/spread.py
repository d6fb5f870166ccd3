"""No entry into a market whose spread is unusually wide (Spec 7.2, D33)."""

import math
from dataclasses import dataclass

from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Check


@dataclass(frozen=True, slots=True)
class SpreadVeto:
    """Refuse while the bid-ask spread is more than twice its mean over the last hour."""

    config: RiskConfig

    def check(self, candidate: Candidate, _book: Book) -> Check:
        """Return a refusal when the spread is too wide or not known; candles have none, and nothing is asked then."""
        spread, most = candidate.spread, self.config.max_spread_multiple
        if spread is None:
            return Check("spread", True, most, math.nan, "no quotes in candles")
        if not (math.isfinite(spread.now_frac) and math.isfinite(spread.mean_frac)):
            return Check("unknown_spread", False, most, math.nan)
        multiple = (
            spread.now_frac / spread.mean_frac
            if spread.mean_frac > 0.0
            else 0.0
            if spread.now_frac == 0.0
            else math.inf
        )
        return Check("spread", spread.now_frac <= most * spread.mean_frac, most, multiple)
