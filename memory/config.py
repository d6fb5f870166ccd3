"""Where the system keeps its memory: values only."""

import re
from typing import Literal
from urllib.parse import parse_qs

import msgspec

SCHEME = "postgresql://"
# As far as SQLAlchemy goes, and urlsplit does not: the "p/w" of "user:p/w@host" is a password.
USER_AND_PASSWORD = re.compile(r"[^:]*://[^@]*:[^@]*@")


class MemoryConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The store of breaker state, reservations, open trades and journal (Spec 4.2.5).

    Notes
    -----
    A password is not part of the configuration: libpq reads it from ``~/.pgpass`` or ``PGPASSWORD``.
    """

    backend: Literal["none", "sqlite", "postgresql"] = "none"
    path: str = "state/risk.sqlite"  # sqlite
    url: str = ""  # postgresql://user@host:port/database
    account: str = "default"  # several accounts may share a database

    def __post_init__(self) -> None:
        """Refuse a password, a URL of something else, and names that are empty."""
        if has_password(self.url):
            raise ValueError("url must not hold a password: put it into ~/.pgpass or PGPASSWORD")
        if self.backend == "postgresql" and not self.url.startswith(SCHEME):
            raise ValueError(f"url must be {SCHEME}user@host:port/database with backend postgresql, was {self.url!r}")
        if not self.path or not self.account:
            raise ValueError("path and account must not be empty")


def has_password(url: str) -> bool:
    """Tell whether a database URL holds a password, before the host or as a parameter.

    >>> has_password("postgresql://bot:secret@db/tidebreak"), has_password("postgresql://bot@db:5432/tidebreak")
    (True, False)
    """
    parameters = parse_qs(url.partition("?")[2], keep_blank_values=True)
    return USER_AND_PASSWORD.match(url) is not None or not parameters.keys().isdisjoint({"password", "sslpassword"})
