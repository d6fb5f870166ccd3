"""What gate and desk must know of a contract, from what the venue says of it."""

from adapters.binance.parsing import Instrument
from errors import ConfigError, close_match
from live.history import symbol_of
from risk.messages import Market

IMPACT_LARGE, IMPACT_MID = 0.1, 0.3  # Spec 7.2
LARGE = ("BTCUSDT", "ETHUSDT")


def perpetual_markets(instrument_ids: tuple[str, ...], found: dict[str, Instrument]) -> dict[str, Market]:
    """Return the markets of perpetuals.

    Raises
    ------
    ConfigError
        The venue does not list one, or does not trade it now.
    """
    return {name: _market(name, found) for name in instrument_ids}


def _market(name: str, found: dict[str, Instrument]) -> Market:
    symbol = symbol_of(name)
    if not name.endswith("-PERP.BINANCE"):
        raise ConfigError(f"instruments: '{name}' is no perpetual of Binance: they are named like BTCUSDT-PERP.BINANCE")
    if symbol not in found:
        raise ConfigError(f"instruments: the venue does not list '{symbol}'{close_match(symbol, sorted(found))}")
    one = found[symbol]
    if one.status != "TRADING":
        raise ConfigError(f"instruments: {symbol} is not traded now (status {one.status})")
    return Market(
        instrument_id=name,
        asset_class="crypto",
        tick=float(one.tick),
        lot=float(one.lot),
        min_quantity=float(one.min_quantity),
        min_notional=float(one.min_notional),
        multiplier=1.0,
        allow_short=True,
        real_volume=True,
        continuous=True,
        impact=IMPACT_LARGE if symbol in LARGE else IMPACT_MID,
    )
