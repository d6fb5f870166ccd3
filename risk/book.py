"""What the gate knows of the account at one moment: a frozen picture, and the one who takes it."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from risk.ledger import Claim, Ledger
from risk.messages import AssetClass, Check, Decision, TradeEvent
from risk.sizing import position_risk


class Held(NamedTuple):
    """An open position or a working entry."""

    instrument_id: str
    asset_class: AssetClass
    strategy: str


class Book(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The account as the gate sees it (D19, D20, D22). Money in account currency.

    Attributes
    ----------
    equity : float
        Cash plus unrealized result at mark. NaN when unknown: every entry is then refused (D32).
    open_risk, reserved_risk : float
        Loss at the current stops of open positions, and of approved entries not yet filled or gone; of all processes.
    positions : tuple of Held
        Open positions and working entries; of all processes.
    working : int
        Entries among them that nothing has filled yet.
    trades_today : int
        Trades opened since 00:00 UTC.
    breakers : tuple of Check
        What every breaker says of a new entry, the gravest first.
    size_factor : float
        On the risk of a new trade (D30).
    ledger_fault : str
        Why the shared ledger cannot be used; empty when it can.
    ledger_token : int
        The state of the shared ledger that this picture was taken of.
    """

    ts_ns: int
    equity: float
    open_risk: float
    reserved_risk: float
    positions: tuple[Held, ...] = ()
    working: int = 0
    trades_today: int = 0
    breakers: tuple[Check, ...] = ()
    size_factor: float = 1.0
    ledger_fault: str = ""
    ledger_token: int = 0
    _counts: dict[str, int] = {}
    _held: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        """Count once what every candidate of a bar close asks for."""
        counts: dict[str, int] = {}
        for held in self.positions:
            counts[held.asset_class] = counts.get(held.asset_class, 0) + 1
        msgspec.structs.force_setattr(self, "_counts", counts)
        held_by = frozenset((held.instrument_id, held.strategy) for held in self.positions)
        msgspec.structs.force_setattr(self, "_held", held_by)

    @property
    def heat(self) -> float:
        """Return portfolio heat: open plus reserved risk."""
        return self.open_risk + self.reserved_risk

    def count(self, asset_class: AssetClass | None = None) -> int:
        """Return how many positions are open or working, in one class or in all."""
        if asset_class is None:
            return len(self.positions)
        return self._counts.get(asset_class, 0)

    def holds(self, instrument_id: str, strategy: str) -> bool:
        """Return whether a strategy has a position or a working entry in an instrument."""
        return (instrument_id, strategy) in self._held


class OpenRisk(msgspec.Struct, frozen=True, kw_only=True):
    """One position's share of heat."""

    signal_id: str
    instrument_id: str
    strategy: str
    side: int
    entry: float
    stop: float
    quantity: float

    def quote_risk(self, multiplier: float) -> float:
        """Return the loss at the stop, quote units (D19)."""
        return position_risk(self.side, self.entry, self.stop, self.quantity, multiplier)


class Reservation(NamedTuple):
    """Risk set aside for one approved entry, account currency."""

    instrument_id: str
    strategy: str
    risk: float


class RiskBook:
    """Follow trades; hold reservations; answer with a ``Book``.

    The only reader of portfolio state for risk. Equity and conversion rates are asked for when the picture is taken.
    What this process holds is known here exactly; what others hold comes from the ledger.
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
        self._reserved: dict[str, Reservation] = {}
        self._positions: tuple[Held, ...] | None = None  # until something opens, closes, is reserved or given back

    # --- what happens -------------------------------------------------------------------------------------------------

    def reserve(self, decision: Decision, token: int) -> bool:
        """Set risk aside for what was just approved; False when another process has added risk since ``token``."""
        signal = decision.signal
        claim = self._claim(signal.signal_id, signal.instrument_id, signal.strategy, decision.risk_quote, 0.0)
        if not self._ledger.reserve(claim, token):
            return False
        self._reserved[signal.signal_id] = Reservation(signal.instrument_id, signal.strategy, decision.risk_quote)
        self._positions = None
        return True

    def restore(self, trades: Sequence[TradeEvent], reservations: Mapping[str, Reservation]) -> None:
        """Take up what an earlier life of this process held; what it held beyond that on the ledger is given back."""
        self._reserved.update(reservations)
        for event in trades:
            self.on_trade_event(event)
        known = {event.signal_id for event in trades}
        for claim in self._ledger.recover():
            if claim.key not in known:
                self._ledger.release(claim.key)

    def give_back(self, signal_id: str) -> None:
        """Give a reservation back for which nothing will be sent."""
        self._reserved.pop(signal_id, None)
        self._positions = None
        self._ledger.release(signal_id)

    def on_trade_event(self, event: TradeEvent) -> bool:
        """Take one trade transition; return whether a position was opened by it.

        What is open after it counts; what is no longer working gives its risk back.
        """
        opened = event.quantity > 0.0 and event.trade_id not in self._open
        if event.quantity > 0.0:
            self._open[event.trade_id] = OpenRisk(
                signal_id=event.signal_id,
                instrument_id=event.instrument_id,
                strategy=event.strategy,
                side=event.side,
                entry=event.entry,
                stop=event.stop,
                quantity=event.quantity,
            )
        else:
            self._open.pop(event.trade_id, None)
        if not event.working:
            self._reserved.pop(event.signal_id, None)
        self._positions = None
        self._tell_ledger(event)
        return opened

    def _tell_ledger(self, event: TradeEvent) -> None:
        held, reserved = self._open.get(event.trade_id), self._reserved.get(event.signal_id)
        if held is None and reserved is None:
            self._ledger.release(event.signal_id)
            return
        risk = self._risk_of(held) if held is not None else 0.0
        set_aside = reserved.risk if reserved is not None else 0.0
        self._ledger.update(self._claim(event.signal_id, event.instrument_id, event.strategy, set_aside, risk))

    def _claim(self, key: str, instrument_id: str, strategy: str, reserved: float, open_risk: float) -> Claim:
        return Claim(
            key=key,
            instrument_id=instrument_id,
            asset_class=self._asset_classes[instrument_id],
            strategy=strategy,
            reserved=reserved,
            open_risk=open_risk,
        )

    # --- what is asked ------------------------------------------------------------------------------------------------

    def rate(self, instrument_id: str) -> float:
        """Return account units per quote unit of an instrument; NaN when unknown."""
        return self._rate(instrument_id)

    def equity(self) -> float:
        """Return the equity of the whole account now; NaN when any part of it is unknown."""
        return self._equity() + self._ledger.read().equity

    def heat(self) -> float:
        """Return open plus reserved risk of this process now."""
        return self._open_risk() + self.reserved_risk

    @property
    def reserved_risk(self) -> float:
        """Return the risk of all reservations of this process."""
        return sum(held.risk for held in self._reserved.values())

    @property
    def open_positions(self) -> int:
        """Return the number of positions with a filled quantity."""
        return len(self._open)

    def reservations(self) -> dict[str, Reservation]:
        """Return what is reserved, by signal."""
        return dict(self._reserved)

    def _risk_of(self, held: OpenRisk) -> float:
        return held.quote_risk(self._multipliers[held.instrument_id]) * self._rate(held.instrument_id)

    def _open_risk(self) -> float:
        return sum(self._risk_of(held) for held in self._open.values())

    def read(self, ts_ns: int) -> Book:
        """Take the picture; breakers, size factor and the day's trades are the officer's to add."""
        own = self._equity()
        self._ledger.tell_equity(own)
        shared = self._ledger.read()
        open_signals = {held.signal_id for held in self._open.values()}
        return Book(
            ts_ns=ts_ns,
            equity=own + shared.equity,
            open_risk=self._open_risk() + sum(claim.open_risk for claim in shared.claims),
            reserved_risk=self.reserved_risk + sum(claim.reserved for claim in shared.claims),
            positions=self.positions() + tuple(_held(claim) for claim in shared.claims),
            working=sum(1 for signal_id in self._reserved if signal_id not in open_signals),
            ledger_fault=shared.fault,
            ledger_token=shared.token,
        )

    def positions(self) -> tuple[Held, ...]:
        """Return the open positions and working entries of this process, sorted."""
        if self._positions is None:
            own = {(held.instrument_id, held.strategy) for held in self._open.values()}
            own |= {(held.instrument_id, held.strategy) for held in self._reserved.values()}
            self._positions = tuple(Held(name, self._asset_classes[name], strategy) for name, strategy in sorted(own))
        return self._positions


def _held(claim: Claim) -> Held:
    return Held(claim.instrument_id, claim.asset_class, claim.strategy)
