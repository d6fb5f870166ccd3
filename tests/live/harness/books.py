"""The invariants: what the bot says, and what the venue's ledger says (issue 5, outcome 9)."""

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.live.harness.drive import Drive, leg_of
from tests.live.harness.waiting import wait_for

CENT = 0.01
SETTLE_SECS = 15.0
QUIET_SECS = 0.4
STORM = 40  # orders of one leg: no trade here needs a tenth of it


class Bare(NamedTuple):
    """The longest times that a position lay at the venue, in milliseconds."""

    without_any: int  # no stop of its size at all
    without_stop: int  # at most the wide one behind it


def trade_events(journal: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the transitions of trades."""
    return [
        one["details"] for one in journal if one["module"] == "execution_engine" and one["event_type"] != "TRADE_CLOSED"
    ]


def results(journal: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the results of trades that are over."""
    return [one["details"] for one in journal if one["event_type"] == "TRADE_CLOSED"]


def bot_position(journal: list[dict[str, Any]]) -> float:
    """Return the position as the journal has it."""
    last = {one["trade_id"]: one for one in trade_events(journal)}
    return sum(float(one["side"]) * float(one["quantity"]) for one in last.values())


def working(journal: list[dict[str, Any]]) -> set[str]:
    """Return the trades whose entry is not over, as the journal has it."""
    last = {one["trade_id"]: one for one in trade_events(journal)}
    return {trade_id for trade_id, one in last.items() if one["working"]}


def differences(drive: Drive) -> list[str]:
    """Return what does not hold now, while a trade may be open."""
    venue, journal = drive.venue, drive.node.journal()
    held, mine = venue.position, bot_position(journal)
    found = []
    if abs(held - mine) > 1e-9:
        found.append(f"position: venue {held:g}, bot {mine:g}")
    stops = [one["request"] for one in venue.algos()]
    if held and not any(_covers(one, held) for one in stops if leg_of(one["client_id"]) == "SL"):
        found.append(f"position {held:g} has no stop of its size")
    by_leg: defaultdict[str, int] = defaultdict(int)
    for one in [*stops, *venue.orders()]:
        by_leg[leg_of(one["client_id"])] += 1
    found += [f"{count} orders of leg {leg}" for leg, count in by_leg.items() if count > 1]
    if held:
        targets = sum(
            float(one["quantity"]) - float(one["executed"])
            for one in venue.orders()
            if leg_of(one["client_id"]) in ("T1", "T2")
        )
        if targets > abs(held) + 1e-9:
            found.append(f"targets of {targets:g} for a position of {held:g}")
    return found


def left_behind(drive: Drive) -> list[str]:
    """Return what does not hold although the trade is over."""
    venue = drive.venue
    found = [f"order left: {one['client_id']} {one['kind']} {one['quantity']}" for one in venue.orders()]
    found += [f"stop left: {one['request']['client_id']}" for one in venue.algos()]
    if venue.position:
        found.append(f"position left: {venue.position:g}")
    if (mine := bot_position(drive.node.journal())) != 0.0:
        found.append(f"bot still holds {mine:g}")
    found += [f"the entry of {one} still works for the bot" for one in sorted(working(drive.node.journal()))]
    return found


def book_errors(drive: Drive) -> list[str]:
    """Return what is wrong with ids and money, once everything is over."""
    venue, journal = drive.venue, drive.node.journal()
    found = [f"order {name} was sent {count} times" for name, count in venue.get("/received").items() if count > 1]
    sent: defaultdict[str, int] = defaultdict(int)
    for name in venue.get("/received"):
        sent[leg_of(name)] += 1
    found += [f"{count} orders of leg {leg} were sent" for leg, count in sent.items() if count > STORM]
    totals = {name: float(value) for name, value in venue.get("/totals").items()}
    theirs = totals["realised"] - totals["fees"] - totals["funding"]
    mine = sum(float(one["net"]) for one in results(journal))
    if abs(mine - theirs) > CENT:
        found.append(f"net: venue {theirs:.2f}, bot {mine:.2f}")
    found += [
        f"{one['event_type']}: {one['details']['details'][:150]}"
        for one in journal
        if one["event_type"] in ("CALLBACK_FAILED", "RECONCILIATION_FAILED", "POSITION_DIFFERS")
    ]
    return found


def settle(drive: Drive, look: Callable[[Drive], list[str]], secs: float = SETTLE_SECS) -> list[str]:
    """Wait until nothing is wrong and nothing has happened for a while; return what stays wrong."""
    last: list[str] = ["never looked"]
    seen: list[Any] = [None, time.monotonic()]

    def fine() -> bool:
        last[:] = look(drive)
        changes = {name: count for name, count in drive.venue.get("/requests").items() if not name.startswith("GET")}
        now = (changes, len(drive.node.journal()))
        if last or now != seen[0]:
            seen[:] = [now, time.monotonic()]
            return False
        return bool(time.monotonic() - seen[1] > QUIET_SECS)

    try:
        wait_for("the books agree", fine, secs)
    except AssertionError:
        return last or look(drive)
    return []


def bare_time(ledger: list[dict[str, Any]]) -> Bare:
    """Return how long positions lay without stops of their size at the venue, from its ledger."""
    return Bare(_longest(ledger, ("SL", "BS")), _longest(ledger, ("SL",)))


def _longest(ledger: list[dict[str, Any]], legs: tuple[str, ...]) -> int:
    held, since, longest = 0.0, 0, 0
    stops: dict[int, float] = {}
    for one in ledger:
        details = one["details"]
        if one["kind"] == "fill":
            held = float(details["position"])
        elif one["kind"] == "algo_changed" and leg_of(one["client_id"]) in legs:
            if details["status"] in ("NEW", "TRIGGERING", "TRIGGERED"):
                stops[details["algo_id"]] = float(details["quantity"])
            else:
                stops.pop(details["algo_id"], None)
        bare = bool(held) and max(stops.values(), default=0.0) < abs(held) - 1e-9
        if bare and not since:
            since = one["time_ms"]
        elif not bare and since:
            longest, since = max(longest, one["time_ms"] - since), 0
    return longest


def _covers(request: dict[str, Any], held: float) -> bool:
    side = "SELL" if held > 0.0 else "BUY"
    enough = request["close_position"] or float(request["quantity"]) >= abs(held) - 1e-9
    return bool(request["side"] == side and (request["reduce_only"] or request["close_position"]) and enough)
