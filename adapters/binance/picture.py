"""A Binance USD-M account as the audit wants to see it."""

from collections.abc import Iterable

from adapters.binance.names import client_id_of, instrument_id_of
from adapters.binance.parsing import AlgoOrder, Order, Position
from adapters.binance.usdm import BinanceUsdm
from execution.audit.picture import AccountPicture, VenueOrder, VenuePosition
from execution.orders import leg_of

STOPS = frozenset({"STOP", "STOP_MARKET"})


def take_account_picture(client: BinanceUsdm) -> AccountPicture:
    """Return everything that is open now; weight 115.

    Raises
    ------
    VenueError
        The venue does not answer, or refuses.
    """
    hedge_mode = client.is_hedge_mode()
    return account_picture(client.positions(), client.open_orders(), client.open_algo_orders(), hedge_mode=hedge_mode)


def account_picture(
    positions: Iterable[Position],
    orders: Iterable[Order],
    algo_orders: Iterable[AlgoOrder],
    *,
    hedge_mode: bool = False,
) -> AccountPicture:
    """Return answers of the venue as one picture."""
    return AccountPicture(
        positions=tuple(venue_position(position) for position in positions),
        orders=(*(_order(order) for order in orders), *(_algo(order) for order in algo_orders)),
        hedge_mode=hedge_mode,
    )


def venue_position(position: Position) -> VenuePosition:
    """Return a position without what only Binance says of it."""
    return VenuePosition(
        instrument_id=instrument_id_of(position.symbol),
        quantity=position.quantity,
        entry_px=position.entry_price,
        mark_px=position.mark_price,
    )


def _order(order: Order) -> VenueOrder:
    trade_id, leg, count = leg_of(client_id_of(order.client_order_id)) or ("", None, 0)
    return VenueOrder(
        instrument_id=instrument_id_of(order.symbol),
        venue_name=order.client_order_id,
        side=1 if order.side == "BUY" else -1,
        quantity=order.quantity - order.filled,
        trade_id=trade_id,
        leg=leg,
        count=count,
        is_stop=order.type in STOPS and order.stop_price > 0,
        trigger_px=order.stop_price,
        reduce_only=order.reduce_only,
        close_position=order.close_position,
    )


def _algo(order: AlgoOrder) -> VenueOrder:
    trade_id, leg, count = leg_of(client_id_of(order.client_algo_id)) or ("", None, 0)
    return VenueOrder(
        instrument_id=instrument_id_of(order.symbol),
        venue_name=order.client_algo_id,
        side=1 if order.side == "BUY" else -1,
        quantity=order.quantity,
        trade_id=trade_id,
        leg=leg,
        count=count,
        is_stop=order.type in STOPS and order.is_open,
        trigger_px=order.trigger_price,
        reduce_only=order.reduce_only,
        close_position=order.close_position,
        conditional=True,
    )
