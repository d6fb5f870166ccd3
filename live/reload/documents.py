"""What command and node say to each other, by way of the memory: both survive until they are answered."""

import msgspec

from errors import StateError
from live.config import LiveConfig
from memory.memory import Memory

REQUEST, ANSWER, CONFIG, RUNNING = "reload_request", "reload_answer", "live_config", "running"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The wish that a configuration count for new entries."""

    ts_ns: int
    config: LiveConfig
    operator: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it."""

    old: str
    new: str
    refused: str = ""


def load_running(memory: Memory) -> LiveConfig:
    """Return what a running system trades with.

    Raises
    ------
    StateError
        Nothing is kept, or it cannot be read: it was written by another version.
    """
    body = memory.get(CONFIG, RUNNING)
    if body is None:
        raise StateError("memory: no live system has been started on it")
    try:
        return msgspec.json.decode(body, type=LiveConfig)
    except msgspec.DecodeError as error:
        raise StateError(f"memory: the running configuration cannot be read ({error})") from error


def load_requests(memory: Memory) -> dict[str, Request | str]:
    """Return the requests that wait, oldest first; text says why one cannot be read."""
    found: dict[str, Request | str] = {}
    for key, body in sorted(memory.all(REQUEST).items()):
        try:
            found[key] = msgspec.json.decode(body, type=Request)
        except msgspec.DecodeError as error:
            found[key] = f"the request cannot be read ({error}): is the command of this version?"
    return found
