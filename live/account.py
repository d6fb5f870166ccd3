"""The numbers of a live account, read from the engine."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from nautilus_trader.model import Currency, InstrumentId, Venue

from risk.rates import Rates

NO_PRICE = (0, math.nan)


class LiveAccount:
    """Equity, cash and prices of one venue's account.

    Parameters
    ----------
    strategy : Strategy
        Whose portfolio and cache are read.
    rates : callable
        Makes the conversion to the account currency from newest prices.
    """

    def __init__(
        self,
        strategy: Any,
        *,
        currency: Currency,
        venue: Venue,
        instruments: Mapping[str, InstrumentId],
        rates: Callable[[Callable[[str], float]], Rates],
    ) -> None:
        self._strategy = strategy
        self._currency = currency
        self._venue = venue
        self._instruments = instruments
        self.rates = rates(lambda name: self.last_price(name)[1])

    def equity(self) -> float:
        """Return cash plus unrealized result, account currency; NaN when the venue has not told (D22, D32)."""
        return self.balance()[0]

    def balance(self) -> tuple[float, float]:
        """Return equity and cash, account currency."""
        portfolio = self._strategy.portfolio
        try:
            money = portfolio.equity(self._venue).get(self._currency)
            unrealized = portfolio.unrealized_pnls(self._venue).get(self._currency)
        except RuntimeError:  # a position without a price yet, as after a restart
            return math.nan, math.nan
        if money is None:
            return math.nan, math.nan
        equity = money.as_double()
        return equity, equity - (0.0 if unrealized is None else unrealized.as_double())

    def quote(self, instrument_id: str) -> Any:
        """Return the newest quote; None before the first."""
        return self._strategy.cache.quote(self._instruments[instrument_id])

    def last_price(self, instrument_id: str) -> tuple[int, float]:
        """Return market time (ns) and mid of the newest quote; (0, NaN) when there is none."""
        quote = self.quote(instrument_id)
        if quote is None:
            return NO_PRICE
        return quote.ts_event, 0.5 * (float(quote.bid_price) + float(quote.ask_price))

    def passive_price(self, instrument_id: str, side: int) -> float:
        """Return where an order of that side rests first in line: best bid for a buyer, best ask for a seller."""
        quote = self.quote(instrument_id)
        if quote is None:
            return math.nan
        return float(quote.bid_price if side > 0 else quote.ask_price)

    def take_carry(self, _instrument_id: str) -> float:
        """Return 0: the venue books funding into the balance; the engine does not tell it by position."""
        return 0.0
