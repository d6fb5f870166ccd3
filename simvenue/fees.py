"""Maker and taker fees of an account."""

from dataclasses import dataclass
from decimal import Decimal

EIGHT = Decimal("0.00000001")


@dataclass(frozen=True)
class FeeSchedule:
    """Charge a fraction of what is traded, in quote units, to eight decimals."""

    maker_frac: Decimal = Decimal("0.0002")
    taker_frac: Decimal = Decimal("0.0005")

    def fee(self, quote_quantity: Decimal, *, maker: bool) -> Decimal:
        return (quote_quantity * (self.maker_frac if maker else self.taker_frac)).quantize(EIGHT)
