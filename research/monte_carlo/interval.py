"""How sure a share of paths is."""

import math
from statistics import NormalDist

import msgspec

LEVEL = 0.95


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A share of paths and where it lies with 95 % confidence, had there been paths without end.

    The interval speaks of the number of paths alone. That the trades themselves are a sample is not in it.
    """

    frac: float
    ci_low: float
    ci_high: float


def share_of(hits: int, paths: int) -> Share:
    """Return the share of paths that did something, with its Wilson score interval (95 %, two-sided).

    Notes
    -----
    Source: Wilson (1927); Brown, Cai & DasGupta (2001). With z the 97.5 % normal quantile and p = hits / n:
    ``(p + z^2/2n -+ z sqrt(p (1-p) / n + z^2/4n^2)) / (1 + z^2/n)``.

    >>> one = share_of(0, 10_000)
    >>> one.frac, one.ci_low, round(one.ci_high, 6)
    (0.0, 0.0, 0.000384)
    """
    z = NormalDist().inv_cdf(0.5 + LEVEL / 2.0)
    frac = hits / paths
    middle = frac + z * z / (2.0 * paths)
    reach = z * math.sqrt(frac * (1.0 - frac) / paths + (z / (2.0 * paths)) ** 2)
    whole = 1.0 + z * z / paths
    low = 0.0 if hits == 0 else (middle - reach) / whole
    high = 1.0 if hits == paths else (middle + reach) / whole
    return Share(frac=frac, ci_low=low, ci_high=high)
