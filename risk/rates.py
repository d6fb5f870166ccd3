"""What a unit of one currency is worth in another, from the prices of the instruments in the run."""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Pair(NamedTuple):
    """An instrument as a conversion: one base unit costs its price in quote units."""

    base: str
    quote: str


class Rates:
    """Convert to the account currency.

    Parameters
    ----------
    account : str
        Currency code of the account.
    pairs : mapping of instrument id to Pair
    price : callable
        Newest price of an instrument, NaN when there is none.
    """

    def __init__(self, account: str, pairs: Mapping[str, Pair], price: Callable[[str], float]) -> None:
        self._account = account
        self._pairs = pairs
        self._price = price
        self._routes = {pair.quote: self.route(pair.quote) for pair in pairs.values()}

    def of_instrument(self, instrument_id: str) -> float:
        """Return account units per quote unit of an instrument; NaN when unknown."""
        return self.of_currency(self._pairs[instrument_id].quote)

    def of_currency(self, currency: str) -> float:
        """Return account units per unit of a currency; NaN when unknown."""
        if currency == self._account:
            return 1.0
        route = self._routes.get(currency) or self.route(currency)
        if route is None:
            return math.nan
        instrument_id, inverse = route
        price = self._price(instrument_id)
        if not price > 0.0:
            return math.nan
        return 1.0 / price if inverse else price

    def has(self, currency: str) -> bool:
        """Return whether there is an instrument to convert a currency with."""
        return currency == self._account or self.route(currency) is not None

    def route(self, currency: str) -> tuple[str, bool] | None:
        """Return the instrument that converts a currency, and whether by one over its price; None without one."""
        for instrument_id, pair in self._pairs.items():
            if (pair.base, pair.quote) == (self._account, currency):
                return instrument_id, True
            if (pair.base, pair.quote) == (currency, self._account):
                return instrument_id, False
        return None
