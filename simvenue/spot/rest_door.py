"""The REST door of spot: JSON, or SBE for a client that accepts nothing else."""

from typing import TYPE_CHECKING

from aiohttp import web

from simvenue.binance.errors import ApiError
from simvenue.binance.http import RestDoor
from simvenue.spot.sbe.answers import BY_PATH
from simvenue.spot.sbe.writer import SCHEMA_ID, SCHEMA_VERSION
from simvenue.spot.venue import SpotVenue

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = f"{SCHEMA_ID}:{SCHEMA_VERSION}"


class SpotRestDoor(RestDoor[SpotVenue]):
    """Render an answer as the request's headers ask."""

    def render(self, request: web.Request, answer: object) -> tuple[bytes, str]:
        accepted = request.headers.get("Accept", "")
        if "application/sbe" not in accepted or "application/json" in accepted:
            return super().render(request, answer)
        if request.headers.get("X-MBX-SBE") != SCHEMA:
            raise ApiError(-1152, f"Invalid X-MBX-SBE header: only <SchemaId>:<Version> {SCHEMA} is simulated.")
        encode: Callable[[object], bytes] | None = BY_PATH.get((request.method, request.path))
        if encode is None:
            raise ApiError(-1000, "This answer is not simulated in SBE.")
        return encode(answer), "application/sbe"
