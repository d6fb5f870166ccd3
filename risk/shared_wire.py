"""The connection to Redis of the shared ledger: one script, one answer, in bounded time."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from errors import ConfigError
from risk.config_ledger import SharedLedgerConfig

SCRIPT = Path(__file__).with_name("shared_ledger.lua").read_text(encoding="utf-8")
SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()  # Redis names scripts so


class Wire:
    """Run steps of ``shared_ledger.lua``; any failure is a ``ConnectionError`` that says what happened.

    Raises
    ------
    ConfigError
        ``password_secret`` names an environment variable that is not set.
    """

    def __init__(self, config: SharedLedgerConfig) -> None:
        from redis import ConnectionPool, Redis  # noqa: PLC0415 - only who shares an account pays for it
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        self._where = config.url
        self._keys = [f"{{{config.namespace}}}:{name}" for name in ("epoch", "owners", "claims")]
        self._client = Redis.from_pool(
            ConnectionPool.from_url(
                config.url,
                password=_password(config.password_secret),
                socket_timeout=config.timeout_secs,
                socket_connect_timeout=config.timeout_secs,
                retry=Retry(NoBackoff(), 0),  # who asks decides what to do when there is no answer
                protocol=2,  # no greeting: a hung server costs one time-out, not three
                driver_info=None,
            )
        )

    def call[T](self, parse: Callable[[Any], T], step: str, *args: str | bytes) -> T:
        """Return the parsed answer of one step.

        Raises
        ------
        ConnectionError
            Redis cannot be reached, is slow, refuses, or answers what cannot be parsed.
        """
        from redis.exceptions import RedisError  # noqa: PLC0415

        try:
            return parse(self._run(step, *args))
        except (RedisError, OSError) as error:
            raise ConnectionError(f"the shared ledger at {self._where} does not answer: {error}") from error
        except (ValueError, TypeError, LookupError) as error:
            raise ConnectionError(f"the shared ledger at {self._where} answers nonsense: {error}") from error

    def _run(self, step: str, *args: str | bytes) -> Any:
        from redis.exceptions import NoScriptError  # noqa: PLC0415

        keys = self._keys
        try:
            return self._client.evalsha(SHA, len(keys), *keys, "known", step, *args)
        except NoScriptError:  # a server that restarted, perhaps with old data, or another one
            return self._client.eval(SCRIPT, len(keys), *keys, "afresh", step, *args)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _password(secret: str) -> str | None:
    if not secret:
        return None
    if not os.environ.get(secret):
        raise ConfigError(f"password_secret names the environment variable {secret}, which is not set")
    return os.environ[secret]
