"""The audit of an account: at a restart, by the doctor, by whoever must know (Spec 9.4)."""

from collections.abc import Iterable, Mapping

from execution.audit.finding import Finding, Kind, Remedy
from execution.audit.order_checks import doubled_legs, orphan_exits, unknown_entries
from execution.audit.picture import AccountPicture
from execution.audit.position_checks import check_holding, check_protection, looser_stop
from execution.audit.sweeps import keep_protection
from execution.trade import Trade


def audit(picture: AccountPicture, trades: Mapping[str, Trade] | None = None) -> tuple[Finding, ...]:
    """Return everything that is wrong, the worst first.

    Parameters
    ----------
    picture : AccountPicture
        The venue's word: it holds.
    trades : mapping of trade id to Trade, optional
        The trades that are kept. None: nobody knows, and only what the venue shows by itself is judged.

    Returns
    -------
    tuple of Finding
        Sweeping every order of the ``SWEEP`` findings leaves no position less protected than it is.
    """
    found = list(_hedge_mode(picture))
    for instrument_id in _instruments(picture, trades):
        found += keep_protection(list(_of_instrument(picture, trades, instrument_id)), picture, instrument_id)
    return tuple(sorted(found, key=lambda one: (one.severity != "CRITICAL", one.instrument_id, one.kind)))


def _hedge_mode(picture: AccountPicture) -> Iterable[Finding]:
    if picture.hedge_mode:
        text = "the account keeps long and short apart: set one-way mode at the venue"
        yield Finding(kind=Kind.HEDGE_MODE, severity="CRITICAL", remedy=Remedy.HAND, instrument_id="", text=text)


def _instruments(picture: AccountPicture, trades: Mapping[str, Trade] | None) -> list[str]:
    named = {position.instrument_id for position in picture.positions} | {
        order.instrument_id for order in picture.orders
    }
    return sorted(named | {trade.plan.instrument_id for trade in (trades or {}).values()})


def _of_instrument(
    picture: AccountPicture, trades: Mapping[str, Trade] | None, instrument_id: str
) -> Iterable[Finding]:
    positions = [position for position in picture.positions if position.instrument_id == instrument_id]
    orders = picture.orders_of(instrument_id)
    kept = (
        None
        if trades is None
        else [trade for trade in trades.values() if trade.plan.instrument_id == instrument_id and not trade.is_over]
    )
    for position in positions:
        yield from check_protection(position, orders, kept)
        yield from looser_stop(position, orders, kept)
    if kept is not None:
        yield from check_holding(instrument_id, positions, orders, kept)
        yield from unknown_entries(orders, kept)
    yield from orphan_exits(positions, orders, kept)
    yield from doubled_legs(orders)
