"""A Binance USD-M account as the audit wants to see it."""

from collections.abc import Callable, Iterable

from adapters.binance.parsing import AlgoOrder, Order, Position
from adapters.binance.usdm import BinanceUsdm
from execution.audit.picture import AccountPicture, VenueOrder, VenuePosition
from execution.leg import Leg

STOPS = frozenset({"STOP", "STOP_MARKET"})
PERPETUAL = "-PERP.BINANCE"

type Identity = tuple[str, Leg | None, int]  # trade, leg, count


def nobody(_venue_name: str) -> Identity:
    """Return the identity of an order when it does not matter whose it is."""
    return "", None, 0


def take_account_picture(client: BinanceUsdm) -> AccountPicture:
    """Return everything that is open now; weight 115.

    Raises
    ------
    VenueError
        The venue does not answer, or refuses.
    """
    from adapters.binance.names import ours  # noqa: PLC0415 - names are the engine's: the watchdog does without it

    hedge_mode = client.is_hedge_mode()
    answers = client.positions(), client.open_orders(), client.open_algo_orders()
    return account_picture(*answers, hedge_mode=hedge_mode, identify=ours)


def account_picture(
    positions: Iterable[Position],
    orders: Iterable[Order],
    algo_orders: Iterable[AlgoOrder],
    *,
    hedge_mode: bool = False,
    identify: Callable[[str], Identity] = nobody,
) -> AccountPicture:
    """Return answers of the venue as one picture; ``identify`` says whose an order is, by its name at the venue."""
    return AccountPicture(
        positions=tuple(venue_position(position) for position in positions),
        orders=(*(_order(order, identify) for order in orders), *(_algo(order, identify) for order in algo_orders)),
        hedge_mode=hedge_mode,
    )


def instrument_id_of(symbol: str) -> str:
    """Return the engine's name of a perpetual.

    >>> instrument_id_of("BTCUSDT")
    'BTCUSDT-PERP.BINANCE'
    """
    return f"{symbol}{PERPETUAL}"


def venue_position(position: Position) -> VenuePosition:
    """Return a position without what only Binance says of it."""
    return VenuePosition(
        instrument_id=instrument_id_of(position.symbol),
        quantity=position.quantity,
        entry_px=position.entry_price,
        mark_px=position.mark_price,
    )


def _order(order: Order, identify: Callable[[str], Identity]) -> VenueOrder:
    trade_id, leg, count = identify(order.client_order_id)
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


def _algo(order: AlgoOrder, identify: Callable[[str], Identity]) -> VenueOrder:
    trade_id, leg, count = identify(order.client_algo_id)
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
