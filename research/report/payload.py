"""The page's data as one compressed text: arrays in few bytes, undone by ``assets/payload.js``.

Layout before compression: 4 bytes little-endian length of a JSON header, the header, then the arrays end to end.
The header holds ``meta`` and, per array, its kind and count: ``f64`` as it is, ``delta`` as byte planes.
"""

import base64
import gzip
import json
import math

import numpy as np
import numpy.typing as npt

from research.report.prices import PriceSeries

MS_NS = 1_000_000
PLANES = 5  # 40 bits: seconds since 1970 and any price ratio a market has shown


class Payload:
    """Collect arrays under names, then encode them."""

    def __init__(self) -> None:
        self.meta: dict[str, object] = {}
        self._index: dict[str, dict[str, object]] = {}
        self._bytes: list[bytes] = []

    def add(self, name: str, values: npt.ArrayLike) -> None:
        """Add float64 values; NaN stays NaN."""
        array = np.ascontiguousarray(values, dtype="<f8")
        self._append(name, "f64", len(array), array.tobytes())

    def add_steps(self, name: str, values: npt.ArrayLike, step: float) -> None:
        """Add values that move little from one to the next, rounded to a multiple of ``step``.

        The differences are folded to unsigned (0, -1, 1, -2 ...) and stored as eight-bit planes: the upper planes are
        nearly all zero and vanish in compression.
        """
        whole = np.rint(np.asarray(values, dtype=np.float64) / step).astype(np.int64)
        moves = np.diff(whole, prepend=0)
        folded = ((moves << 1) ^ (moves >> 63)).astype("<u8")
        planes = folded.view(np.uint8).reshape(-1, 8)[:, :PLANES].T
        self._append(name, "delta", len(whole), planes.tobytes(), step=step)

    def add_prices(self, name: str, series: PriceSeries) -> None:
        """Add candles: close times to the second, prices to a step of about 1e-5 of the lowest ones."""
        step = price_step(series)
        self.add_steps(f"{name}.ts", series.ts_ns // MS_NS, 1000.0)
        self.add_steps(f"{name}.c", series.close, step)
        self.add_steps(f"{name}.o", series.open, step)
        self.add_steps(f"{name}.h", series.high, step)
        self.add_steps(f"{name}.l", series.low, step)

    def encode(self) -> str:
        """Return the whole as base64 of gzip."""
        header = json.dumps({"meta": self.meta, "arrays": self._index}, allow_nan=False).encode()
        return compress_text(len(header).to_bytes(4, "little") + header + b"".join(self._bytes), level=6)

    def _append(self, name: str, kind: str, count: int, data: bytes, step: float = 1.0) -> None:
        offset = sum(map(len, self._bytes))
        self._index[name] = {"kind": kind, "count": count, "offset": offset, "step": step}
        self._bytes.append(data)


def compress_text(data: bytes, level: int = 9) -> str:
    """Return base64 of gzip, the same for the same input (no time stamp inside)."""
    return base64.b64encode(gzip.compress(data, compresslevel=level, mtime=0)).decode("ascii")


def price_step(series: PriceSeries) -> float:
    """Return the power of ten nearest below 1e-5 of the series' low prices, so that decimal ticks stay exact.

    >>> flat = np.full(3, 1.08345)
    >>> price_step(PriceSeries(np.arange(3), flat, flat, flat, flat))
    1e-05
    """
    sizes = np.abs(series.low[series.low != 0.0])
    typical = float(np.quantile(sizes, 0.01)) if len(sizes) else 1.0
    return float(f"1e{math.floor(math.log10(typical)) - 5}")
