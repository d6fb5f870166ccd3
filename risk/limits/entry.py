"""What a limit looks at: the candidate, sized or not yet, and what the market around it is like."""

from typing import NamedTuple

import msgspec

from risk.messages import Market, Signal


class Spread(NamedTuple):
    """Bid-ask spread as a fraction of price: now, and its mean over the last hour (D33); NaN when unknown."""

    now_frac: float
    mean_frac: float


class Correlation(NamedTuple):
    """The instrument that a candidate moves most alike with, and over how many common hours (D16).

    ``value`` is NaN when it cannot be computed; ``hours`` under the minimum mean that the pair counts as correlated.
    """

    other: str = ""
    value: float = 0.0
    hours: int = 0


class Candidate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A signal on its way through the limits; money in account currency.

    Attributes
    ----------
    rate : float
        Account units per quote unit.
    distance : float
        Stop distance in quote units, rounded up to the tick.
    data_age_secs : float
        Age of the newest price; in a back-test how much of the data around this bar is missing.
    spread : Spread, optional
        None where there are no quotes at all: candles.
    correlation : Correlation
        Worst pair with open positions, working entries and better candidates of the same bar close.
    quantity, risk, notional : float
        0 until the candidate has been sized.
    """

    signal: Signal
    market: Market
    rate: float
    distance: float
    data_age_secs: float = 0.0
    spread: Spread | None = None
    correlation: Correlation = Correlation()
    quantity: float = 0.0
    risk: float = 0.0
    notional: float = 0.0

    @property
    def unit_value(self) -> float:
        """Return the account money that one price unit on one unit of quantity is worth."""
        return self.rate * self.market.multiplier
