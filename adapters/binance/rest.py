"""Requests that carry the key, the signature and the venue's own time; each is sent once."""

import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from adapters.binance.answers import body_of, is_fault
from adapters.binance.errors import NotSentError, VenueRefusedError, VenueUnknownError
from adapters.binance.signing import Parameters, query_of, signed
from adapters.binance.wire import Wire
from risk.messages import ApiCall

STALE_TIMESTAMP = -1021
RECV_WINDOW_MS = 5000


class RateBudget(Protocol):
    """The requests that one address may send, shared with whoever else sends from it (``adapters.governor``)."""

    def take(self, weight: int, *, urgent: bool) -> None:
        """Wait until a request of this weight may leave; raise ``NotSentError`` when that would take too long."""

    def told(self, status: int, used_weight: int | None, retry_after_secs: float) -> None:
        """Note what an answer said of the budget."""


class _ServerTime(msgspec.Struct):
    server_time: int = msgspec.field(name="serverTime")


class Rest:
    """Send requests of one account.

    Parameters
    ----------
    url : str
        Base address.
    key, secret : str
        Empty: only what needs no signature works.
    timeout_secs : float
        For each request.
    time_path : str
        Where the venue tells its time.
    budget : RateBudget, optional
        None: nobody else sends from here, and little is sent.
    on_call : callable, optional
        Told of every answer, for the API breaker (D27).
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        secret: str = "",
        timeout_secs: float = 5.0,
        *,
        time_path: str = "/fapi/v1/time",
        budget: RateBudget | None = None,
        on_call: Callable[[ApiCall], None] | None = None,
    ) -> None:
        self._wire = Wire(url, timeout_secs)
        self._key = key
        self._secret = secret
        self._time_path = time_path
        self._budget = budget
        self._on_call = on_call
        self._offset_ns: int | None = None  # the venue's clock ahead of ours

    def get(self, path: str, parameters: Parameters, weight: int, *, urgent: bool = False) -> bytes:
        """Return what a public request answers."""
        return self._send("GET", path, query_of(parameters), weight, urgent=urgent)

    def signed(self, method: str, path: str, parameters: Parameters, weight: int, *, urgent: bool = False) -> bytes:
        """Return what a signed request answers.

        A timestamp that the venue refuses (-1021: nothing was done) is corrected by the venue's clock, once.

        Raises
        ------
        VenueRefusedError, VenueUnknownError, NotSentError
            See ``adapters.binance.errors``.
        """
        if self._offset_ns is None:
            self._measure_offset()
        try:
            return self._sign_and_send(method, path, parameters, weight, urgent=urgent)
        except VenueRefusedError as error:
            if error.code != STALE_TIMESTAMP:
                raise
        self._measure_offset()
        return self._sign_and_send(method, path, parameters, weight, urgent=urgent)

    def server_time_ns(self) -> int:
        """Return the venue's clock."""
        answer = self._send("GET", self._time_path, "", 1, urgent=True)
        try:
            return msgspec.json.decode(answer, type=_ServerTime).server_time * 1_000_000
        except msgspec.DecodeError as error:
            raise VenueUnknownError(f"GET {self._time_path}", f"unreadable answer: {error}") from error

    def _measure_offset(self) -> None:
        before = time.time_ns()
        try:
            server = self.server_time_ns()
        except VenueUnknownError as error:
            raise NotSentError(f"the venue does not tell its time, nothing was sent: {error}") from error
        self._offset_ns = server - (before + time.time_ns()) // 2

    def _sign_and_send(self, method: str, path: str, parameters: Parameters, weight: int, *, urgent: bool) -> bytes:
        now_ms = (time.time_ns() + (self._offset_ns or 0)) // 1_000_000
        stamped = {**parameters, "recvWindow": RECV_WINDOW_MS, "timestamp": now_ms}
        return self._send(method, path, signed(query_of(stamped), self._secret), weight, urgent=urgent)

    def _send(self, method: str, path: str, query: str, weight: int, *, urgent: bool) -> bytes:
        self._wait_for_budget(weight, urgent=urgent)
        try:
            body = self._exchange(method, path, query)
        except (VenueRefusedError, VenueUnknownError, NotSentError) as error:
            self._tell_call(failed=is_fault(error), banned=getattr(error, "banned", False))
            raise
        self._tell_call(failed=False)
        return body

    def _wait_for_budget(self, weight: int, *, urgent: bool) -> None:
        """Take what the request costs. One that has to stay is no API error, unless the address is banned."""
        if self._budget is None:
            return
        try:
            self._budget.take(weight, urgent=urgent)
        except NotSentError as error:
            if error.banned:
                self._tell_call(failed=True, banned=True)
            raise

    def _exchange(self, method: str, path: str, query: str) -> bytes:
        raw = self._wire.send(method, path, query, {"X-MBX-APIKEY": self._key} if self._key else {})
        used = raw.headers.get("x-mbx-used-weight-1m", "")
        try:
            body = body_of(f"{method} {path}", raw)
        except VenueUnknownError as error:
            self._tell_budget(raw.status, used, error.retry_after_secs)
            raise
        self._tell_budget(raw.status, used, 0.0)
        return body

    def _tell_budget(self, status: int, used: str, retry_after_secs: float) -> None:
        if self._budget is not None:
            self._budget.told(status, int(used) if used.isdecimal() else None, retry_after_secs)

    def _tell_call(self, *, failed: bool, banned: bool = False) -> None:
        if self._on_call is not None:
            self._on_call(ApiCall(ts_ns=time.time_ns(), venue="BINANCE", failed=failed, banned=banned))
