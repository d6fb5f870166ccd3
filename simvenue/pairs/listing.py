"""The pairs that are traded, with the venue's steps and limits."""

from decimal import Decimal

from simvenue.instrument import Instrument

D = Decimal
MAX_NOTIONAL = D(9_000_000)


def _pair(symbol: str, tick: str, step: str, *, max_quantity: str = "900000") -> Instrument:
    return Instrument(
        symbol=symbol,
        base=symbol.removesuffix("USDT"),
        tick=D(tick),
        step=D(step),
        min_quantity=D(step),
        max_quantity=D(max_quantity),
        max_market_quantity=D(max_quantity) / 90,
        min_price=D(tick),
        max_price=D(1_000_000),
        min_notional=D(5),
        percent_up=D(5),
        percent_down=D("0.2"),
    )


PAIRS = {
    item.symbol: item
    for item in (
        _pair("BTCUSDT", "0.01", "0.00001", max_quantity="9000"),
        _pair("ETHUSDT", "0.01", "0.0001", max_quantity="9000"),
        _pair("BNBUSDT", "0.01", "0.001", max_quantity="9000"),
        _pair("SOLUSDT", "0.01", "0.001", max_quantity="90000"),
        _pair("LTCUSDT", "0.01", "0.001", max_quantity="90000"),
        _pair("XRPUSDT", "0.0001", "0.1", max_quantity="9222449"),
        _pair("ADAUSDT", "0.0001", "0.1"),
        _pair("DOGEUSDT", "0.00001", "1", max_quantity="9000000"),
    )
}


def pair(symbol: str) -> Instrument:
    """Return a known pair, or a plausible one for a USDT symbol that is not listed here."""
    if symbol in PAIRS:
        return PAIRS[symbol]
    if not symbol.endswith("USDT") or len(symbol) < 6:
        raise ValueError(f"{symbol}: only pairs against USDT are simulated, such as BTCUSDT")
    return _pair(symbol, "0.0001", "0.1")
