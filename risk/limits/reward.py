"""The first target lies at least twice as far as the stop (Spec 2.6, D13)."""

from dataclasses import dataclass

from compiled import compiled
from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Check


@compiled
def reward_to_risk(side: int, entry: float, stop: float, target: float) -> float:
    """Return the way to the target over the way to the stop; under 0 when one of them is on the wrong side.

    >>> reward_to_risk(1, 100.0, 98.0, 104.0), reward_to_risk(-1, 100.0, 102.0, 97.0)
    (2.0, 1.5)
    >>> reward_to_risk(1, 100.0, 102.0, 104.0)
    -2.0
    """
    return side * (target - entry) / (side * (entry - stop))


@compiled
def is_rewarding(ratio: float, least: float) -> bool:
    """Return whether a ratio reaches the least that is asked, rounding apart."""
    return bool(ratio >= least * (1.0 - 1e-9))


@dataclass(frozen=True, slots=True)
class RewardToRisk:
    """Refuse a plan that hopes for less than twice what it risks, or has its stop on the wrong side."""

    config: RiskConfig

    def check(self, candidate: Candidate, _book: Book) -> Check:
        """Return a refusal when the first target is too near."""
        signal, least = candidate.signal, self.config.min_reward_to_risk
        ratio = reward_to_risk(signal.side, signal.entry, signal.stop, signal.tp1)
        return Check("reward_to_risk", is_rewarding(ratio, least), least, ratio)
