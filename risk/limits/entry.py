"""What a limit looks at: the candidate, sized or not yet."""

import msgspec

from risk.messages import Market, Signal


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A signal on its way through the limits; money in account currency.

    Attributes
    ----------
    rate : float
        Account units per quote unit.
    distance : float
        Stop distance in quote units, rounded up to the tick.
    quantity, risk, notional : float
        0 until the candidate has been sized.
    """

    signal: Signal
    market: Market
    rate: float
    distance: float
    quantity: float = 0.0
    risk: float = 0.0
    notional: float = 0.0

    @property
    def unit_value(self) -> float:
        """Return the account money that one price unit on one unit of quantity is worth."""
        return self.rate * self.market.multiplier
