"""The engine's Parquet layout for trades and quotes, written as columns.

``tests/engine/test_ticks_contract.py`` pins that the engine reads back what is written here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.arrow import to_arrow
from catalog.bars import ENGINE_DECIMAL, ENGINE_STAMP, ROW_GROUP_ROWS, file_name, to_decimal
from catalog.precision import size_integers, to_integers

SIDES = ("NO_AGGRESSOR", "BUY", "SELL")  # the engine's, by its numbers
SIDE_TYPE = pa.dictionary(pa.int8(), pa.string())


class Precision(NamedTuple):
    """Decimals of an instrument's prices and sizes."""

    price: int
    size: int


def quotes_file(instrument_id: str, first_ns: int, last_ns: int) -> str:
    """Return where quotes that were received in a span lie, relative to the catalog."""
    return f"data/quotes/{instrument_id}/{file_name(first_ns, last_ns)}"


def trades_file(instrument_id: str, first_ns: int, last_ns: int) -> str:
    """Return where trades that were received in a span lie, relative to the catalog."""
    return f"data/trades/{instrument_id}/{file_name(first_ns, last_ns)}"


def write_quotes(path: Path, rows: Sequence[Sequence[Any]], instrument_id: str, precision: Precision) -> None:
    """Write quotes, in the order of their receipt.

    Parameters
    ----------
    rows : sequence of (bid, ask, bid size, ask size, ts_event, ts_init)
    """
    bid, ask, bid_size, ask_size, event_ns, init_ns = zip(*rows, strict=True)
    columns = {
        "bid_price": _prices(bid, precision),
        "ask_price": _prices(ask, precision),
        "bid_size": _sizes(bid_size, precision),
        "ask_size": _sizes(ask_size, precision),
        "ts_event": _stamps(event_ns),
        "ts_init": _stamps(init_ns),
    }
    _write(path, columns, "QuoteTick", instrument_id, precision)


def write_trades(path: Path, rows: Sequence[Sequence[Any]], instrument_id: str, precision: Precision) -> None:
    """Write trades, in the order of their receipt.

    Parameters
    ----------
    rows : sequence of (price, size, side as in ``SIDES``, trade id, ts_event, ts_init)
    """
    price, size, side, trade_id, event_ns, init_ns = zip(*rows, strict=True)
    numbers = pa.Array.from_buffers(pa.int8(), len(side), [None, pa.py_buffer(np.array(side, np.int8))])
    columns = {
        "price": _prices(price, precision),
        "size": _sizes(size, precision),
        "aggressor_side": pa.DictionaryArray.from_arrays(numbers, pa.array(SIDES, pa.string())),
        "trade_id": pa.array(trade_id, pa.string()),
        "ts_event": _stamps(event_ns),
        "ts_init": _stamps(init_ns),
    }
    _write(path, columns, "TradeTick", instrument_id, precision)


def _prices(values: Sequence[float], precision: Precision) -> Any:
    return to_decimal(to_integers(np.array(values, np.float64), precision.price), precision.price)


def _sizes(values: Sequence[float], precision: Precision) -> Any:
    return to_decimal(size_integers(np.array(values, np.float64), precision.size), precision.size)


def _stamps(values: Sequence[int]) -> Any:
    return to_arrow(np.array(values, np.int64), ENGINE_STAMP)


def _write(path: Path, columns: dict[str, Any], kind: str, instrument_id: str, precision: Precision) -> None:
    types = {"aggressor_side": SIDE_TYPE, "trade_id": pa.string(), "ts_event": ENGINE_STAMP, "ts_init": ENGINE_STAMP}
    fields = [pa.field(name, types.get(name, ENGINE_DECIMAL), nullable=False) for name in columns]
    metadata = {
        "instrument_id": instrument_id,
        "price_precision": str(precision.price),
        "size_precision": str(precision.size),
        "type_name": kind,
    }
    table = pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields, metadata=metadata))
    pq.write_table(
        table, path, compression="zstd", compression_level=1, use_dictionary=False, row_group_size=ROW_GROUP_ROWS
    )
