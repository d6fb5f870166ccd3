"""GET over HTTP with the standard library: what failed for now, what for good, what is not there."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from catalog.sources.retry import TryLaterError, parse_retry_after
from errors import FatalError

_CHUNK_BYTES = 1 << 18
_BUSY = frozenset({408, 418, 425, 429})  # and every 5xx


class MissingError(Exception):
    """The server has no such file (404); never leaves this package."""


class PastEndError(Exception):
    """The file ends before the byte that was asked for (416); never leaves this package."""


@contextmanager
def get(url: str, timeout_secs: float, first_byte: int = 0) -> Iterator[Any]:
    """Open ``url``, from ``first_byte`` on if the server can (status 206).

    Raises
    ------
    MissingError
        404.
    PastEndError
        416.
    TryLaterError
        No connection, time-out, 408, 418, 425, 429, 5xx; with the ``Retry-After`` of the answer.
    FatalError
        Any other status of 400 and above.
    """
    headers = {"User-Agent": "tidebreak"} | ({"Range": f"bytes={first_byte}-"} if first_byte else {})
    request = urllib.request.Request(url, headers=headers)
    try:
        response = urllib.request.urlopen(request, timeout=timeout_secs)
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error, url) from None
    except (OSError, http.client.HTTPException) as error:
        raise TryLaterError(f"{url}: {_reason(error)}") from error
    with response:
        yield response


def chunks(response: Any, url: str) -> Iterator[bytes]:
    """Yield the body of ``response``; raise `TryLaterError` when the connection ends before the body does."""
    while chunk := _read(response, url):
        yield chunk
    if response.length:
        raise TryLaterError(f"{url}: connection closed with {response.length} bytes to come")


def continues(response: Any, first_byte: int) -> bool:
    """Return whether the body of ``response`` starts at ``first_byte`` of the file."""
    return response.status == 206 and (response.headers["Content-Range"] or "").startswith(f"bytes {first_byte}-")


def _read(response: Any, url: str) -> bytes:
    try:
        return bytes(response.read1(_CHUNK_BYTES))
    except (OSError, http.client.HTTPException) as error:
        raise TryLaterError(f"{url}: {_reason(error)}") from error


def _refusal(error: urllib.error.HTTPError, url: str) -> Exception:
    if error.code == 404:
        return MissingError(url)
    if error.code == 416:
        return PastEndError(url)
    message = f"{url}: HTTP {error.code} {error.reason}"
    if error.code in _BUSY or error.code >= 500:
        return TryLaterError(message, parse_retry_after(error.headers.get("Retry-After")))
    return FatalError(f"{message}; the server will not give this file")


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return f"no answer ({cause or type(cause).__name__})"
