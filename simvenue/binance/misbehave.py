"""Let a request go wrong: before or after it is carried out."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from simvenue.binance.errors import ApiError
from simvenue.faults import Fault, FaultKind

REQUEST_KINDS = frozenset(
    {
        FaultKind.FAIL_BEFORE,
        FaultKind.FAIL_AFTER,
        FaultKind.CLOSE_BEFORE,
        FaultKind.CLOSE_AFTER,
        FaultKind.HANG_BEFORE,
        FaultKind.HANG_AFTER,
        FaultKind.DELAY_BEFORE,
        FaultKind.DELAY_AFTER,
        FaultKind.RATE_LIMIT,
        FaultKind.BAN,
    }
)
AFTER = frozenset({FaultKind.FAIL_AFTER, FaultKind.CLOSE_AFTER, FaultKind.HANG_AFTER, FaultKind.DELAY_AFTER})


class ConnectionCut(Exception):  # noqa: N818  (it is done on purpose)
    """Raise when the connection must be closed without an answer."""


class InjectedError(ApiError):
    """Carry an answer that a fault asked for, perhaps not in JSON."""

    def __init__(self, fault: Fault) -> None:
        limited = {FaultKind.RATE_LIMIT: (-1003, 429), FaultKind.BAN: (-1003, 418)}
        code, status = limited.get(fault.kind, (fault.code, fault.http_status))
        message = "Too many requests; please slow down." if fault.kind in limited else fault.message
        super().__init__(code, message, status)
        self.fault = fault


async def carry_out(fault: Fault | None, act: Callable[[], object]) -> object:
    """Do what a request asks for, with a fault before or after it.

    Raises
    ------
    ConnectionCut
        When the connection must be closed without an answer.
    ApiError
        When the request was refused, or a fault wants an error as the answer.
    """
    if fault is None:
        return act()
    if fault.kind not in AFTER:
        await _strike(fault)
        return act()
    try:
        answer = act()
    except ApiError:
        await _strike(fault)
        raise
    await _strike(fault)
    return answer


async def _strike(fault: Fault) -> None:
    match fault.kind:
        case FaultKind.CLOSE_BEFORE | FaultKind.CLOSE_AFTER:
            raise ConnectionCut
        case FaultKind.HANG_BEFORE | FaultKind.HANG_AFTER:
            await asyncio.sleep(fault.hang_ms / 1000)
            raise ConnectionCut
        case FaultKind.DELAY_BEFORE | FaultKind.DELAY_AFTER:
            await asyncio.sleep(fault.delay_ms / 1000)
        case _:
            raise InjectedError(fault)


HTML = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr></body></html>\r\n"


def injected_response(error: InjectedError) -> web.Response:
    """Return the HTTP answer that a fault asked for."""
    headers = {"Retry-After": str(error.fault.retry_after_s)} if error.status in (418, 429) else {}
    if error.fault.body == "html":
        reason = {502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable"}.get(
            error.status, str(error.status)
        )
        return web.Response(status=error.status, text=HTML.format(reason), content_type="text/html", headers=headers)
    return web.json_response(error.body(), status=error.status, headers=headers)
