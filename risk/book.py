"""What the gate knows of the account at one moment: a frozen picture, and the plugin that takes it."""

from collections.abc import Callable, Mapping

import msgspec

from risk.ledger import Ledger
from risk.messages import AssetClass, TradeEvent


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """The account as the gate sees it (D19, D20, D22). Money in account currency.

    Attributes
    ----------
    equity : float
        Cash plus unrealized result at mark. NaN when unknown: every entry is then refused (D32).
    open_risk, reserved_risk : float
        Loss at the current stops of open positions, and of approved entries not yet filled or gone.
    positions : mapping of instrument id to asset class
        Open positions and working entries.
    """

    ts_ns: int
    equity: float
    open_risk: float
    reserved_risk: float
    positions: Mapping[str, AssetClass]

    @property
    def heat(self) -> float:
        """Return portfolio heat: open plus reserved risk."""
        return self.open_risk + self.reserved_risk

    def count(self, asset_class: AssetClass | None = None) -> int:
        """Return how many positions are open or working, in one class or in all."""
        return sum(1 for held in self.positions.values() if asset_class in (None, held))


class OpenRisk(msgspec.Struct, frozen=True, kw_only=True):
    """One position's share of heat."""

    instrument_id: str
    side: int
    entry: float
    stop: float
    quantity: float

    def quote_risk(self, multiplier: float) -> float:
        """Return ``max(0, (entry - stop) * quantity)`` for a long, its mirror for a short, in quote units (D19).

        An unknown price makes it NaN, and heat with it: every entry is then refused (D32).
        """
        loss = self.side * (self.entry - self.stop) * self.quantity * multiplier
        return 0.0 if loss <= 0.0 else loss


class RiskBook:
    """Follow trades on the bus; answer with a ``Book``.

    The only reader of portfolio state for risk. Equity and conversion rates are asked for when the picture is taken.
    """

    def __init__(
        self,
        *,
        asset_classes: Mapping[str, AssetClass],
        multipliers: Mapping[str, float],
        equity: Callable[[], float],
        rate: Callable[[str], float],
        ledger: Ledger,
    ) -> None:
        self._asset_classes = asset_classes
        self._multipliers = multipliers
        self._equity = equity
        self._rate = rate
        self._ledger = ledger
        self._open: dict[str, OpenRisk] = {}

    def on_trade_event(self, event: TradeEvent) -> None:
        """Take one trade transition: what is open after it counts, what is no longer working gives its risk back."""
        if event.quantity > 0.0:
            self._open[event.trade_id] = OpenRisk(
                instrument_id=event.instrument_id,
                side=event.side,
                entry=event.entry,
                stop=event.stop,
                quantity=event.quantity,
            )
        else:
            self._open.pop(event.trade_id, None)
        if not event.working:
            self._ledger.release(event.signal_id)

    def rate(self, instrument_id: str) -> float:
        """Return account units per quote unit of an instrument; NaN when unknown."""
        return self._rate(instrument_id)

    def heat(self) -> float:
        """Return open plus reserved risk now."""
        return self._open_risk() + self._ledger.reserved_risk()

    def _open_risk(self) -> float:
        return sum(
            held.quote_risk(self._multipliers[held.instrument_id]) * self._rate(held.instrument_id)
            for held in self._open.values()
        )

    def read(self, ts_ns: int) -> Book:
        """Take the picture."""
        held = {risk.instrument_id for risk in self._open.values()} | self._ledger.instruments()
        return Book(
            ts_ns=ts_ns,
            equity=self._equity(),
            open_risk=self._open_risk(),
            reserved_risk=self._ledger.reserved_risk(),
            positions={instrument_id: self._asset_classes[instrument_id] for instrument_id in sorted(held)},
        )

    @property
    def open_positions(self) -> int:
        """Return the number of positions with a filled quantity."""
        return len(self._open)
