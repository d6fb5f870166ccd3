"""The standing of an address on Redis: one step, one answer, in bounded time; without Redis each by itself."""

import hashlib
import os
from pathlib import Path
from typing import Any

from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from adapters.config import RateBudgetConfig
from adapters.governor import ProcessLedger, pauses_of
from adapters.pacing import Word
from errors import ConfigError

SCRIPT = Path(__file__).with_name("shared_budget.lua").read_text(encoding="utf-8")
SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()  # Redis names scripts so


class RedisLedger:
    """One standing for all processes that name the same namespace.

    Parameters
    ----------
    config : RateBudgetConfig
    alone : ProcessLedger
        What holds while Redis is away. It is told everything all along, so that a ban does not end with Redis.
    """

    def __init__(self, config: RateBudgetConfig, alone: ProcessLedger) -> None:
        self._alone = alone
        self._key = f"{{{config.namespace}}}:standing"
        self._limits = {
            False: int(config.weight_per_minute * (1.0 - config.reserve_frac)),
            True: config.weight_per_minute,
        }
        self._pauses = pauses_of(config)
        self._client = Redis.from_pool(
            ConnectionPool.from_url(
                config.url,
                password=_password(config.password_secret),
                socket_timeout=config.timeout_secs,
                socket_connect_timeout=config.timeout_secs,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                driver_info=None,
            )
        )

    def admit(self, weight: int, *, urgent: bool) -> tuple[int, bool]:
        """Take a request; return 0, or how long to wait in ms, and whether that is a ban."""
        answer = self._run("admit", weight, self._limits[urgent])
        return self._alone.admit(weight, urgent=urgent) if answer is None else answer

    def note(self, word: Word, used: int, retry_ms: int, jitter: float) -> None:
        """Note an answer."""
        self._alone.note(word, used, retry_ms, jitter)
        self._run("note", word, used, retry_ms, self._pauses.first_ms, self._pauses.longest_ms, repr(jitter))

    def _run(self, *args: str | int) -> tuple[int, bool] | None:
        """Return wait and ban as Redis answers, None when it does not."""
        try:
            wait_ms, banned = self._evaluate(*args)
            return int(wait_ms), bool(int(banned))
        except (RedisError, OSError, ValueError, TypeError):
            return None

    def _evaluate(self, *args: str | int) -> Any:
        try:
            return self._client.evalsha(SHA, 1, self._key, *args)
        except NoScriptError:
            return self._client.eval(SCRIPT, 1, self._key, *args)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _password(secret: str) -> str | None:
    if not secret:
        return None
    if not os.environ.get(secret):
        raise ConfigError(f"password_secret names the environment variable {secret}, which is not set")
    return os.environ[secret]
