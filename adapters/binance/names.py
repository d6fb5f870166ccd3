"""Names as Binance USD-M has them, and as we have them."""

from nautilus_trader.adapters.binance import decode_binance_futures_client_order_id

WIRE_PREFIX = "x-aHRE4BCj-R"  # what the engine's client puts before a client order id of ours
PERPETUAL = "-PERP.BINANCE"


def venue_name_of(client_id: str) -> str:
    """Return a client order id of the node as it stands at the venue.

    >>> venue_name_of("BTCUSDTP7b5ms6k2o0-SL1")
    'x-aHRE4BCj-RBTCUSDTP7b5ms6k2o0-SL1'
    """
    return WIRE_PREFIX + client_id


def client_id_of(venue_name: str) -> str:
    """Return a client order id of the venue as the node gave it; anybody else's unchanged.

    >>> client_id_of("x-aHRE4BCj-RBTCUSDTP7b5ms6k2o0-SL1"), client_id_of("web_1")
    ('BTCUSDTP7b5ms6k2o0-SL1', 'web_1')
    """
    return decode_binance_futures_client_order_id(venue_name)


def instrument_id_of(symbol: str) -> str:
    """Return the engine's name of a perpetual.

    >>> instrument_id_of("BTCUSDT")
    'BTCUSDT-PERP.BINANCE'
    """
    return f"{symbol}{PERPETUAL}"


def symbol_of(instrument_id: str) -> str:
    """Return the venue's name of a perpetual.

    >>> symbol_of("BTCUSDT-PERP.BINANCE")
    'BTCUSDT'
    """
    return instrument_id.removesuffix(PERPETUAL)
