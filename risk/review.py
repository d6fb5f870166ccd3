"""One signal through every limit, in order: a pure function from values to a decision (Spec 4.2.3)."""

import math
from collections.abc import Sequence
from typing import Protocol

import msgspec

from risk.book import Book
from risk.config import RiskConfig
from risk.limits.account import KnownNumbers, ReviewRequired, SharedLedger
from risk.limits.asset_class import AssetClassCount
from risk.limits.correlation import CorrelationCap
from risk.limits.entry import Candidate, Correlation, Spread
from risk.limits.heat import HeatShare, PortfolioHeat
from risk.limits.leverage import max_quantity
from risk.limits.liquidity import max_quantity_24h, max_quantity_adv
from risk.limits.positions import OnePerInstrument, PositionCount, TradesPerDay
from risk.limits.reward import RewardToRisk
from risk.limits.short_selling import ShortSelling
from risk.limits.spread import SpreadVeto
from risk.limits.stale_data import StaleData
from risk.limits.venue_minimum import MinimumNotional, MinimumQuantity
from risk.messages import Check, Decision, Market, Signal
from risk.sizing import atr_scalar, risk_budget, risk_quantity, round_down, ticked_distance
from risk.tiers import tier_of


class Limit(Protocol):
    """A rule that may refuse an entry."""

    def check(self, candidate: Candidate, book: Book, /) -> Check:
        """Return what it looked at, and whether the entry may pass."""


def candidate_of(
    signal: Signal,
    market: Market,
    rate: float,
    *,
    data_age_secs: float = 0.0,
    spread: Spread | None = None,
    correlation: Correlation = Correlation(),  # noqa: B008 - frozen
) -> Candidate:
    """Return an unsized candidate; its stop distance is rounded up to the tick, as the stop order will be."""
    distance = ticked_distance(signal.entry, signal.stop, market.tick)
    return Candidate(
        signal=signal,
        market=market,
        rate=rate,
        distance=distance,
        data_age_secs=data_age_secs,
        spread=spread,
        correlation=correlation,
    )


def size(candidate: Candidate, book: Book, config: RiskConfig) -> tuple[Candidate, str]:
    """Return the candidate with its quantity, and the name of the rule that bound it (D17, D18, D30).

    Notes
    -----
    ``quantity = risk budget / stop distance``, capped by leverage and liquidity, rounded down to the lot.
    """
    tier = tier_of(book.equity)
    risk_frac = (config.risk_frac or (tier.risk_frac if tier else 0.0)) * book.size_factor
    cap_frac = config.max_heat_frac * config.max_share_of_heat_frac
    scalar = atr_scalar(candidate.signal.atr_baseline, candidate.signal.atr, config.max_atr_scalar)
    budget = risk_budget(book.equity, risk_frac, scalar, cap_frac)
    bounds = {
        "risk": risk_quantity(budget, candidate.distance, candidate.unit_value),
        "leverage": max_quantity(candidate, book, config),
        "volume_24h": max_quantity_24h(candidate, config),
        "average_daily_volume": max_quantity_adv(candidate, config),
    }
    sized_by = min(bounds, key=bounds.__getitem__)
    quantity = round_down(bounds[sized_by], candidate.market.lot)
    risk = quantity * candidate.distance * candidate.unit_value
    notional = quantity * candidate.signal.entry * candidate.unit_value
    return msgspec.structs.replace(candidate, quantity=quantity, risk=risk, notional=notional), sized_by


class Reviewer:
    """Every limit of a configuration, ready to be asked."""

    def __init__(self, config: RiskConfig) -> None:
        self._config = config
        self._first: tuple[Limit, ...] = (SharedLedger(),)
        self._before_size: tuple[Limit, ...] = (
            KnownNumbers(),
            StaleData(config),
            ReviewRequired(),
            ShortSelling(),
            RewardToRisk(config),
            SpreadVeto(config),
            OnePerInstrument(),
            PositionCount(config),
            AssetClassCount(config),
            TradesPerDay(config),
            CorrelationCap(config),
        )
        self._after_size: tuple[Limit, ...] = (
            MinimumQuantity(),
            MinimumNotional(),
            HeatShare(config),
            PortfolioHeat(config),
        )

    @property
    def count(self) -> int:
        """Return how many limits there are beside the breakers."""
        return len(self._first) + len(self._before_size) + len(self._after_size)

    def review(self, candidate: Candidate, book: Book) -> Decision:
        """Return the decision on one candidate: refused by the first rule that says no, else approved with its size.

        The shared ledger and the breakers are asked first, then what needs no quantity, then what judges the size.
        """
        sized_by = ""
        checks: list[Check] = []
        passed = _ask(self._first, candidate, book, checks) and _pass(book.breakers, checks)
        passed = passed and _ask(self._before_size, candidate, book, checks)
        if passed:
            candidate, sized_by = size(candidate, book, self._config)
            passed = _ask(self._after_size, candidate, book, checks)
        return _decision(candidate, book, checks, passed=passed, sized_by=sized_by)


def review(candidate: Candidate, book: Book, config: RiskConfig) -> Decision:
    """Return the decision on one candidate; see ``Reviewer.review``."""
    return Reviewer(config).review(candidate, book)


def _decision(candidate: Candidate, book: Book, checks: list[Check], *, passed: bool, sized_by: str) -> Decision:
    last = checks[-1]
    return Decision(
        ts_ns=book.ts_ns,
        signal=candidate.signal,
        approved=passed,
        rule="" if passed else last.rule,
        limit=math.nan if passed else last.limit,
        observed=math.nan if passed else last.observed,
        quantity=candidate.quantity if passed else 0.0,
        risk_quote=candidate.risk if passed else 0.0,
        heat_before=book.heat,
        heat_after=book.heat + (candidate.risk if passed else 0.0),
        equity=book.equity,
        sized_by=sized_by,
        checks=tuple(checks),
    )


def _ask(limits: Sequence[Limit], candidate: Candidate, book: Book, asked: list[Check]) -> bool:
    """Ask one limit after the other up to the first refusal; return whether all passed."""
    for limit in limits:
        check = limit.check(candidate, book)
        asked.append(check)
        if not check.passed:
            return False
    return True


def _pass(checks: Sequence[Check], asked: list[Check]) -> bool:
    """Note what was asked already, up to the first refusal; return whether all passed."""
    for check in checks:
        asked.append(check)
        if not check.passed:
            return False
    return True
