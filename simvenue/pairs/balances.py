"""Balances of a spot account: what is owned per asset, and how much of it open orders hold fast."""

from decimal import Decimal

import msgspec

from simvenue.orders import ZERO


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """Hold a part of one asset for an order, or for an order list as a whole."""

    asset: str
    amount: Decimal


class Balances(msgspec.Struct, kw_only=True):
    """Own assets; a lock takes from what is free, never from the total."""

    totals: dict[str, Decimal] = {}
    locks: dict[str, Lock] = {}

    def total(self, asset: str) -> Decimal:
        return self.totals.get(asset, ZERO)

    def locked(self, asset: str) -> Decimal:
        return sum((lock.amount for lock in self.locks.values() if lock.asset == asset), ZERO)

    def free(self, asset: str) -> Decimal:
        return self.total(asset) - self.locked(asset)

    def move(self, asset: str, amount: Decimal) -> None:
        """Add to what is owned, or take from it."""
        self.totals[asset] = self.total(asset) + amount

    def lock(self, holder: str, asset: str, amount: Decimal) -> None:
        """Let an order or list hold exactly an amount from now on; zero releases it."""
        if amount > 0:
            self.locks[holder] = Lock(asset=asset, amount=amount)
        else:
            self.locks.pop(holder, None)
