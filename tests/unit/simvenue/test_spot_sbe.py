"""SBE answers of the spot door, read back by the published layout (schema 3, version 5): lengths, places, numbers."""

import struct
from typing import Any

import pytest

from simvenue.orders import Execution, Fill
from simvenue.pairs.orders import PairOrder
from simvenue.spot import user_events
from simvenue.spot.sbe import answers, events, orders
from simvenue.spot.shapes import cancelled_row, list_row, order_row, placed_row, trade_row
from tests.unit.simvenue.pair_desk import BUY, PairDesk

NULL = -(2**63)


def header(raw: bytes) -> tuple[int, int, int, int]:
    """Return block length, template, schema and version."""
    block, template, schema, version = struct.unpack_from("<HHHH", raw)
    return block, template, schema, version


def number(raw: bytes, offset: int) -> int:
    """Return a 64-bit number of a message's block."""
    return int(struct.unpack_from("<q", raw, 8 + offset)[0])


def texts(raw: bytes, start: int) -> list[str]:
    """Return the texts from a place to the end."""
    found = []
    while start < len(raw):
        size = raw[start]
        found.append(raw[start + 1 : start + 1 + size].decode())
        start += 1 + size
    return found


@pytest.fixture
def traded() -> tuple[PairOrder, Fill]:
    desk = PairDesk()
    desk.quote("49999.99", 50_000, "0.04")
    order = desk.limit("mine", BUY, "0.1", 50_000)
    return order, desk.exchange.settlement.fills[0]


def test_order_is_where_the_schema_says(traded: tuple[PairOrder, Fill]) -> None:
    raw = orders.order(order_row(traded[0]))
    assert header(raw) == (163, 304, 3, 5)
    assert number(raw, 2) == traded[0].order_id
    assert number(raw, 10) == NULL  # no list
    assert [number(raw, place) for place in (18, 26, 34, 42)] == [
        50_000 * 10**8, 10**7, 4 * 10**6, 2_000 * 10**8,
    ]  # fmt: skip
    assert list(raw[58:62]) == [1, 0, 1, 0]  # partly filled, good till cancelled, limit, buy
    assert (number(raw, 54), number(raw, 86), raw[8 + 102]) == (NULL, 7_000, 1)
    assert texts(raw, 8 + 163) == ["BTCUSDT", "mine"]


def test_new_order_carries_its_executions(traded: tuple[PairOrder, Fill]) -> None:
    order, fill = traded
    raw = orders.placed(placed_row(order, [fill]))
    assert header(raw)[:2] == (154, 302)
    assert struct.unpack_from("<HI", raw, 8 + 154) == (42, 1)
    row = 8 + 154 + 6
    assert struct.unpack_from("<qqqq", raw, row + 2) == (50_000 * 10**8, 4 * 10**6, 4_000, fill.trade_id)
    assert texts(raw, row + 42)[0] == "BTC"
    acknowledged = orders.placed(placed_row(order, None, acknowledged=True))
    assert header(acknowledged)[:2] == (24, 300)


def test_cancelled_order_list_and_replacement_have_templates_of_their_own() -> None:
    desk = PairDesk()
    legs = list(desk.bracket("x", 1, 51_000, 49_500, 49_400))
    found = desk.exchange.lists.find(client_id="x")
    desk.exchange.lists.cancel(found, "gone")
    whole = orders.cancelled(list_row(found, legs, [cancelled_row(leg) for leg in legs]))
    single = orders.cancelled(cancelled_row(legs[1]))
    assert (header(whole)[:2], header(single)[:2]) == ((21, 312), (137, 305))
    assert texts(single, 8 + 137) == ["BTCUSDT", "x-S", "gone"]
    assert (single[8 + 58], single[8 + 60], number(single, 62)) == (3, 3, 49_500 * 10**8)
    new = {"cancelResponse": cancelled_row(legs[0]), "newOrderResponse": placed_row(legs[1], [])}
    assert header(orders.replaced(new))[:2] == (2, 307)


def test_execution_report_is_where_the_schema_says(traded: tuple[PairOrder, Fill]) -> None:
    order, fill = traded
    raw = events.event(user_events.execution_report(order, Execution.TRADE, fill, 9, 4))
    assert header(raw) == (282, 603, 3, 5)
    assert (number(raw, 0), number(raw, 35), number(raw, 96)) == (9_000, order.order_id, fill.trade_id)
    assert [number(raw, place) for place in (112, 128, 136, 152)] == [4 * 10**6, 4 * 10**6, 50_000 * 10**8, 4_000]
    assert list(raw[8 + 91 : 8 + 96]) == [1, 0, 0, 4, 1]
    assert texts(raw, 8 + 282) == ["BTCUSDT", "mine", "", "BTC", "", ""]


@pytest.mark.parametrize(
    ("row", "block", "template"),
    [
        ({"e": "outboundAccountPosition", "E": 1, "u": 1, "B": []}, 18, 607),
        ({"e": "balanceUpdate", "E": 1, "T": 1, "a": "BTC", "d": "1.5"}, 27, 601),
        (
            {"e": "listStatus", "E": 1, "T": 1, "g": 1, "l": "ALL_DONE", "L": "ALL_DONE", "s": "B", "C": "c", "O": []},
            29,
            606,
        ),
    ],
)
def test_other_events_have_the_lengths_of_the_schema(row: dict[str, Any], block: int, template: int) -> None:
    assert header(events.event(row)) == (block, template, 3, 5)


def test_own_trade_is_where_the_schema_says(traded: tuple[PairOrder, Fill]) -> None:
    raw = orders.trades([trade_row(traded[1], traded[0])])
    assert (header(raw)[:2], struct.unpack_from("<HI", raw, 8)) == ((0, 401), (70, 1))
    assert struct.unpack_from("<qqqq", raw, 14 + 27) == (50_000 * 10**8, 4 * 10**6, 2_000 * 10**8, 4_000)


def test_refusal_travels_in_an_envelope_of_its_request() -> None:
    raw = answers.envelope("order.place", {"id": "r1", "status": 400, "error": {"code": -2010, "msg": "no"}})
    assert header(raw) == (3, 50, 3, 5)
    assert struct.unpack_from("<H", raw, 9) == (400,)
    assert raw[15:18] == b"\x02r1"
    assert header(raw[22:])[:2] == (18, 100)
    assert struct.unpack_from("<h", raw, 30) == (-2010,)


def test_answer_without_a_layout_is_an_error_not_silence() -> None:
    raw = answers.envelope("klines", {"id": "r1", "status": 200, "result": []})
    assert struct.unpack_from("<H", raw, 9) == (400,)
