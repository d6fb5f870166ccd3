"""The command line of ``scripts/live.py reload``."""

import argparse
import getpass
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from research.process_edge import run_to_exit_code

if TYPE_CHECKING:
    from live.config import LiveConfig
    from live.reload.documents import Answer
    from memory.memory import Memory

REFUSED, WAITING = 1, 3
LOOK_SECS = 0.1


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="live.py reload",
        description="Have a running system follow another configuration in new entries: [strategy], [entry], [exits] "
        "and [risk]. Open trades keep their plan. Rules are warmed up from history first; until then the old ones go "
        "on. With environment = 'live' the new configuration needs an approval of its own.",
        epilog="exit codes: 0 done or nothing to do, 1 the system refused, 2 bad input: nothing was sent, "
        "3 not answered yet",
    )
    found.add_argument("config", type=Path, metavar="CONFIG", help="the new TOML file; it names the running system")
    found.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides", help="set one value"
    )
    found.add_argument("--operator", default="", help="who does this, for the journal (default: the user's name)")
    found.add_argument("--wait", type=float, default=60.0, metavar="SECS", help="for the answer (default: 60)")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    return run_to_exit_code(lambda: _go(options), interrupted="interrupted: the system may still take it up")


def _go(options: argparse.Namespace) -> int:
    from configs.load import load  # noqa: PLC0415 - heavy: --help must not wait for it
    from errors import StateError  # noqa: PLC0415
    from live.config import LiveConfig  # noqa: PLC0415
    from live.start import memory_of  # noqa: PLC0415
    from memory.memory import Memory  # noqa: PLC0415
    from memory.store import open_store  # noqa: PLC0415

    config = load(LiveConfig, options.config, options.overrides)
    store = open_store(memory_of(config), create=False)
    try:
        if not store.owner_is_alive():
            raise StateError(f"{config.state_path}: no system runs there: start it with the new file")
        return _ask(Memory(store), config, options)
    finally:
        store.close()


def _ask(memory: "Memory", config: "LiveConfig", options: argparse.Namespace) -> int:
    from live.reload.changes import changes_of  # noqa: PLC0415
    from live.reload.documents import REQUEST, Request, load_running  # noqa: PLC0415

    running = load_running(memory)
    changes = changes_of(running, config)
    if not changes:
        print(f"nothing to do: the system trades with this configuration ({running.hash})")
        return 0
    _check_approval(config)
    for key, (before, after) in changes.items():
        print(f"{key}: {before} -> {after}")
    key = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
    operator = options.operator.strip() or getpass.getuser()
    memory.put(REQUEST, key, Request(ts_ns=time.time_ns(), config=config, operator=operator))
    memory.flush_strictly()
    return _say(_await(memory, key, options.wait))


def _check_approval(config: "LiveConfig") -> None:
    if config.live.environment == "live":
        from research.approval.verify import verify_approval  # noqa: PLC0415 - only real money needs it

        verify_approval(Path(config.live.approval), config, now_ns=time.time_ns())


def _await(memory: "Memory", key: str, wait_secs: float) -> "Answer | None":
    import msgspec  # noqa: PLC0415

    from live.reload.documents import ANSWER, Answer  # noqa: PLC0415

    deadline = time.monotonic() + wait_secs
    while time.monotonic() < deadline:
        body = memory.get(ANSWER, key)
        if body is not None:
            memory.drop(ANSWER, key)
            memory.flush_strictly()
            return msgspec.json.decode(body, type=Answer)
        time.sleep(LOOK_SECS)
    return None


def _say(answer: "Answer | None") -> int:
    if answer is None:
        print("noted; the running system has not answered yet: look for CONFIG_RELOADED in its journal")
        return WAITING
    if answer.refused:
        print(f"refused: {answer.refused}", file=sys.stderr)
        return REFUSED
    print(f"done: {answer.old} -> {answer.new}; new entries follow it, open trades keep their plan")
    print("start the system with this file from now on: a restart reads the file that it is given")
    return 0
