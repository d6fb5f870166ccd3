"""Request parameters, typed: a missing or malformed one is the venue's error."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum

from simvenue.binance.errors import ApiError
from simvenue.orders import ZERO


class Params:
    """Read the parameters of one request."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.get(name) or default
        if value is None:
            raise ApiError(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        value = self.text(name, None if default is None else str(default))
        try:
            return int(value)
        except ValueError as error:
            raise ApiError(-1100, f"Illegal characters found in parameter '{name}'.") from error

    def decimal(self, name: str, default: Decimal | None = ZERO) -> Decimal:
        value = self.text(name, None if default is None else str(default))
        try:
            number = Decimal(value)
        except InvalidOperation as error:
            raise ApiError(-1100, f"Illegal characters found in parameter '{name}'.") from error
        if not number.is_finite():
            raise ApiError(-1100, f"Illegal characters found in parameter '{name}'.")
        return number

    def flag(self, name: str) -> bool:
        value = self.text(name, "false").lower()
        if value not in ("true", "false"):
            raise ApiError(-1130, f"Data sent for parameter '{name}' is not valid.")
        return value == "true"

    def choice[E: Enum](self, name: str, kind: type[E], default: E | None = None) -> E:
        value = self.text(name, None if default is None else default.value)
        try:
            return kind(value)
        except ValueError as error:
            raise ApiError(*INVALID.get(name, (-1130, f"Data sent for parameter '{name}' is not valid."))) from error

    def one_of(self, *names: str) -> None:
        """Ask for at least one of several parameters."""
        if not any(self.values.get(name) for name in names):
            raise ApiError(-1102, f"Mandatory parameter '{names[0]}' was not sent, was empty/null, or malformed.")


INVALID = {
    "side": (-1117, "Invalid side."),
    "type": (-1116, "Invalid orderType."),
    "timeInForce": (-1115, "Invalid timeInForce."),
}
