"""How much one address may ask of a venue: values only."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
PASSWORD = re.compile(r"://[^@]*:[^@]*@|[?&]password=")


class RateBudgetConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rate budget of one address at one venue; the same for all processes that share it.

    Attributes
    ----------
    backend : str
        ``process``: nobody else sends from this address. ``redis``: all who name the same ``namespace`` share.
    url : str
        Of Redis, without a password; ``password_secret`` names the environment variable that holds it.
    weight_per_minute : int
        What the venue allows (Binance USD-M: 2400).
    reserve_frac : float
        Share that only cancels, closes and stops may use.
    max_wait_secs : float
        A request that would have to wait longer is not sent; urgent ones wait no longer than a tenth of it.
    backoff_secs, max_backoff_secs : float
        First and longest pause after a 429 without Retry-After; doubles in between, with jitter.
    timeout_secs : float
        How long Redis may take; without it every process keeps to ``share_frac`` of the budget by itself.
    share_frac : float
        See ``timeout_secs``.
    """

    backend: Literal["process", "redis"] = "process"
    url: str = "redis://127.0.0.1:6379/0"
    namespace: str = "tidebreak-rates"
    password_secret: str = ""
    weight_per_minute: Annotated[int, Meta(ge=10, le=1_000_000)] = 2400
    reserve_frac: Annotated[float, Meta(ge=0.0, le=0.9)] = 0.2
    max_wait_secs: Annotated[float, Meta(ge=0.0, le=60.0)] = 10.0
    backoff_secs: Annotated[float, Meta(gt=0.0, le=60.0)] = 1.0
    max_backoff_secs: Annotated[float, Meta(gt=0.0, le=3600.0)] = 120.0
    timeout_secs: Annotated[float, Meta(ge=0.01, le=2.0)] = 0.25
    share_frac: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.25

    def __post_init__(self) -> None:
        """Refuse a password, other addresses than Redis', and pauses in the wrong order."""
        if PASSWORD.search(self.url):
            raise ValueError("url holds a password: name the environment variable that holds it in password_secret")
        if not self.url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError(f"url must start with redis://, rediss:// or unix://, was {self.url!r}")
        if not NAME.fullmatch(self.namespace):
            raise ValueError(f"namespace must be 1 to 64 of A-Z a-z 0-9 _ . -, was {self.namespace!r}")
        if self.max_backoff_secs < self.backoff_secs:
            raise ValueError(
                f"max_backoff_secs must be at least backoff_secs ({self.backoff_secs:g}), was {self.max_backoff_secs:g}"
            )
