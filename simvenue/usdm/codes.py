"""Error codes and messages as Binance documents them for USD-M futures."""

from simvenue.binance.errors import ApiError
from simvenue.refusal import Reason, Refused

CODES: dict[Reason, tuple[int, str]] = {
    Reason.UNKNOWN_SYMBOL: (-1121, "Invalid symbol."),
    Reason.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
    Reason.DUPLICATE_CLIENT_ID: (-4116, "ClientOrderId is duplicated."),
    Reason.BAD_VALUE: (-1130, "Data sent for a parameter is not valid: {}."),
    Reason.PRICE_TICK: (-4014, "Price not increased by tick size."),
    Reason.PRICE_RANGE: (-4013, "Price less than min price."),
    Reason.PRICE_PERCENT_HIGH: (-4016, "Limit price can't be higher than {}."),
    Reason.PRICE_PERCENT_LOW: (-4024, "Limit price can't be lower than {}."),
    Reason.QUANTITY_STEP: (-1111, "Precision is over the maximum defined for this asset."),
    Reason.QUANTITY_RANGE: (-4005, "Quantity greater than max quantity or less than min quantity."),
    Reason.MIN_NOTIONAL: (
        -4164,
        "Order's notional must be no smaller than the minimum (unless you choose reduce only).",
    ),
    Reason.MARGIN: (-2019, "Margin is insufficient."),
    Reason.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    Reason.POST_ONLY: (
        -5022,
        "Due to the order could not be executed as maker, the Post Only order will be rejected. "
        "The order will not be recorded in the order history",
    ),
    Reason.FILL_OR_KILL: (-5021, "Due to the order could not be filled immediately, the FOK order has been rejected."),
    Reason.WOULD_TRIGGER: (-2021, "Order would immediately trigger."),
    Reason.NO_CHANGE: (-5027, "No need to modify the order."),
    Reason.NO_MARKET: (-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit"),
    Reason.CLOSING_EXISTS: (
        -4130,
        "An open stop or take profit order with GTE and closePosition in the direction is existing.",
    ),
    Reason.TOO_MANY: (-2025, "Reach max open order limit."),
}


def from_refusal(refused: Refused, *, query: bool = False) -> ApiError:
    """Return the venue's error for a refusal; a query for an unknown order has a code of its own."""
    if query and refused.reason is Reason.UNKNOWN_ORDER:
        return ApiError(-2013, "Order does not exist.")
    code, message = CODES[refused.reason]
    return ApiError(code, message.format(refused.detail))
