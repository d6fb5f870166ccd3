"""No sweep takes protection away: a stop that still covers a position goes only once another one does."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from execution.audit.cover import uncovered
from execution.audit.finding import Finding, Remedy
from execution.audit.picture import AccountPicture, VenueOrder


def keep_protection(findings: Sequence[Finding], picture: AccountPicture, instrument_id: str) -> list[Finding]:
    """Return the findings of an instrument with each sweep put off that would bare more of a position."""
    left = list(picture.orders_of(instrument_id))
    checked = []
    for finding in findings:
        if finding.remedy is Remedy.SWEEP:
            after = [order for order in left if order not in finding.orders]
            if _bare(picture, instrument_id, after) > _bare(picture, instrument_id, left):
                finding = replace(finding, remedy=Remedy.SWEEP_LATER)  # noqa: PLW2901 - the same finding, put off
            else:
                left = after
        checked.append(finding)
    return checked


def _bare(picture: AccountPicture, instrument_id: str, orders: Sequence[VenueOrder]) -> Decimal:
    positions = [position for position in picture.positions if position.instrument_id == instrument_id]
    return sum((uncovered(position, orders) for position in positions), Decimal(0))
