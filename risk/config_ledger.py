"""Where reservations are kept: in this process, or on Redis for several processes on one account."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
PASSWORD = re.compile(r"://[^@]*:[^@]*@|[?&]password=")  # wide on purpose: better one odd address refused


class SharedLedgerConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ledger of claims on the account (D19). The same for all processes but ``owner`` and ``venue_account``.

    Attributes
    ----------
    url : str
        Of Redis, without a password. A numeric address is best: ``timeout_secs`` does not bound a look-up of a name.
    owner : str
        This process's name, unique on the ledger and the same after a restart; must be given with ``redis``.
    venue_account : str
        Which venue account this process's equity is of; absent: one of its own. Processes on one venue account give
        the same name, or its equity is counted twice.
    password_secret : str
        Name of the environment variable that holds the password; absent: none is needed.
    lease_secs : float
        A process that is silent for so long is dead. It says something every third of it.
    lapse_secs : float
        How long a dead process's entries that have not filled keep counting. Longer than the watchdog needs to cancel
        them (60 s).
    timeout_secs : float
        How long a decision waits for an answer of Redis.
    """

    backend: Literal["process", "redis"] = "process"
    url: str = "redis://127.0.0.1:6379/0"
    namespace: str = "tidebreak"
    owner: str = ""
    venue_account: str = ""
    password_secret: str = ""
    lease_secs: Annotated[float, Meta(ge=1.0, le=60.0)] = 10.0
    lapse_secs: Annotated[float, Meta(gt=60.0, le=3600.0)] = 120.0
    timeout_secs: Annotated[float, Meta(ge=0.01, le=2.0)] = 0.25

    def __post_init__(self) -> None:
        if PASSWORD.search(self.url):
            raise ValueError("url holds a password: name the environment variable that holds it in password_secret")
        if not self.url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError(f"url must start with redis://, rediss:// or unix://, was {self.url!r}")
        if self.backend == "redis" and not self.owner:
            raise ValueError("owner must be given with backend = 'redis': a name of its own for each process")
        for field in ("namespace", "owner", "venue_account"):
            value = getattr(self, field)
            if not NAME.fullmatch(value) and (value or field == "namespace"):
                raise ValueError(f"{field} must be 1 to 64 of A-Z a-z 0-9 _ . -, was {value!r}")
        if not 0.0 < 3.0 * self.timeout_secs <= self.lease_secs:
            raise ValueError(
                f"timeout_secs must be in (0, lease_secs / 3 = {self.lease_secs / 3.0:g}], was {self.timeout_secs:g}: "
                "a lease must not run out over one slow answer"
            )

    @property
    def account(self) -> str:
        """Return the venue account that this process's equity is of."""
        return self.venue_account or self.owner
