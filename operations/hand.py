"""What an operator does: asked of a running system, done at once to a stopped one, with name and reason (D31)."""

import time
import uuid

import msgspec

from errors import StateError
from memory.memory import Memory
from memory.store import Store
from risk import alarms
from risk.board import BreakerBoard
from risk.facts import load_facts
from risk.requests import ANSWER, REQUEST, Request

WAIT_SECS = 5.0
LOOK_SECS = 0.1


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a wish: done, refused with a reason, or waiting for the system to look."""

    done: bool
    refused: str = ""
    waiting: bool = False


def carry_out(store: Store, memory: Memory, request: Request, wait_secs: float = WAIT_SECS) -> Outcome:
    """Do what an operator wishes.

    Parameters
    ----------
    store, memory : Store, Memory
        Of the system that is meant.
    request : Request
    wait_secs : float
        How long to wait for a running system to take the wish up.

    Raises
    ------
    StateError
        The memory cannot be read or written.
    """
    key = f"{request.ts_ns:020d}-{uuid.uuid4().hex[:8]}"
    with store.transaction():  # a system that starts now waits for this, and then finds it done
        running = store.owner_is_alive()
        if running:
            memory.put(REQUEST, key, request)
        else:
            outcome = _do_now(memory, request)
        memory.flush_strictly()
    return _await(memory, key, wait_secs) if running else outcome


def release_owner(memory: Memory, owner: str, operator: str, reason: str, ts_ns: int) -> int:
    """Drop what a process that is gone for good holds on the shared ledger; return how many claims it had.

    Raises
    ------
    StateError
        The ledger is not shared or out of reach, or the owner is alive or not known there.
    """
    facts = load_facts(memory)
    if facts.ledger.backend == "process":
        raise StateError("ledger.backend is process: nothing is shared, there is no owner to release")
    from risk.shared_ledger import RedisLedger  # noqa: PLC0415 - only where several processes share an account

    count = RedisLedger(facts.ledger).release_owner(owner)
    details = {"owner": owner, "claims": count, "operator": operator, "reason": reason}
    memory.write(ts_ns, "operations", "OWNER_RELEASED", "", details, "WARNING")
    memory.flush_strictly()
    return count


def _do_now(memory: Memory, request: Request) -> Outcome:
    facts = load_facts(memory)
    board = BreakerBoard(facts.config, every_day=facts.every_day, memory=memory)
    event = request.event(request.ts_ns)
    refusal = board.refuse(event)
    if refusal:
        memory.write(request.ts_ns, "operations", "HAND_REFUSED", "", _details(request, refusal), "WARNING")
        return Outcome(done=False, refused=refusal)
    for one in board.apply(event):
        memory.write(request.ts_ns, "operations", f"BREAKER_{one.kind}", "", one, alarms.severity(one))
    return Outcome(done=True)


def _details(request: Request, refusal: str) -> dict[str, object]:
    return msgspec.structs.asdict(request) | {"refused": refusal}


def _await(memory: Memory, key: str, wait_secs: float) -> Outcome:
    deadline = time.monotonic() + wait_secs
    while time.monotonic() < deadline:
        answer = memory.get(ANSWER, key)
        if answer is not None:
            refused = str(msgspec.json.decode(answer)["refused"])
            memory.drop(ANSWER, key)
            memory.flush_strictly()
            return Outcome(done=not refused, refused=refused)
        time.sleep(LOOK_SECS)
    return Outcome(done=False, waiting=True)
