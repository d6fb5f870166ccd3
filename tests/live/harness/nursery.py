"""Start nodes and venues fast: one process that has imported and compiled everything forks one after another.

Each is a process of its own: it can be killed, and shares nothing with the next. Run as a program this is the nursery;
``Nursery`` is what a test holds of it.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class Nursery:
    """A running nursery."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("ab")
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.harness.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def start(self, script: str, arguments: list[str], log: Path, exit_file: Path) -> int:
        """Fork ``live`` or ``simvenue`` with these arguments; return its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(json.dumps([script, arguments, str(log), str(exit_file)]) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        """End the nursery; nodes go on."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10.0)
        self._process.stdout.close()
        self._log.close()


def is_alive(pid: int) -> bool:
    """Return whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def serve() -> None:
    """Fork a process for each line of standard input."""
    import live.permission
    import live.start  # noqa: F401
    import simvenue.command  # noqa: F401
    from live.warm import warm

    warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who ends leaves no zombie
    for line in sys.stdin:
        script, arguments, log, exit_file = json.loads(line)
        child = os.fork()
        if child == 0:
            _be(script, arguments, log, Path(exit_file))
        print(child, flush=True)


def _be(script: str, arguments: list[str], log: str, exit_file: Path) -> None:
    import importlib

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    code = 99
    try:
        code = importlib.import_module(f"{script}.command").main(arguments)
    except BaseException:  # noqa: BLE001 - what ends the process is written down
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        exit_file.write_text(str(code))
        os._exit(code)


if __name__ == "__main__":
    serve()
