"""A web server on loopback whose answers a test writes, and a loader that remembers."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import numpy as np

from catalog.candles import Candles, concat


@dataclass
class Answer:
    """What to send, after ``before``. It ends, or waits for ``release``, ``cut_after`` bytes into the body.

    With ``status`` 0 the connection is closed without an answer.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] = int
    cut_after: int | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event | None = None


@dataclass(frozen=True)
class Asked:
    path: str
    query: Mapping[str, str]
    range: str | None
    method: str = "GET"
    key: str | None = None


class Loopback:
    """Serve ``respond(asked)`` on 127.0.0.1; ``first[path]`` holds answers that are given before it, once each."""

    def __init__(self, respond: Callable[[Asked], Answer]) -> None:
        self.respond = respond
        self.first: dict[str, list[Answer]] = {}
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            queued = self.first.get(asked.path)
            return queued.pop(0) if queued else self.respond(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                key = self.headers["X-MBX-APIKEY"]
                answer = outer.answer(Asked(parts.path, query, self.headers["Range"], self.command, key))
                answer.before()
                if not answer.status:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body[: answer.cut_after])
                self.wfile.flush()
                answer.reached.set()
                if answer.release is not None:
                    answer.release.wait(30)

            def do_POST(self) -> None:
                self.do_GET()

            def do_DELETE(self) -> None:
                self.do_GET()

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


@dataclass
class RecordingLoader:
    """Remember what a source handed over; ``stored`` is what the catalog is said to hold."""

    stored: dict[tuple[str, str], int] = field(default_factory=dict)
    metadata: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    batches: list[tuple[str, str, Candles, str, str]] = field(default_factory=list)
    rates: list[tuple[str, np.ndarray, np.ndarray, str, str]] = field(default_factory=list)

    def instrument_metadata(self, instrument_id: str, metadata: Mapping[str, Any] | None) -> None:
        assert instrument_id not in self.metadata
        self.metadata[instrument_id] = metadata

    def candles(self, instrument_id: str, interval: str, candles: Candles, *, source: str, sha256: str) -> None:
        self.batches.append((instrument_id, interval, candles, source, sha256))

    def funding(self, instrument_id: str, ts_ns: Any, rate: Any, *, source: str, sha256: str) -> None:
        self.rates.append((instrument_id, ts_ns, rate, source, sha256))

    def last_close_ns(self, instrument_id: str, interval: str) -> int | None:
        return self.stored.get((instrument_id, interval))

    def all_candles(self) -> Candles:
        return concat([batch[2] for batch in self.batches])
