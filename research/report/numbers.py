"""Numbers as a reader sees them: thousands separated, a true minus sign, "n/a" for what is not defined."""

import math
from datetime import datetime

MINUS = "−"
MISSING = "n/a"


def number(value: float | None, digits: int = 2, plus: bool = False) -> str:
    """Return a number with a fixed count of decimals.

    >>> number(-1234.5), number(float("nan")), number(0.5, 1, plus=True), number(float("inf"))
    ('−1,234.50', 'n/a', '+0.5', '∞')
    """
    if value is None or math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    text = f"{value:+,.{digits}f}" if plus else f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0.0:
        text = text.lstrip("+-")
    return text.replace("-", MINUS)


def percent(frac: float | None, digits: int = 1, plus: bool = False) -> str:
    """Return a fraction in per cent.

    >>> percent(-0.1234)
    '−12.3 %'
    """
    if frac is None or not math.isfinite(frac):
        return number(frac)
    return number(100.0 * frac, digits, plus) + " %"


def price(value: float | None) -> str:
    """Return a price with at least six significant digits and no trailing zeros after two decimals.

    >>> price(64123.5), price(1.08345), price(0.00001234)
    ('64,123.50', '1.08345', '0.00001234')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    size = abs(value)
    digits = 2 if size >= 1000 else min(10, 5 - math.floor(math.log10(size))) if size > 0 else 2
    whole, _, decimals = number(value, digits).partition(".")
    return whole + "." + decimals.rstrip("0").ljust(2, "0")


def compact(value: float | None) -> str:
    """Return a number with six significant digits at most, never in powers of ten; for quantities and limits.

    >>> compact(1861240.4), compact(0.05), compact(5.0)
    ('1,861,240', '0.05', '5')
    """
    if value is None or not math.isfinite(value) or value == 0:
        return number(value, 0)
    text = number(value, max(0, min(8, 5 - math.floor(math.log10(abs(value))))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: float | None, plus: bool = False) -> str:
    """Return an amount: whole units from 100,000 on, two decimals below."""
    return number(value, 0 if value is not None and math.isfinite(value) and abs(value) >= 1e5 else 2, plus)


def duration(hours: float) -> str:
    """Return a length of time in its natural unit.

    >>> duration(0.25), duration(30.0), duration(72.0)
    ('15 min', '30.0 h', '3.0 d')
    """
    if not math.isfinite(hours):
        return MISSING
    if hours < 1:
        return f"{60 * hours:.0f} min"
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"


def stamp(moment: datetime) -> str:
    """Return a UTC time to the minute; "n/a" for a missing one."""
    return moment.strftime("%Y-%m-%d %H:%M") if moment == moment else MISSING  # noqa: PLR0124 - NaT differs from itself
