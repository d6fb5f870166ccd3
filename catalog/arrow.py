"""Arrow columns as numpy arrays, without the second that pandas takes to import.

pyarrow's own ``to_numpy`` imports pandas; a ``--help`` or a short load should not pay for it.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def to_numpy(column: Any) -> npt.NDArray[Any]:
    """Return a numeric or stamp column as one array; nulls of floating columns become NaN.

    Examples
    --------
    >>> to_numpy(pa.array([1.0, None])).tolist()
    [1.0, nan]
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    arrays = [_chunk(chunk) for chunk in chunks]
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.empty(0, column.type.to_pandas_dtype())


def _chunk(chunk: Any) -> npt.NDArray[Any]:
    if chunk.null_count:
        chunk = chunk.fill_null(float("nan"))
    size = chunk.type.bit_width // 8
    kind = "f" if pa.types.is_floating(chunk.type) else "i"
    whole: npt.NDArray[Any] = np.frombuffer(chunk.buffers()[1], np.dtype(f"{kind}{size}"))
    return whole[chunk.offset : chunk.offset + len(chunk)]
