"""Claims on the account: risk that is reserved or open, held until it is gone (D19).

One ledger for a process by default; ``risk.shared_ledger`` puts the same few functions on Redis for several processes.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from risk.messages import AssetClass


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one approved entry or open position takes of the account, account currency.

    Attributes
    ----------
    key : str
        The signal's id.
    reserved : float
        Risk set aside for an entry that is working or not yet answered.
    open_risk : float
        Loss at the current stop of what has filled.
    """

    key: str
    instrument_id: str
    asset_class: AssetClass
    strategy: str
    reserved: float = 0.0
    open_risk: float = 0.0


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What the other processes on the account hold, and the state of the ledger it was read from.

    Attributes
    ----------
    claims : sequence of Claim
        Of all other owners, dead ones included until they are recovered.
    equity : float
        Sum of the other venue accounts, account currency; NaN when one of them is not known.
    token : int
        Changes whenever anyone adds risk: a reservation made on an older token is not taken.
    fault : str
        Why the ledger cannot be used now; empty when it can. Every entry is then refused (D32).
    """

    claims: Sequence[Claim] = ()
    equity: float = 0.0
    token: int = 0
    fault: str = ""


class Ledger(Protocol):
    """What gate and book need of a ledger. Only ``read`` and ``reserve`` may wait; nothing raises."""

    def read(self) -> Shared:
        """Return what others hold now."""

    def reserve(self, claim: Claim, token: int) -> bool:
        """Set risk aside for a signal; False when someone has added risk since ``token``: look again."""

    def update(self, claim: Claim) -> None:
        """Note what a claim holds now."""

    def release(self, key: str) -> None:
        """Give back what a claim held; releasing twice does nothing."""

    def tell_equity(self, equity: float) -> None:
        """Say what this process's own venue account is worth."""

    def recover(self) -> list[Claim]:
        """Return what an earlier life of this process held: each is then updated or released."""

    def close(self) -> None:
        """Stop; claims stay as they are."""


class ProcessLedger:
    """The ledger of a process that has the account for itself."""

    def read(self) -> Shared:
        """Return nothing: there are no others."""
        return Shared()

    def reserve(self, _claim: Claim, _token: int) -> bool:
        """Return True: nobody else adds risk."""
        return True

    def update(self, claim: Claim) -> None:
        """Do nothing: the book knows its own."""

    def release(self, key: str) -> None:
        """Do nothing."""

    def tell_equity(self, equity: float) -> None:
        """Do nothing."""

    def recover(self) -> list[Claim]:
        """Return nothing: what a process held is in its memory."""
        return []

    def close(self) -> None:
        """Do nothing."""
