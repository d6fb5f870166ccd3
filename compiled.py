"""What makes a rule run at machine speed, live and in the sweep alike: one decorator, and records for its state."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from machine_code import use_folder_of_these_sources

Record = Any  # one numpy record; numba knows its fields, mypy does not
Records = npt.NDArray[np.void]  # an array of exactly one record

use_folder_of_these_sources()


def compiled[**P, R](rule: Callable[P, R]) -> Callable[P, R]:
    """Return ``rule`` compiled by numba in nopython mode.

    The result is cached on disk, releases the GIL, and follows IEEE 754 (no fast-math): the same numbers come out of a
    single call and of a loop over millions.
    """
    fast: Callable[P, R] = njit(cache=True, nogil=True, error_model="numpy")(rule)
    return fast


def compiled_bare[**P, R](rule: Callable[P, R]) -> Callable[P, R]:
    """Return ``rule`` compiled as by ``compiled``, for code that makes no arrays, written into whatever calls it.

    numba counts no references there: a call from Python that hands on a dozen arrays is three times as fast. Compiled
    code has no calls left: each would copy seven words an array, which took two thirds of a sweep's time. Plain Python
    knows no difference.
    """
    fast: Callable[P, R] = njit(cache=True, nogil=True, error_model="numpy", _nrt=False, forceinline=True)(rule)  # type: ignore[call-overload]  # numba does not publish _nrt
    return fast


def record_dtype(fields: list[tuple[str, str]]) -> np.dtype[np.void]:
    """Return an aligned record type whose fields are attributes, compiled and in plain Python alike."""
    return np.dtype((np.record, np.dtype(fields, align=True)))


def record_of(dtype: np.dtype[np.void], values: dict[str, Any]) -> Records:
    """Return an array of one record; fields that ``values`` leaves out are 0."""
    record = np.zeros(1, dtype)
    for name in dtype.names or ():
        if name in values:
            record[name] = values[name]
    return record
