"""One signal through every limit, in order: a pure function from values to a decision (Spec 4.2.3)."""

import math
from collections.abc import Sequence
from typing import Protocol

import msgspec

from risk.book import Book
from risk.config import RiskConfig
from risk.limits.account import KnownNumbers, ReviewRequired
from risk.limits.asset_class import AssetClassCount
from risk.limits.entry import Candidate
from risk.limits.heat import PortfolioHeat
from risk.limits.leverage import max_quantity
from risk.limits.liquidity import max_quantity_24h, max_quantity_adv
from risk.limits.positions import OnePerInstrument, PositionCount
from risk.limits.short_selling import ShortSelling
from risk.limits.venue_minimum import VenueMinimum
from risk.messages import Decision, Market, Refusal, Signal
from risk.sizing import atr_scalar, risk_budget, round_down
from risk.tiers import tier_of


class Limit(Protocol):
    """A rule that may refuse an entry."""

    def check(self, candidate: Candidate, book: Book, /) -> Refusal | None:
        """Return a refusal, or None when the entry may pass."""


def candidate_of(signal: Signal, market: Market, rate: float) -> Candidate:
    """Return an unsized candidate; its stop distance is rounded up to the tick, as the stop order will be."""
    ticks = abs(signal.entry - signal.stop) / market.tick if market.tick > 0.0 else math.nan
    distance = math.ceil(ticks - 1e-6) * market.tick if math.isfinite(ticks) else math.nan
    return Candidate(signal=signal, market=market, rate=rate, distance=distance)


def size(candidate: Candidate, book: Book, config: RiskConfig) -> tuple[Candidate, str]:
    """Return the candidate with its quantity, and the name of the rule that bound it (D17, D18).

    Notes
    -----
    ``quantity = risk budget / stop distance``, capped by leverage and liquidity, rounded down to the lot.
    """
    tier = tier_of(book.equity)
    risk_frac = config.risk_frac or (tier.risk_frac if tier else 0.0)
    cap_frac = config.max_heat_frac * config.max_share_of_heat_frac
    scalar = atr_scalar(candidate.signal.atr_baseline, candidate.signal.atr, config.max_atr_scalar)
    budget = risk_budget(book.equity, risk_frac, scalar, cap_frac)
    bounds = {
        "risk": budget / (candidate.distance * candidate.unit_value),
        "leverage": max_quantity(candidate, book, config),
        "volume_24h": max_quantity_24h(candidate, config),
        "average_daily_volume": max_quantity_adv(candidate, config),
    }
    sized_by = min(bounds, key=lambda name: bounds[name])
    quantity = round_down(bounds[sized_by], candidate.market.lot)
    risk = quantity * candidate.distance * candidate.unit_value
    notional = quantity * candidate.signal.entry * candidate.unit_value
    return msgspec.structs.replace(candidate, quantity=quantity, risk=risk, notional=notional), sized_by


def limits_before_size(config: RiskConfig) -> tuple[Limit, ...]:
    """Return the limits that need no quantity, in the order they are asked."""
    return (
        KnownNumbers(),
        ReviewRequired(),
        ShortSelling(),
        OnePerInstrument(),
        PositionCount(config),
        AssetClassCount(config),
    )


def limits_after_size(config: RiskConfig) -> tuple[Limit, ...]:
    """Return the limits that judge the sized entry."""
    return (VenueMinimum(), PortfolioHeat(config))


def _first_refusal(limits: Sequence[Limit], candidate: Candidate, book: Book) -> Refusal | None:
    for limit in limits:
        refusal = limit.check(candidate, book)
        if refusal is not None:
            return refusal
    return None


def review(candidate: Candidate, book: Book, config: RiskConfig) -> Decision:
    """Return the decision on one candidate: refused by the first rule that says no, else approved with its size."""
    sized_by = ""
    refusal = _first_refusal(limits_before_size(config), candidate, book)
    if refusal is None:
        candidate, sized_by = size(candidate, book, config)
        refusal = _first_refusal(limits_after_size(config), candidate, book)
    approved = refusal is None
    return Decision(
        ts_ns=book.ts_ns,
        signal=candidate.signal,
        approved=approved,
        rule=refusal.rule if refusal else "",
        limit=refusal.limit if refusal else math.nan,
        observed=refusal.observed if refusal else math.nan,
        quantity=candidate.quantity if approved else 0.0,
        risk_quote=candidate.risk if approved else 0.0,
        heat_before=book.heat,
        heat_after=book.heat + (candidate.risk if approved else 0.0),
        equity=book.equity,
        sized_by=sized_by,
    )
