"""Largest position value (Spec 2.5, D18)."""

from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.sizing import leverage_quantity


def max_quantity(candidate: Candidate, book: Book, config: RiskConfig) -> float:
    """Return the quantity whose value is equity times the asset class's leverage."""
    leverage = config.of_class(candidate.market.asset_class).max_leverage
    return leverage_quantity(book.equity, leverage, candidate.signal.entry, candidate.unit_value)
