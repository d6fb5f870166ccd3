"""The sweep rounds money where the engine does: what the engine itself says about numbers that lie on an edge."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from handmade import DEFINITIONS, USDJPY
from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig
from nautilus_trader.common import LoggerConfig
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import AccountType, Money, OmsType, OrderSide, Price, Quantity, QuoteTick, StrategyId, Venue
from nautilus_trader.trading import Strategy, StrategyConfig

from catalog.instruments import build, currency
from compiled import record_of
from research.sweep.money import convert, engine_float, to_even
from research.sweep.records import MARKET

USD, VENUE, SECOND = currency("USD"), Venue("FX"), 1_000_000_000
PAIR = build(USDJPY, DEFINITIONS[USDJPY])
YEN = record_of(MARKET, {"rate_of": 0, "rate_inverse": 1, "price_scale": 1000.0})


@pytest.mark.parametrize("decimals", [0, 1, 2, 3, 5, 8])
def test_engine_float_is_the_float_that_the_engine_makes(decimals: int) -> None:
    for number in range(1, 400_000, 997):
        text = f"{Decimal(number).scaleb(-decimals):f}"
        scale = 10.0**decimals
        assert engine_float(float(text), scale) == float(Quantity.from_str(text))
        assert engine_float(float(text), scale) == float(Price.from_str(text))


def test_engine_float_is_not_always_the_nearest_one() -> None:
    assert engine_float(61_745.0, 1.0) < 61_745.0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(25.000_000_005, 25.0, id="half-of-the-smallest-unit"),
        pytest.param(25.000_000_015, 25.000_000_02, id="next-half"),
        pytest.param(49_506.172_85 * 0.0005, 24.753_086_42, id="a-fee-whose-noise-is-above-half"),
        pytest.param(25.000_000_005_1, 25.000_000_01, id="more-than-half"),
        pytest.param(-25.000_000_005, -25.0, id="negative"),
    ],
)
def test_to_even_sees_halves_through_the_noise_of_floats(value: float, expected: float) -> None:
    assert to_even(value, 1e8) == expected


class RoundTrips(Strategy):
    """Buy a yen below each price, sell at it, and note what the account got: as many yen as were bought."""

    def attach(self, cases: list[tuple[int, int]]) -> None:
        self.cases = cases
        self.cents: list[int] = []
        self.step = 0
        self.balance = Decimal(1_000_000)

    def on_start(self) -> None:
        self.subscribe_quotes(PAIR.id)

    def on_quote(self, _quote: Any) -> None:
        case, phase = divmod(self.step, 3)
        self.step += 1
        if phase < 2:
            side = OrderSide.BUY if phase == 0 else OrderSide.SELL
            self.submit_order(self.order_factory.market(PAIR.id, side, Quantity.from_int(self.cases[case][1])))
            return
        balance = self.cache.account_for_venue(VENUE).balance_total(USD).as_decimal()
        self.cents.append(int((balance - self.balance) * 100))
        self.balance = balance


def engine_cents(cases: list[tuple[int, int]]) -> list[int]:
    """Return the cents that an account in dollars gets for yen at a price, in thousandths of a yen."""
    config = BacktestEngineConfig(logging=LoggerConfig(bypass_logging=True), run_analysis=False)
    engine = BacktestEngine(config)
    engine.add_venue(
        VENUE,
        OmsType.NETTING,
        AccountType.MARGIN,
        [Money(1_000_000.0, USD)],
        base_currency=USD,
        default_leverage=Decimal(1),
        fee_model=MakerTakerFeeModel(Decimal(0), Decimal(0)),
    )
    engine.add_instrument(PAIR)
    strategy = RoundTrips(StrategyConfig(strategy_id=StrategyId("S-001"), log_events=False))
    strategy.attach(cases)
    engine.add_strategy(strategy)
    prices = [Price(number / 1000, 3) for price, _yen in cases for number in (price - 1000, price, price)]
    size = Quantity.from_int(10_000_000)
    engine.add_data(
        [
            QuoteTick(PAIR.id, price, price, size, size, n * SECOND, n * SECOND)
            for n, price in enumerate(prices, start=1)
        ]
    )
    engine.run()
    engine.dispose()
    return strategy.cents


def test_half_a_cent_is_converted_as_the_engine_does() -> None:
    cases = [(116_864, 1826), (95_616, 1494), (92_288, 1442), (87_168, 1362), (103_680, 324), (80_000, 2)]
    halves = [Fraction(2 * yen * 100_000, price) for price, yen in cases]
    assert all(half.denominator == 1 and half.numerator % 2 == 1 for half in halves)  # the true result is half a cent
    cents = engine_cents(cases)
    assert {cent - half.numerator // 2 for cent, half in zip(cents, halves, strict=True)} == {0, 1}
    for (price, yen), cent in zip(cases, cents, strict=True):
        assert convert(float(yen), YEN[0], YEN[0], price / 1000, 100.0) == cent / 100
        assert convert(-float(yen), YEN[0], YEN[0], price / 1000, 100.0) == -cent / 100
