"""The orders that a trade can have."""

from enum import StrEnum


class Leg(StrEnum):
    """The orders a trade can have; the value is part of the client order id."""

    ENTRY = "EN"
    STOP = "SL"
    TP1 = "T1"
    TP2 = "T2"
    BACKSTOP = "BS"
    MARKET = "MK"
