"""Names of orders as Binance USD-M has them, and as the node gives them."""

from nautilus_trader.adapters.binance import decode_binance_futures_client_order_id

from adapters.binance.picture import Identity, nobody
from execution.orders import leg_of

WIRE_PREFIX = "x-aHRE4BCj-R"  # what the engine's client puts before a client order id of ours


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


def ours(venue_name: str) -> Identity:
    """Return trade, leg and count of an order of ours by its name at the venue; anybody else's has none.

    >>> ours("x-aHRE4BCj-RBTCUSDTP7b5ms6k2o0-T12"), ours("web_1")
    (('BTCUSDTP7b5ms6k2o0', <Leg.TP1: 'T1'>, 2), ('', None, 0))
    """
    return leg_of(client_id_of(venue_name)) or nobody(venue_name)
