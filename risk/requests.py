"""What operators ask of a running system, by way of its memory (D31)."""

from collections.abc import Iterator

import msgspec
from msgspec import structs

from errors import StateError
from memory.memory import Memory
from risk.breakers.events import HandKill, HandReset

REQUEST, ANSWER = "hand_request", "hand_answer"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One wish of an operator as it is stored."""

    ts_ns: int
    action: str  # "reset" or "kill"
    operator: str
    reason: str
    breaker: str = ""
    peak: float = 0.0
    close_positions: bool = False

    def event(self, ts_ns: int) -> HandReset | HandKill:
        """Return the wish as an event at the moment it is taken up."""
        if self.action == "kill":
            return HandKill(ts_ns, self.operator, self.reason, self.close_positions)
        return HandReset(ts_ns, self.breaker, self.operator, self.reason, self.peak)


class Requests:
    """Read wishes and say what became of them."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.fault = ""  # why it is not known what operators ask for: it may be to stop

    def read(self, ts_ns: int) -> Iterator[tuple[str, HandReset | HandKill]]:
        """Yield what waits, oldest first. While it cannot be read ``fault`` says why, and no entry may be approved."""
        if not self._memory.is_kept:
            return
        try:
            waiting = self._memory.all(REQUEST)
            wishes = {key: msgspec.json.decode(body, type=Request) for key, body in waiting.items()}
        except (StateError, msgspec.DecodeError) as error:
            self.fault = f"memory cannot be read: {error}"
            return
        self.fault = ""
        for key, request in sorted(wishes.items(), key=lambda item: item[1].ts_ns):
            yield key, request.event(ts_ns)

    def answer(self, key: str, event: HandReset | HandKill, refusal: str) -> None:
        """Note what became of a wish; the caller is inside a unit of the memory."""
        self._memory.drop(REQUEST, key)
        self._memory.put(ANSWER, key, {"ts_ns": event.ts_ns, "refused": refusal} | structs.asdict(event))
