"""Fetch files of a public archive into a directory: verified by checksum, resumable, each at most once."""

import fcntl
import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from catalog.sources.http_get import MissingError, PastEndError, chunks, continues, get
from catalog.sources.retry import Backoff, retrying
from errors import ConfigError, DataError, RetryableError


@dataclass(frozen=True, slots=True)
class Verified:
    """Name a file whose bytes match the checksum that its publisher states."""

    url: str
    path: Path
    sha256: str
    from_cache: bool


class Downloader:
    """Fetch ``base_url/key`` and ``base_url/key.CHECKSUM`` into ``cache/key``; threads may share one.

    Parameters
    ----------
    base_url : str
        ``http://`` or ``https://``.
    cache : Path
        Verified files stay here with their checksum and are not fetched again. ``.part`` files are continued.
    backoff : Backoff
        For what fails for now: no connection, time-outs, 408, 418, 425, 429 and 5xx.
    timeout_secs : float
        Longest silence of the server.
    """

    def __init__(self, base_url: str, cache: Path, backoff: Backoff, timeout_secs: float = 30.0) -> None:
        if urlsplit(base_url).scheme not in {"http", "https"} or not urlsplit(base_url).netloc:
            raise ConfigError(f"--base-url must start with http:// or https:// and name a host, was '{base_url}'")
        self._base_url = base_url.rstrip("/")
        self._cache = cache
        self._backoff = backoff
        self._timeout_secs = timeout_secs
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Make running and later calls of `fetch` end soon, with their partial files kept."""
        self._stopped.set()

    def fetch(self, key: str) -> Verified | None:
        """Return the verified file of ``key``, None when the archive has none (404).

        Raises
        ------
        DataError
            Checksum missing, malformed or not matched twice, or the cache cannot be written.
        RetryableError
            The server failed more often than the backoff allows, or `stop` was called.
        FatalError
            The server refuses (4xx).
        """
        path = self._cache / key
        url = f"{self._base_url}/{quote(key)}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return _cached(url, path) or self._download(url, path)
        except OSError as error:
            raise DataError(f"{path}: cannot be written ({error.strerror or error})") from error

    def _download(self, url: str, path: Path) -> Verified | None:
        for _ in range(2):
            part = self._file(url, path.with_name(path.name + ".part"))
            if part is None:
                return None
            listing = self._listing(f"{url}.CHECKSUM")
            expected, actual = _parse_checksum(listing, f"{url}.CHECKSUM"), sha256_of(part)
            if actual == expected:
                _checksum_path(path).write_text(listing)
                part.replace(path)
                return Verified(url, path, expected, from_cache=False)
            part.unlink()
        raise DataError(
            f"{url}: sha256 must be {expected} (its .CHECKSUM), was {actual}, twice; not loaded. "
            "Try again later, or load around it with --start and --end"
        )

    def _file(self, url: str, part: Path) -> Path | None:
        try:
            retrying(lambda: self._continue(url, part), self._backoff, self._wait)
        except MissingError:
            part.unlink()
            return None
        except PastEndError:
            pass  # an earlier process fetched it all, but did not come to verify it
        return part

    def _continue(self, url: str, part: Path) -> None:
        with part.open("ab") as file, get(url, self._timeout_secs, file.tell()) as response:
            if not continues(response, file.tell()):
                file.truncate(0)
            for chunk in chunks(response, url):
                file.write(chunk)
                file.flush()  # what a killed process had received is not asked for again
                self._wait(0.0)

    def _listing(self, url: str) -> str:
        try:
            return retrying(lambda: self._text(url), self._backoff, self._wait)
        except MissingError:
            raise DataError(f"{url}: must be there to verify the file, was 404; file not loaded") from None

    def _text(self, url: str) -> str:
        with get(url, self._timeout_secs) as response:
            return b"".join(chunks(response, url)).decode(errors="replace")

    def _wait(self, secs: float) -> None:
        if self._stopped.wait(secs):
            raise RetryableError("stopped; the next start continues from here")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold ``path`` against other processes that load the same files into the same cache; wait for them."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); choose another --cache") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cached(url: str, path: Path) -> Verified | None:
    if not path.exists() or not _checksum_path(path).exists():
        return None
    actual = sha256_of(path)
    stated = _checksum_path(path).read_text(errors="replace").split()
    return Verified(url, path, actual, from_cache=True) if stated[:1] == [actual] else None


def _checksum_path(path: Path) -> Path:
    return path.with_name(path.name + ".CHECKSUM")


def _parse_checksum(listing: str, where: str) -> str:
    first = (listing.split() or [""])[0].lower()
    if re.fullmatch(r"[0-9a-f]{64}", first) is None:
        raise DataError(f"{where}: must start with the 64 hexadecimal digits of a SHA-256, was '{listing[:40]!r}'")
    return first
