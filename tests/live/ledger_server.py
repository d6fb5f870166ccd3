"""Redis for the tests of the shared ledger: a namespace of the real one, or a private one that can be hurt."""

import json
import math
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from risk.config_ledger import SharedLedgerConfig
from risk.ledger import Claim
from risk.shared_ledger import RedisLedger
from risk.shared_wire import SCRIPT

HOST, PORT = "127.0.0.1", 6379
SERVER = Path("/usr/bin/redis-server")
NEVER_AGAIN = Retry(NoBackoff(), 0)
LONG_AGO = {"at": 1, "version": 1}  # an epoch that everybody has had time for


def claim(key: str, reserved: float = 0.0, open_risk: float = 0.0) -> Claim:
    return Claim(
        key=key,
        instrument_id=f"{key}.X",
        asset_class="crypto",
        strategy="breakout",
        reserved=reserved,
        open_risk=open_risk,
    )


def until(holds: Callable[[], Any], secs: float = 20.0) -> Any:
    """Wait for something to become true."""
    deadline = time.monotonic() + secs
    while not (found := holds()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.005)
    return found


class Space:
    """One namespace: ledgers on it, and a look behind them."""

    def __init__(self, port: int, **settings: Any) -> None:
        self.name = f"test-{uuid.uuid4().hex}"
        self.settings = {"url": f"redis://{HOST}:{port}/0", "namespace": self.name} | settings
        self.client = redis.Redis(host=HOST, port=port, socket_timeout=10.0, retry=NEVER_AGAIN, decode_responses=True)
        self.made: list[RedisLedger] = []

    def config(self, owner: str, **settings: Any) -> SharedLedgerConfig:
        values: dict[str, Any] = {"lease_secs": 60.0, "timeout_secs": 2.0, "owner": owner} | self.settings | settings
        return SharedLedgerConfig(backend="redis", **values)

    def ledger(self, owner: str, **settings: Any) -> RedisLedger:
        """Return a ledger that is closed after the test; it has not said anything yet."""
        self.made.append(RedisLedger(self.config(owner, **settings)))
        return self.made[-1]

    def member(self, owner: str, equity: float = 1000.0, **settings: Any) -> RedisLedger:
        """Return a ledger that is registered and has no thread: it speaks when told to (``publish``)."""
        ledger = self.ledger(owner, **settings)
        ledger.tell_equity(equity)
        assert ledger.publish()
        assert ledger.publish()
        return ledger

    def key(self, name: str) -> str:
        return f"{{{self.name}}}:{name}"

    def settle(self) -> Self:
        """Make the epoch an old one, and the server one that is known."""
        self.client.script_load(SCRIPT)
        self.client.hset(self.key("epoch"), mapping=LONG_AGO)
        return self

    def record(self, owner: str) -> dict[str, Any]:
        found = self.client.hget(self.key("owners"), owner)
        return json.loads(found) if found else {}

    def pass_time(self, owner: str, secs: float) -> None:
        """Let an owner have been silent for longer."""
        times = ("told", "beat", "lease", "lapses", "stale")
        record = self.record(owner)
        record |= {name: record[name] - round(secs * 1000.0) for name in times}
        self.client.hset(self.key("owners"), owner, json.dumps(record))

    def now_ms(self) -> int:
        """Return Redis' own time."""
        secs, micros = self.client.time()
        return int(secs) * 1000 + int(micros) // 1000

    def age_secs(self) -> float:
        """Return how long ago the ledger was begun."""
        return (self.now_ms() - int(self.client.hget(self.key("epoch"), "at"))) / 1000.0

    def stored(self) -> dict[str, float]:
        """Return the risk that Redis holds, by ``owner:key``."""
        return {
            field: math.nan
            if None in (value["reserved"], value["open_risk"])
            else value["reserved"] + value["open_risk"]
            for field, value in (
                (field, json.loads(text)) for field, text in self.client.hgetall(self.key("claims")).items()
            )
        }

    def end(self) -> None:
        for ledger in self.made:
            ledger.close()
        with suppress(redis.RedisError):
            self.client.delete(*(self.key(name) for name in ("epoch", "owners", "claims")))
        self.client.close()


@contextmanager
def space(port: int = PORT, **settings: Any) -> Iterator[Space]:
    """Yield a namespace; nothing of it is left afterwards. Skips where there is no server."""
    found = Space(port, **settings)
    try:
        found.client.ping()
    except redis.RedisError:
        found.client.close()
        pytest.skip(f"no server: Redis on {HOST}:{port}")
    try:
        yield found
    finally:
        found.end()


class PrivateRedis:
    """A server of our own that can be killed, stopped in its tracks and started again, empty or from its file."""

    def __init__(self, folder: Path, *options: str) -> None:
        if not SERVER.is_file():
            pytest.skip(f"no server: {SERVER} is not installed")
        self.folder = folder
        self.options = options
        with socket.create_server((HOST, 0)) as taken:
            self.port = int(taken.getsockname()[1])
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        command = [str(SERVER), "--port", str(self.port), "--bind", HOST, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [*command, "--dir", str(self.folder), "--logfile", str(self.folder / "log"), *self.options]
        )
        until(self._accepts)
        return self

    def _accepts(self) -> bool:
        with suppress(OSError), socket.create_connection((HOST, self.port), timeout=1.0) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(1) in (b"+", b"-")  # a server with a password answers -NOAUTH
        return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
