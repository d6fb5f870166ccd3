"""What is traded: ticks, steps, limits and margins of one instrument."""

from decimal import ROUND_DOWN, Decimal

import msgspec

from simvenue.refusal import Reason, Refused

D = Decimal


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """Describe one perpetual or pair; ``*_frac`` are fractions, prices in quote, quantities in base units."""

    symbol: str
    base: str
    quote: str = "USDT"
    tick: Decimal
    step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal = D(1000)
    max_market_quantity: Decimal = D(120)
    min_price: Decimal
    max_price: Decimal = D(4_529_764)
    min_notional: Decimal = D(100)
    percent_up: Decimal = D("1.05")
    percent_down: Decimal = D("0.95")
    maintenance_frac: Decimal = D("0.004")
    liquidation_fee_frac: Decimal = D("0.0125")
    max_leverage: int = 125

    @property
    def price_decimals(self) -> int:
        """Return the decimals that prices are written with: those of the tick as it is listed, 2 for 0.10."""
        return max(0, -int(self.tick.as_tuple().exponent))

    @property
    def quantity_decimals(self) -> int:
        return max(0, -int(self.step.normalize().as_tuple().exponent))

    def price_text(self, price: Decimal) -> str:
        return f"{price:.{self.price_decimals}f}"

    def quantity_text(self, quantity: Decimal) -> str:
        return f"{quantity:.{self.quantity_decimals}f}"

    def round_price(self, price: Decimal) -> Decimal:
        """Return the nearest price on the tick."""
        return (price / self.tick).quantize(D(1)) * self.tick

    def floor_quantity(self, quantity: Decimal) -> Decimal:
        """Return the largest quantity on the step that is not above."""
        return (quantity / self.step).quantize(D(1), rounding=ROUND_DOWN) * self.step

    def check_price(self, price: Decimal) -> None:
        if price < self.min_price or price > self.max_price:
            raise Refused(Reason.PRICE_RANGE, f"{self.symbol}: price {price}")
        if price % self.tick:
            raise Refused(Reason.PRICE_TICK, f"{self.symbol}: price {price}, tick {self.tick}")

    def check_quantity(self, quantity: Decimal, *, market: bool) -> None:
        largest = self.max_market_quantity if market else self.max_quantity
        if quantity < self.min_quantity or quantity > largest:
            raise Refused(Reason.QUANTITY_RANGE, f"{self.symbol}: quantity {quantity}")
        if quantity % self.step:
            raise Refused(Reason.QUANTITY_STEP, f"{self.symbol}: quantity {quantity}, step {self.step}")


def _perpetual(
    symbol: str, tick: str, step: str, *, min_notional: str = "5", max_quantity: str = "10000"
) -> Instrument:
    return Instrument(
        symbol=symbol,
        base=symbol.removesuffix("USDT"),
        tick=D(tick),
        step=D(step),
        min_quantity=D(step),
        max_quantity=D(max_quantity),
        max_market_quantity=D(max_quantity) / 4,
        min_price=D(tick),
        min_notional=D(min_notional),
    )


PERPETUALS = {
    item.symbol: item
    for item in (
        _perpetual("BTCUSDT", "0.10", "0.001", min_notional="100", max_quantity="1000"),
        _perpetual("ETHUSDT", "0.01", "0.001", min_notional="20"),
        _perpetual("BNBUSDT", "0.010", "0.01"),
        _perpetual("SOLUSDT", "0.0100", "0.01", max_quantity="1000000"),
        _perpetual("LTCUSDT", "0.01", "0.001"),
        _perpetual("XRPUSDT", "0.0001", "0.1", max_quantity="10000000"),
        _perpetual("ADAUSDT", "0.00010", "1", max_quantity="2000000"),
        _perpetual("DOGEUSDT", "0.000010", "1", max_quantity="50000000"),
    )
}


def perpetual(symbol: str) -> Instrument:
    """Return a known perpetual, or a plausible one for a USDT symbol that is not listed here."""
    if symbol in PERPETUALS:
        return PERPETUALS[symbol]
    if not symbol.endswith("USDT") or len(symbol) < 6:
        raise ValueError(f"{symbol}: only USDT-margined symbols are simulated, such as BTCUSDT")
    return _perpetual(symbol, "0.0001", "0.1", max_quantity="10000000")
