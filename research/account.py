"""The numbers of a simulated account, read from the engine while it runs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nautilus_trader.model import BarType, Currency, Venue

from catalog.instruments import is_perpetual
from risk.rates import Rates

NAN = float("nan")


class Account:
    """Equity, cash, prices and carry of one account over several venues.

    The engine keeps one account per venue. Every venue gets the whole starting balance, so that the engine's own margin
    check never binds before our limits; equity is the sum of the venues less the balances that were given twice.

    Parameters
    ----------
    strategy : Strategy
        Whose portfolio and cache are read: the engine itself is locked while it runs.
    quoted : bool
        Whether prices come as quotes (bars walked price by price) or as fill bars.
    """

    def __init__(
        self,
        strategy: Any,
        *,
        currency: Currency,
        starting_balance: float,
        venues: Sequence[Venue],
        instruments: Mapping[str, Any],
        fill_types: Mapping[str, BarType],
        quoted: bool,
        rates: Callable[["Account"], Rates],
    ) -> None:
        self._strategy = strategy
        self._currency = currency
        self._given_twice = (len(venues) - 1) * starting_balance
        self._venues = venues
        self._instruments = instruments
        self._fill_types = fill_types
        self._quoted = quoted
        self._rolled: dict[str, float] = {}
        self.rates = rates(self)

    def equity(self) -> float:
        """Return cash plus unrealized result, account currency; NaN when a venue has none (D22)."""
        portfolio = self._strategy.portfolio
        values = [portfolio.equity(venue).get(self._currency) for venue in self._venues]
        total = float(sum(NAN if money is None else money.as_double() for money in values))
        return total - self._given_twice

    def balance(self) -> tuple[float, float]:
        """Return equity and cash, account currency.

        Cash is taken as equity less unrealized result: the engine copies an account's whole history when asked for it.
        """
        equity = self.equity()
        portfolio = self._strategy.portfolio
        unrealized = [portfolio.unrealized_pnls(venue).get(self._currency) for venue in self._venues]
        open_result = float(sum(money.as_double() for money in unrealized if money is not None))
        return equity, equity - open_result

    def last_price(self, instrument_id: str) -> tuple[int, float]:
        """Return time (ns) and value of an instrument's newest price; (0, NaN) when there is none."""
        cache = self._strategy.cache
        if self._quoted:
            quote = cache.quote(self._instruments[instrument_id].id)
            return (0, NAN) if quote is None else (quote.ts_event, float(quote.bid_price))
        bar = cache.bar(self._fill_types[instrument_id])
        return (0, NAN) if bar is None else (bar.ts_event, float(bar.close))

    def unit_value(self, instrument_id: str) -> float:
        """Return what one unit of an instrument is worth now, account currency."""
        multiplier = float(self._instruments[instrument_id].multiplier)
        return self.last_price(instrument_id)[1] * multiplier * self.rates.of_instrument(instrument_id)

    def roll(self, instrument_id: str, amount: float) -> None:
        """Note rollover that was charged to an instrument's position, account currency; positive is paid."""
        self._rolled[instrument_id] = self._rolled.get(instrument_id, 0.0) + amount

    def take_carry(self, instrument_id: str) -> float:
        """Return funding and rollover paid on the position that just closed, account currency; positive is paid."""
        rolled = self._rolled.pop(instrument_id, 0.0)
        instrument = self._instruments[instrument_id]
        if not is_perpetual(instrument):
            return rolled
        positions = self._strategy.cache.positions(instrument_id=instrument.id)
        newest = max(positions, key=lambda position: position.ts_opened, default=None)
        adjustments = newest.adjustments() if newest is not None else []
        received: float = sum(a.pnl_change.as_double() for a in adjustments if a.pnl_change is not None)
        return rolled - received * self.rates.of_instrument(instrument_id)
