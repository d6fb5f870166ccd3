"""The venue's side of a restart: its orders and fills of our trades, asked over our own client."""

from collections import defaultdict
from collections.abc import Mapping

from adapters.binance.errors import VenueRefusedError
from adapters.binance.names import venue_name_of
from adapters.binance.parsing import AlgoOrder, Order
from adapters.binance.usdm import NO_SUCH_ORDER, BinanceUsdm
from execution.orders import base36
from execution.trade import Leg
from execution.trade_memory import KeptTrade
from live.clock import Pace
from live.restart import AHEAD, Seen, ids_to_ask

MS_NS = 1_000_000
CONDITIONAL = (Leg.STOP, Leg.BACKSTOP)


def orders_of(client: BinanceUsdm, symbol: str, kept: KeptTrade, pace: Pace, ahead: int = AHEAD) -> list[Seen]:
    """Return every order of a trade that the venue knows.

    Raises
    ------
    VenueError
        The venue does not answer: nothing is taken for granted.
    """
    trade_id = kept.trade.plan.trade_id
    orders: dict[str, tuple[Leg, Order]] = {}
    waiting: list[Seen] = []
    for leg, count in ids_to_ask(kept, ahead):
        client_id = f"{trade_id}-{leg.value}{base36(count)}"
        order = client.order(symbol, venue_name_of(client_id))
        if order is not None:
            orders[client_id] = leg, order
        elif leg in CONDITIONAL:
            algo = _algo(client, venue_name_of(client_id))
            if algo is not None and algo.is_open:
                waiting.append(Seen(client_id, leg, True, 0.0, 0.0, 0.0, pace.market_ns(algo.update_time * MS_NS)))
    fees = _fees(client, symbol, [order for _, order in orders.values()])
    return waiting + [
        Seen(
            client_id,
            leg,
            order.is_open,
            float(order.filled),
            float(order.average_price),
            fees.get(order.order_id, 0.0),
            pace.market_ns(order.update_time * MS_NS),
        )
        for client_id, (leg, order) in orders.items()
    ]


def _algo(client: BinanceUsdm, client_id: str) -> AlgoOrder | None:
    try:
        return client.algo_order(client_id)
    except VenueRefusedError:
        return None


def is_algo_known(client: BinanceUsdm, client_id: str) -> bool:
    """Return whether the venue has ever had a conditional order.

    Raises
    ------
    VenueError
        The venue does not answer.
    """
    try:
        return client.algo_order(client_id, urgent=True) is not None
    except VenueRefusedError as error:
        if error.code == NO_SUCH_ORDER:
            return False
        raise


def _fees(client: BinanceUsdm, symbol: str, orders: list[Order]) -> Mapping[int, float]:
    filled = [order for order in orders if order.filled]
    if not filled:
        return {}
    found: defaultdict[int, float] = defaultdict(float)
    for fill in client.user_trades(symbol):
        found[fill.order_id] += float(fill.commission)
    return found
