"""Reservations: approved risk is held until the entry is filled, cancelled or refused (D19)."""

from typing import NamedTuple


class Reservation(NamedTuple):
    """Risk set aside for one approved entry, account currency."""

    instrument_id: str
    risk: float


class Ledger:
    """Hold reservations in this process."""

    def __init__(self) -> None:
        self._held: dict[str, Reservation] = {}

    def reserve(self, signal_id: str, instrument_id: str, risk: float) -> None:
        """Set risk aside for a signal that was just approved."""
        self._held[signal_id] = Reservation(instrument_id, risk)

    def release(self, signal_id: str) -> None:
        """Give back what a signal held; releasing twice does nothing."""
        self._held.pop(signal_id, None)

    def reserved_risk(self) -> float:
        """Return the risk of all reservations."""
        return sum(held.risk for held in self._held.values())

    def instruments(self) -> set[str]:
        """Return the instruments that have a reservation."""
        return {held.instrument_id for held in self._held.values()}
