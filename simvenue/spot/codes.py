"""Error codes and messages as Binance documents them for spot."""

from simvenue.binance.errors import ApiError
from simvenue.refusal import Reason, Refused

CODES: dict[Reason, tuple[int, str]] = {
    Reason.UNKNOWN_SYMBOL: (-1121, "Invalid symbol."),
    Reason.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
    Reason.DUPLICATE_CLIENT_ID: (-2010, "Duplicate order sent."),
    Reason.BAD_VALUE: (-1158, "Order type not supported in OCO."),
    Reason.PRICE_TICK: (-1013, "Filter failure: PRICE_FILTER"),
    Reason.PRICE_RANGE: (-1013, "Filter failure: PRICE_FILTER"),
    Reason.PRICE_PERCENT_HIGH: (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    Reason.PRICE_PERCENT_LOW: (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    Reason.QUANTITY_STEP: (-1013, "Filter failure: LOT_SIZE"),
    Reason.QUANTITY_RANGE: (-1013, "Filter failure: LOT_SIZE"),
    Reason.MIN_NOTIONAL: (-1013, "Filter failure: NOTIONAL"),
    Reason.BALANCE: (-2010, "Account has insufficient balance for requested action."),
    Reason.POST_ONLY: (-2010, "Order would immediately match and take."),
    Reason.WOULD_TRIGGER: (-2010, "Stop price would trigger immediately."),
    Reason.LIST_PRICES: (-2010, "The relationship of the prices for the orders is not correct."),
    Reason.NO_MARKET: (-2010, "Market is closed."),
    Reason.TOO_MANY: (-1013, "Filter failure: MAX_NUM_ORDERS"),
    Reason.TOO_MANY_CONDITIONAL: (-1013, "Filter failure: MAX_NUM_ALGO_ORDERS"),
}


def from_refusal(refused: Refused, *, query: bool = False) -> ApiError:
    """Return the venue's error for a refusal; a query for an unknown order has a code of its own."""
    if query and refused.reason is Reason.UNKNOWN_ORDER:
        return ApiError(-2013, "Order does not exist.")
    code, message = CODES[refused.reason]
    return ApiError(code, message.format(refused.detail))
