"""Of two markets that move alike only one is held (Spec 5.6, D16)."""

import math
from dataclasses import dataclass

from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Check


@dataclass(frozen=True, slots=True)
class CorrelationCap:
    """Refuse an entry too alike to a position, a working entry or a better candidate of the same bar close."""

    config: RiskConfig

    def check(self, candidate: Candidate, _book: Book) -> Check:
        """Return a refusal when the worst pair is too alike, or has too few common hours to tell."""
        pair, most = candidate.correlation, self.config.max_correlation
        if not pair.other:
            return Check("correlation", True, most, 0.0)
        if pair.hours < self.config.min_common_hours or math.isnan(pair.value):
            return Check(
                "unknown_correlation", False, float(self.config.min_common_hours), float(pair.hours), pair.other
            )
        return Check("correlation", pair.value <= most, most, pair.value, pair.other)
