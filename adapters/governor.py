"""The rate budget of one address: who may send now, who waits, who is told no (design/venues.md).

Every request asks first; every answer is told. 429 and 418 close the budget for all who share it.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Protocol

from adapters.binance.answers import BANNED, BUSY
from adapters.binance.errors import NotSentError
from adapters.config import RateBudgetConfig
from adapters.pacing import Pauses, Standing, Word, admit, note

URGENT_SHARE = 0.1  # of the longest wait: who must protect a position asks again rather than sleeps


class Ledger(Protocol):
    """Where the standing of an address is kept."""

    def admit(self, weight: int, *, urgent: bool) -> tuple[int, bool]:
        """Take a request; return 0, or how long to wait in ms, and whether that is a ban."""

    def note(self, word: Word, used: int, retry_ms: int, jitter: float) -> None:
        """Note an answer."""


class ProcessLedger:
    """The standing in this process alone.

    Parameters
    ----------
    limit, urgent_limit : int
        Weight in a minute: for everybody, and for what may use the reserve too.
    now_ms : callable
        Real time.
    """

    def __init__(
        self,
        limit: int,
        urgent_limit: int,
        pauses: Pauses,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._limits = {False: limit, True: urgent_limit}
        self._pauses = pauses
        self._now_ms = now_ms
        self._standing = Standing()
        self._turn = threading.Lock()

    def admit(self, weight: int, *, urgent: bool) -> tuple[int, bool]:
        """Take a request; return 0, or how long to wait in ms, and whether that is a ban."""
        with self._turn:
            now_ms = self._now_ms()
            self._standing, wait_ms = admit(self._standing, now_ms, weight, self._limits[urgent])
            return wait_ms, self._standing.banned and now_ms < self._standing.closed_ms

    def note(self, word: Word, used: int, retry_ms: int, jitter: float) -> None:
        """Note an answer."""
        with self._turn:
            self._standing = note(self._standing, self._now_ms(), word, used, retry_ms, self._pauses, jitter)


class Governor:
    """The budget as a client uses it (``adapters.binance.rest.RateBudget``).

    Parameters
    ----------
    ledger : Ledger
    max_wait_secs : float
        A request that would have to wait longer is not sent.
    sleep, chance : callable
        Given in tests.
    """

    def __init__(
        self,
        ledger: Ledger,
        max_wait_secs: float,
        *,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._ledger = ledger
        self._max_wait_secs = max_wait_secs
        self._sleep = sleep
        self._chance = chance

    def take(self, weight: int, *, urgent: bool) -> None:
        """Wait until a request of this weight may leave.

        Raises
        ------
        NotSentError
            It would have to wait too long, or the address is banned: nothing has left.
        """
        left_secs = self._max_wait_secs * (URGENT_SHARE if urgent else 1.0)
        while True:
            wait_ms, banned = self._ledger.admit(weight, urgent=urgent)
            if not wait_ms:
                return
            wait_secs = wait_ms / 1000.0
            if banned or wait_secs > left_secs:
                why = "this address is banned by the venue" if banned else "the rate budget is used up"
                raise NotSentError(f"not sent: {why}, for {wait_secs:.1f} s more", banned=banned)
            self._sleep(wait_secs)
            left_secs -= wait_secs

    def told(self, status: int, used_weight: int | None, retry_after_secs: float) -> None:
        """Note what an answer said of the budget."""
        self._ledger.note(_word(status), used_weight or 0, round(retry_after_secs * 1000.0), self._chance())


def _word(status: int) -> Word:
    if status == BANNED:
        return "banned"
    if status == BUSY:
        return "busy"
    return "fine" if 200 <= status < 300 else "failed"


def open_budget(config: RateBudgetConfig) -> Governor:
    """Return the budget that a configuration names.

    Raises
    ------
    ConfigError
        The password of Redis is not in the environment.
    """
    if config.backend == "process":
        return Governor(_own(config, 1.0), config.max_wait_secs)
    from adapters.shared_budget import RedisLedger  # noqa: PLC0415 - only who shares an address pays for it

    return Governor(RedisLedger(config, _own(config, config.share_frac)), config.max_wait_secs)


def _own(config: RateBudgetConfig, share_frac: float) -> ProcessLedger:
    """Return a budget of our own; the share bounds what can wait, never what protects."""
    limit = int(config.weight_per_minute * (1.0 - config.reserve_frac) * share_frac)
    return ProcessLedger(limit, config.weight_per_minute, pauses_of(config))


def pauses_of(config: RateBudgetConfig) -> Pauses:
    """Return the pauses of a configuration in ms."""
    return Pauses(round(config.backoff_secs * 1000.0), round(config.max_backoff_secs * 1000.0))
