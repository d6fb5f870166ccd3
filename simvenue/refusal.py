"""Why the exchange refuses a request: a reason per rule; the front doors turn it into their venue's error code."""

from enum import Enum


class Reason(Enum):
    """What was wrong, in the exchange's own words."""

    UNKNOWN_SYMBOL = "unknown symbol"
    UNKNOWN_ORDER = "unknown order"
    DUPLICATE_CLIENT_ID = "client order id is in use"
    BAD_VALUE = "a value is malformed or not allowed"
    PRICE_TICK = "price is not on the tick"
    PRICE_RANGE = "price is out of the instrument's range"
    PRICE_PERCENT_HIGH = "price is too far above the mark price"
    PRICE_PERCENT_LOW = "price is too far below the mark price"
    QUANTITY_STEP = "quantity is not on the step"
    QUANTITY_RANGE = "quantity is out of the instrument's range"
    MIN_NOTIONAL = "order is too small"
    MARGIN = "margin is insufficient"
    REDUCE_ONLY = "reduce-only order would not reduce the position"
    POST_ONLY = "post-only order would take"
    FILL_OR_KILL = "order cannot be filled at once"
    WOULD_TRIGGER = "order would trigger at once"
    NO_CHANGE = "nothing to modify"
    NO_MARKET = "there is nothing to trade against"
    CLOSING_EXISTS = "an order that closes the position exists"
    TOO_MANY = "too many open orders"
    TOO_MANY_CONDITIONAL = "too many open orders with a trigger"
    BALANCE = "balance is insufficient"
    LIST_PRICES = "prices of the legs are not on both sides of the market"


class Refused(Exception):  # noqa: N818  (a venue refuses; it does not fail)
    """Raise when a request breaks a rule of the exchange; nothing has changed."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason.value)
        self.reason = reason
        self.detail = detail or reason.value
