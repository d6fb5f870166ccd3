"""Arrow columns from and to numpy arrays, without the second that pandas takes to import.

pyarrow's own ``array`` and ``to_numpy`` import pandas; a load of a Parquet file should not pay for it.
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


def to_arrow(array: npt.NDArray[Any], kind: Any = None) -> Any:
    """Return an int64 or float64 array as an Arrow column of the same bytes, by default of the same type.

    Examples
    --------
    >>> to_arrow(np.array([1, 2])).to_pylist()
    [1, 2]
    """
    natural = pa.float64() if array.dtype.kind == "f" else pa.int64()
    values = np.ascontiguousarray(array, np.dtype(f"{array.dtype.kind}8"))
    return pa.Array.from_buffers(kind or natural, len(values), [None, pa.py_buffer(values)])
