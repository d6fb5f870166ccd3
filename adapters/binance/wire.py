"""One request on one fresh connection, in bounded time.

A connection of its own costs a handshake and buys certainty: none is ever found half closed with a request in it.
"""

import http.client
import ssl
import time
from functools import cache
from urllib.parse import urlsplit

from adapters.binance.answers import Raw
from adapters.binance.errors import NotSentError, VenueUnknownError
from errors import ConfigError

CHUNK_BYTES = 1 << 16


class Wire:
    """Send requests to one base address.

    Parameters
    ----------
    url : str
        ``https://host``, or ``http://host:port`` on loopback.
    timeout_secs : float
        For the whole of a request: connect, send, wait, read. Looking up the host's name is not bounded by it.
    """

    def __init__(self, url: str, timeout_secs: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"url must be http(s)://host[:port], was {url!r}")
        self._host, self._port = parts.hostname, parts.port
        self._secure = parts.scheme == "https"
        self._base = parts.path.rstrip("/")
        self._timeout_secs = timeout_secs

    def send(self, method: str, path: str, query: str, headers: dict[str, str]) -> Raw:
        """Return the answer.

        Raises
        ------
        NotSentError
            No connection: nothing has left.
        VenueUnknownError
            Something left, and no whole answer came back in time.
        """
        request = f"{method} {path}"
        deadline = time.monotonic() + self._timeout_secs
        connection = self._connection()
        try:
            try:
                connection.connect()
            except OSError as error:
                raise NotSentError(f"{request}: cannot reach {self._host}: {_reason(error)}") from error
            try:
                return self._exchange(connection, deadline, method, path, query, headers)
            except (OSError, http.client.HTTPException) as error:
                raise VenueUnknownError(request, _reason(error)) from error
        finally:
            connection.close()

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        deadline: float,
        method: str,
        path: str,
        query: str,
        headers: dict[str, str],
    ) -> Raw:
        target = f"{self._base}{path}{f'?{query}' if query else ''}"
        connection.sock.settimeout(_left(deadline))
        connection.request(method, target, headers={"Connection": "close", **headers})
        socket = connection.sock  # the answer takes it over: its time is limited through this name
        with connection.getresponse() as response:
            body = bytearray()
            while not response.isclosed():
                socket.settimeout(_left(deadline))
                body += response.read1(CHUNK_BYTES)
            if response.length:
                raise http.client.IncompleteRead(bytes(body), response.length)
            return Raw(response.status, {name.lower(): value for name, value in response.getheaders()}, bytes(body))

    def _connection(self) -> http.client.HTTPConnection:
        if self._secure:
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout_secs, context=_trusted())
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_secs)


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0.0:
        raise TimeoutError("timed out")
    return left


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
