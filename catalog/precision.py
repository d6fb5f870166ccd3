"""How many decimals prices and sizes need, and the integers that stand for them in the catalog."""

import math

import numpy as np

from catalog.candles import Candles, FloatArray, IntArray

MAX_DECIMALS = 9
FLOAT64_NOISE = 1e-12  # 0.1 + 0.2
FLOAT32_NOISE = 6e-8  # half a unit in the last place of float32: Yahoo prices carry it
COVERED_SHARE = 0.999
ADJUSTED_ERROR_FRAC = 1e-5  # rounding of an adjusted price: a hundredth of the cheapest cost (0.10 %)
SAMPLE_ROWS = 200_000
MAX_SIZE_RAW = 34_028_236_692_093  # QUANTITY_MAX of the engine, whole units


def decimals_of(values: FloatArray) -> int:
    """Return the fewest decimals, at most 9, that hold 99.9 % of the values within floating-point noise.

    Values that need all nine are taken for float32 numbers and judged by float32's noise.

    Parameters
    ----------
    values : float64, any shape
        NaN, infinite and non-positive entries are ignored.

    Examples
    --------
    >>> decimals_of(np.array([0.1 + 0.2, 1.25]))
    2
    """
    flat = values.ravel()
    flat = flat[np.isfinite(flat) & (flat > 0.0)]
    if len(flat) > SAMPLE_ROWS:
        flat = flat[:: math.ceil(len(flat) / SAMPLE_ROWS)]
    exact = _fewest(flat, FLOAT64_NOISE)
    return exact if exact < MAX_DECIMALS else _fewest(flat, FLOAT32_NOISE)


def _fewest(flat: FloatArray, noise_frac: float) -> int:
    for decimals in range(MAX_DECIMALS):
        scale = 10.0**decimals
        exact = np.abs(np.rint(flat * scale) / scale - flat) <= noise_frac * flat
        if len(flat) == 0 or exact.mean() >= COVERED_SHARE:
            return decimals
    return MAX_DECIMALS


def price_decimals(candles: Candles) -> int:
    """Return the decimals that the prices of these candles need."""
    return max(decimals_of(column) for column in (candles.open, candles.high, candles.low, candles.close))


def adjusted_decimals(lowest_price: float) -> int:
    """Return the decimals that keep the rounding of an adjusted price under 1e-5 of it (at least 4).

    >>> adjusted_decimals(0.1)
    6
    """
    return min(MAX_DECIMALS, max(4, math.ceil(-math.log10(lowest_price * ADJUSTED_ERROR_FRAC) - 1e-9)))


def to_integers(values: FloatArray, decimals: int) -> IntArray:
    """Return values as whole multiples of ``10**-decimals``, rounded to nearest."""
    return np.rint(values * 10.0**decimals).astype(np.int64)


def size_integers(volume: FloatArray, decimals: int) -> IntArray:
    """Return volumes as whole multiples of ``10**-decimals``; a traded candle never rounds to zero volume."""
    scaled = np.rint(np.minimum(volume, MAX_SIZE_RAW) * 10.0**decimals)
    scaled = np.minimum(scaled, 9.0e18)
    return np.where(volume > 0.0, np.maximum(scaled, 1.0), 0.0).astype(np.int64)


def quantise(candles: Candles, price_precision: int, size_precision: int) -> Candles:
    """Return the candles as the catalog will give them back: prices and sizes on their decimals."""
    scale = 10.0**price_precision
    return Candles(
        ts_open_ns=candles.ts_open_ns,
        open=np.rint(candles.open * scale) / scale,
        high=np.rint(candles.high * scale) / scale,
        low=np.rint(candles.low * scale) / scale,
        close=np.rint(candles.close * scale) / scale,
        volume=size_integers(candles.volume, size_precision) / 10.0**size_precision,
    )
