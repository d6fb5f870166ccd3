"""A part of a whole that may be nothing: compiled and plain Python divide by zero differently."""

import math

from compiled import compiled_bare


@compiled_bare
def ratio(part: float, whole: float) -> float:
    """Return ``part / whole``; without a whole anything is beyond measure, infinite."""
    return part / whole if whole != 0.0 else math.inf
