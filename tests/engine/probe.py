"""A scripted strategy on a bare engine: what the contract tests ask the engine with."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common import LoggerConfig
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import (
    AccountType,
    Bar,
    BarType,
    Currency,
    Money,
    OmsType,
    OrderSide,
    Price,
    Quantity,
    QuoteTick,
    StrategyId,
    Venue,
)
from nautilus_trader.trading import Strategy, StrategyConfig

from catalog.definition import Definition
from catalog.instruments import build

MINUTE = 60_000_000_000
START = 1_704_067_200_000_000_000
PERP = "BTCUSDT-PERP.BINANCE"
BUY, SELL = OrderSide.BUY, OrderSide.SELL
PERPETUAL = Definition(kind="perpetual", base="BTC", quote="USDT", tick="0.1", lot="0.001")
INSTRUMENT = build(PERP, PERPETUAL)

type Step = Callable[["Probe"], None]


def at(minute: float) -> int:
    """Return a moment, minutes after the start."""
    return START + round(minute * MINUTE)


def bar_type(minutes: int = 1, name: str = PERP) -> BarType:
    return BarType.from_str(f"{name}-{minutes}-MINUTE-LAST-EXTERNAL")


def bar(end: float, prices: tuple[float, float, float, float], *, minutes: int = 1, instrument: Any = None) -> Bar:
    """Return a bar that closes ``end`` minutes after the start."""
    instrument = instrument or INSTRUMENT
    values = [Price(value, instrument.price_precision) for value in prices]
    kind = bar_type(minutes, str(instrument.id))
    return Bar(kind, *values, Quantity(1000.0, instrument.size_precision), at(end), at(end))


def flat(end: float, price: float = 100.0, *, minutes: int = 1) -> Bar:
    return bar(end, (price, price, price, price), minutes=minutes)


def quote(minute: float, price: float, *, instrument: Any = None) -> QuoteTick:
    """Return a quote without a spread."""
    instrument = instrument or INSTRUMENT
    px, size = Price(price, instrument.price_precision), Quantity(1e6, instrument.size_precision)
    return QuoteTick(instrument.id, px, px, size, size, at(minute), at(minute))


class Probe(Strategy):
    """Note what happens; do what the script says at a moment's bar or quote."""

    def attach(self, script: dict[int, Step], types: Sequence[BarType], instruments: Sequence[Any], at_start: Step):
        self.steps = dict(script)
        self.types = types
        self.instruments = instruments
        self.at_start = at_start
        self.seen: list[tuple[str, int]] = []
        self.events: list[tuple[str, str, int]] = []
        self.fills: list[Any] = []

    def on_start(self):
        for kind in self.types:
            self.subscribe_bars(kind)
        for instrument in self.instruments:
            self.subscribe_quotes(instrument.id)
        self.at_start(self)

    def act(self, ts_ns: int):
        step = self.steps.pop(ts_ns, None)
        if step is not None:
            step(self)

    def on_bar(self, bar):
        self.seen.append((str(bar.bar_type), bar.ts_event))
        self.act(bar.ts_event)

    def on_quote(self, quote):
        self.seen.append((str(quote.instrument_id), quote.ts_event))
        self.act(quote.ts_event)

    def note(self, event, kind: str):
        self.events.append((kind, str(event.client_order_id), event.ts_event))

    def on_order_filled(self, event):
        self.fills.append(event)
        self.note(event, "filled")

    def on_order_accepted(self, event):
        self.note(event, "accepted")

    def on_order_rejected(self, event):
        self.note(event, "rejected")

    def on_order_triggered(self, event):
        self.note(event, "triggered")

    def on_order_updated(self, event):
        self.note(event, "updated")

    def on_order_canceled(self, event):
        self.note(event, "canceled")

    # --- orders -----------------------------------------------------------------------------------------------------

    def send(self, order):
        self.submit_order(order)
        return order.client_order_id

    def market(self, side, quantity: float, *, reduce_only: bool = False, instrument: Any = None):
        instrument = instrument or INSTRUMENT
        size = Quantity(quantity, instrument.size_precision)
        return self.send(self.order_factory.market(instrument.id, side, size, reduce_only=reduce_only))

    def limit(self, side, quantity: float, price: float, *, reduce_only: bool = False):
        size = Quantity(quantity, 3)
        return self.send(self.order_factory.limit(INSTRUMENT.id, side, size, Price(price, 1), reduce_only=reduce_only))

    def stop(self, side, quantity: float, price: float):
        size = Quantity(quantity, 3)
        return self.send(self.order_factory.stop_market(INSTRUMENT.id, side, size, Price(price, 1), reduce_only=True))

    def stop_limit(self, side, quantity: float, trigger: float, price: float):
        size = Quantity(quantity, 3)
        return self.send(
            self.order_factory.stop_limit(
                INSTRUMENT.id, side, size, Price(price, 1), Price(trigger, 1), reduce_only=True
            )
        )

    def alert(self, moment: int, name: str, action: Callable[[], None]):
        self.clock.set_time_alert_ns(name, moment, lambda _event: action())

    def fill_list(self) -> list[tuple[str, float, float]]:
        """Return side, quantity and price of every fill."""
        return [(event.order_side.name, float(event.last_qty), float(event.last_px)) for event in self.fills]


class Bench:
    """One engine with one venue and one probe."""

    def __init__(
        self,
        script: dict[int, Step] | None = None,
        *,
        instruments: Sequence[Any] = (INSTRUMENT,),
        types: Sequence[BarType] | None = None,
        money: str = "USDT",
        at_start: Step = lambda _probe: None,
        **venue: Any,
    ):
        self.money = Currency.from_str(money)
        self.engine = BacktestEngine(
            BacktestEngineConfig(logging=LoggerConfig(bypass_logging=True), run_analysis=False)
        )
        settings = {"bar_execution": True, "bar_adaptive_high_low_ordering": True, "reject_stop_orders": False}
        self.venue = Venue(str(instruments[0].id).rpartition(".")[2])
        self.engine.add_venue(
            self.venue,
            OmsType.NETTING,
            AccountType.MARGIN,
            [Money(1e6, self.money)],
            base_currency=self.money,
            default_leverage=Decimal(1),
            fee_model=MakerTakerFeeModel(Decimal(0), Decimal(0)),
            **(settings | venue),
        )
        for instrument in instruments:
            self.engine.add_instrument(instrument)
        self.probe = Probe(StrategyConfig(strategy_id=StrategyId("PROBE-001")))
        kinds = [bar_type(1, str(one.id)) for one in instruments] if types is None else types
        self.probe.attach(script or {}, kinds, instruments, at_start)
        self.engine.add_strategy(self.probe)

    def run(self, items: list[Any], end: int | None = None) -> Probe:
        """Feed and run as our simulation does."""
        self.engine.add_data(items, validate=False)
        last = max(item.ts_init for item in items)
        self.engine.run(end=last + 3 if end is None else end, streaming=True)
        self.engine.clear_data()
        return self.probe

    def equity(self) -> float:
        return self.probe.portfolio.equity(self.venue)[self.money].as_double()

    def order(self, order_id):
        return self.probe.cache.order(order_id)
