"""No entry while the account cannot be valued (D32), is too large (D23), or is shared and out of reach."""

import math
from dataclasses import dataclass

from risk.book import Book
from risk.limits.entry import Candidate
from risk.messages import Check
from risk.tiers import TOP_TIER, tier_of


@dataclass(frozen=True, slots=True)
class SharedLedger:
    """Refuse while the ledger that several processes share cannot be used: what the others hold is not known."""

    def check(self, _candidate: Candidate, book: Book) -> Check:
        """Return whether the ledger can be used."""
        fault = book.ledger_fault
        return Check("shared_ledger", not fault, limit=0.0, observed=float(bool(fault)), note=fault)


@dataclass(frozen=True, slots=True)
class KnownNumbers:
    """Refuse when equity, conversion rate, ATR, a price or traded volume is missing, not finite or not positive."""

    def check(self, candidate: Candidate, book: Book) -> Check:
        """Return a refusal naming the first number that cannot be used."""
        signal = candidate.signal
        numbers = {
            "equity": book.equity,
            "conversion_rate": candidate.rate,
            "atr": signal.atr,
            "atr_baseline": signal.atr_baseline,
            "entry": signal.entry,
            "stop_distance": candidate.distance,
        }
        if candidate.market.real_volume:
            numbers["average_daily_volume"] = signal.average_daily_volume
            if candidate.market.continuous:
                numbers["volume_24h"] = signal.volume_24h
        for name, value in numbers.items():
            if not math.isfinite(value) or value <= 0.0:
                return Check(f"unknown_{name}", False, limit=0.0, observed=value)
        return Check("known_numbers", True, limit=0.0, observed=0.0)


@dataclass(frozen=True, slots=True)
class ReviewRequired:
    """Refuse above 10 M of equity: "review strategy viability" (Spec 11.3)."""

    def check(self, _candidate: Candidate, book: Book) -> Check:
        """Return a refusal when no tier covers the account."""
        known = tier_of(book.equity) is not None
        return Check("review_required", known, limit=TOP_TIER.below_equity, observed=book.equity)
