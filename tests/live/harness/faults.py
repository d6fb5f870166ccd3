"""Every way in which the venue can misbehave, as something that is switched on before an act and off after it."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.live.harness.drive import Drive
from tests.live.harness.venue import SYMBOL

ORDER_PATHS = ("/fapi/v1/order", "/fapi/v1/algoOrder")
METHODS = ("POST", "PUT", "DELETE")
EVENTS = ("ORDER_TRADE_UPDATE", "ALGO_UPDATE")


class FaultCase(NamedTuple):
    """``strike`` comes before the act, ``after`` behind it; the fault lasts ``secs`` and is then taken away."""

    name: str
    strike: Callable[[Drive], None]
    after: Callable[[Drive], None] = lambda _drive: None
    secs: float = 0.5
    heal: Callable[[Drive], None] = lambda drive: drive.venue.disarm()
    sets: tuple[str, ...] = ()


def _requests(kind: str, drive: Drive, *, count: int = 1, **how: Any) -> None:
    """Strike the next order request of each method and path."""
    for path in ORDER_PATHS:
        for method in METHODS:
            drive.venue.arm(kind, method=method, path=path, count=count, **how)


def _events(kind: str, drive: Drive, **how: Any) -> None:
    """Strike the next order events of the account."""
    for event in EVENTS:
        drive.venue.arm(kind, event=event, **how)


def _request(name: str, kind: str, secs: float = 0.5, **how: Any) -> FaultCase:
    return FaultCase(name, functools.partial(_requests, kind, **how), secs=secs)


def _event(name: str, kind: str, secs: float = 0.5, **how: Any) -> FaultCase:
    return FaultCase(name, functools.partial(_events, kind, **how), secs=secs)


def _sockets(which: str, how: str) -> Callable[[Drive], None]:
    return lambda drive: drive.venue.post("/sockets", which=which, how=how)


def _restart(drive: Drive) -> None:
    drive.venue.stop()
    drive.venue.start()


def _stale(stale: bool) -> Callable[[Drive], None]:
    return lambda drive: drive.venue.post("/stale", symbol=SYMBOL, stale=stale)


def _skew(millis: int) -> Callable[[Drive], None]:
    return lambda drive: drive.venue.skew(millis)


FAULTS = {
    fault.name: fault
    for fault in (
        FaultCase("none", lambda _drive: None, secs=0.0),
        _request("commit_503_json", "fail_after"),
        _request("commit_503_html", "fail_after", body="html"),
        _request("commit_502_html", "fail_after", http_status=502, body="html"),
        _request("commit_close", "close_after"),
        _request("commit_hang", "hang_after", hang_ms=4_000, secs=4.5),
        _request("commit_slow", "delay_after", delay_ms=1_500, secs=2.0),
        _request("fail_503_json", "fail_before"),
        _request("fail_502_html", "fail_before", http_status=502, body="html"),
        _request("fail_400", "fail_before", http_status=400, code=-1001),
        _request("fail_close", "close_before"),
        _request("fail_hang", "hang_before", hang_ms=4_000, secs=4.5),
        _request("fail_twice", "fail_before", count=2),
        _request("limit_429", "rate_limit", retry_after_s=1),
        _request("limit_429_long", "rate_limit", count=0, retry_after_s=2, secs=2.0),
        _request("ban_418", "ban", retry_after_s=2),
        _event("drop_event", "drop_event"),
        _event("drop_events", "drop_event", count=0, secs=1.0),
        _event("duplicate_event", "duplicate_event", count=0),
        _event("reorder_event", "reorder_event"),
        _event("delay_event", "delay_event", delay_ms=1_500, secs=2.0),
        FaultCase("close_user", _sockets("user", "close")),
        FaultCase("close_user_after", lambda _drive: None, after=_sockets("user", "close")),
        FaultCase("close_all", _sockets("all", "close")),
        FaultCase("half_open_user", _sockets("user", "half_open"), secs=1.0),
        FaultCase("half_open_all", _sockets("all", "half_open"), secs=1.0),
        FaultCase("listen_key", lambda drive: drive.venue.post("/listen_key/expire")),
        FaultCase("skew_ahead", _skew(3_000), heal=_skew(0)),
        FaultCase("skew_behind", _skew(-7_000), heal=_skew(0)),
        FaultCase("stale_book", lambda _drive: None, after=_stale(True), secs=1.0, heal=_stale(False)),
        FaultCase(
            "fill_on_cancel",
            lambda drive: drive.venue.arm("fill_on_cancel", count=2),
            secs=2.5,
            sets=("entry.reprice_secs=1", "entry.cancel_secs=2"),
        ),
        FaultCase("stop_unfilled", lambda _drive: None, after=Drive.jump_stop, secs=1.0),
        FaultCase("down", lambda drive: drive.venue.post("/down", down_ms=1_500), secs=2.0),
        FaultCase("restart", lambda _drive: None, after=_restart, secs=1.0),
    )
}
