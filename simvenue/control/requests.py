"""What the control port accepts, as typed structs; an unknown field is an error."""

from decimal import Decimal

import msgspec

from simvenue.orders import Side

Pairs = list[tuple[Decimal, Decimal]]


class Move(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Print a trade at a price, the quote with it; ``hold`` keeps the distance for the rest of the replay."""

    symbol: str
    price: Decimal
    quantity: Decimal = Decimal("0.001")
    aggressor: Side | None = None
    hold: bool = False


class Quote(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Put a book of (price, quantity) levels in place."""

    symbol: str
    bids: Pairs
    asks: Pairs


class Mark(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Shift the mark price away from the middle of the book."""

    symbol: str
    shift: Decimal


class Step(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Let market time pass, by milliseconds or by a number of ticks."""

    ms: int = 0
    ticks: int = 0


class Speed(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    speed: float


class Seed(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    seed: int


class Stale(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Stop the data of an instrument while its streams stay open, or go on."""

    symbol: str
    stale: bool = True


class Skew(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Put the venue's clock ahead (or behind) by milliseconds."""

    skew_ms: int


class Break(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Break open sockets: ``which`` is user, market, api or all; ``how`` is close or half_open."""

    which: str = "all"
    how: str = "close"


class Down(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Cut every connection and refuse new ones for a while."""

    down_ms: int = 1_000


class Amount(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    amount: Decimal
    asset: str = "USDT"
