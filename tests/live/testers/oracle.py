"""What must have happened: the simulated venue's control port and ledger against what the engine believes."""

import re
from decimal import Decimal
from typing import Any

from nautilus_trader.adapters.binance import decode_binance_futures_client_order_id

from tests.live.venue import SimulatedVenue

Row = dict[str, Any]

# What changes an order or a conditional order, in the venue's ledger.
CHANGES = {"order_accepted", "order_modified", "order_closed", "algo_changed", "fill"}

# The venue's word for an order's state -> the engine's.
STATES = {
    "NEW": "ACCEPTED",
    "FILLED": "FILLED",
    "PARTIALLY_FILLED": "PARTIALLY_FILLED",
    "CANCELED": "CANCELED",
    "EXPIRED": "EXPIRED",
    "FINISHED": "FILLED",
}


def order_line(order: Row) -> str:
    """Return an order of the engine as a line: what it asks, then its events after ``Initialized``."""
    parts = [order["side"], order["type"], order["quantity"]]
    parts += [f"at {order['trigger']}"] if order["trigger"] else []
    parts += [f"@ {order['price']}"] if order["price"] else []
    parts += [order["time_in_force"]]
    parts += [word for word in ("post_only", "reduce_only") if order[word]]
    return f"{' '.join(parts)}: {' '.join(order['events'][1:])}"


def resting_lines(venue: SimulatedVenue) -> list[str]:
    """Return what rests at the venue, in the venue's words."""
    orders = [_resting(order) for order in venue.get("/orders?open=true")]
    algos = [_waiting(algo["request"]) for algo in venue.get("/algos?open=true")]
    return sorted(orders + algos)


def _resting(order: Row) -> str:
    line = f"{order['side']} {order['kind']} {order['quantity']} @ {order['price']} {order['time_in_force']}"
    return line + (" reduce_only" if order["reduce_only"] else "")


def _waiting(request: Row) -> str:
    line = f"{request['side']} {request['kind']} {request['quantity']} at {request['trigger_price']}"
    line += f" @ {request['price']}" if Decimal(request["price"]) else ""
    flags = [word for word in ("reduce_only", "close_position") if request[word]]
    return " ".join([line, *flags])


def assert_books_agree(venue: SimulatedVenue, report: Row, since: int, *, expired: str = "EXPIRED") -> None:
    """Check orders, fills, position and balance of the engine against the venue.

    ``since`` is the ledger's sequence number where the run began, ``expired`` the engine's word for an expired order.
    """
    touched = {_ours(row["client_id"]) for row in venue.get(f"/ledger?after={since}") if row["kind"] in CHANGES}
    _assert_orders_agree(_states(venue, STATES | {"EXPIRED": expired}), report["orders"], touched)
    booked = [
        (str(row["details"]["trade_id"]), *(Decimal(row["details"][name]) for name in ("price", "quantity", "fee")))
        for row in venue.get(f"/ledger?kind=fill&after={since}")
    ]
    assert [(fill[0], *map(Decimal, fill[1:])) for fill in report["fills"]] == booked
    held = sum((Decimal(position["signed"]) for position in report["positions"]), Decimal(0))
    assert held == venue.position()
    totals = venue.totals()
    assert Decimal(report["balance"]) == totals["wallet"] == totals["deposits"] + totals["realised"] - totals["fees"]
    twice = {name: times for name, times in venue.get("/received").items() if times != 1}
    assert not twice


def _assert_orders_agree(there: dict[str, tuple[str, Decimal]], orders: list[Row], touched: set[str]) -> None:
    """The engine's orders are the venue's, in the same state, as much of them filled; it knows all that changed."""
    known = {
        order["id"]: (order["status"], Decimal(order["filled"]))
        for order in orders
        if "Accepted" in order["events"] and not order["inferred"]
    }
    assert {name: there.get(name) for name in known} == known
    assert not touched - known.keys()


def _states(venue: SimulatedVenue, words: dict[str, str]) -> dict[str, tuple[str, Decimal]]:
    states = {_ours(algo["request"]["client_id"]): (words[algo["status"]], Decimal(0)) for algo in venue.get("/algos")}
    for order in venue.get("/orders"):  # the released child of a conditional order carries its id and overrides it
        states[_ours(order["client_id"])] = (words[order["status"]], Decimal(order["executed"]))
    return states


def _ours(client_id: str) -> str:
    return str(decode_binance_futures_client_order_id(client_id))


def assert_quiet(log: str, allowed: str = "") -> None:
    """Check that the engine logged no error beyond the one that the case is about."""
    errors = [line for line in log.splitlines() if re.search(r"\[ERROR\]|panicked|Traceback", line)]
    assert not [line for line in errors if not allowed or allowed not in line]
