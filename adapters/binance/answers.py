"""What an HTTP answer of Binance means: done, refused, or unknown. Pure."""

from collections.abc import Mapping

import msgspec

from adapters.binance.errors import VenueRefusedError, VenueUnknownError

BANNED, BUSY = 418, 429
# The venue's own words for "I do not know what became of it", whatever the status they come with.
UNKNOWN_CODES = frozenset({-1000, -1001, -1006, -1007})
OWN_FAULTS = range(-1999, -999)  # general, network and request faults; beyond are verdicts about single orders


class Raw(msgspec.Struct, frozen=True):
    """An answer as it came; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Refusal(msgspec.Struct):
    code: int
    msg: str = ""


def body_of(request: str, raw: Raw) -> bytes:
    """Return the body of an answer that says it was done.

    Raises
    ------
    VenueRefusedError
        The venue says with a code that it was not done.
    VenueUnknownError
        Anything else: 5xx, 408, 418, 429, a redirect, a page of a gateway in between.
    """
    if 200 <= raw.status < 300:
        return raw.body
    refusal = _refusal(raw.body)
    if raw.status in (BANNED, BUSY) or not 400 <= raw.status < 500 or raw.status == 408:
        raise _unknown(request, raw, refusal)
    if refusal is None or refusal.code in UNKNOWN_CODES:
        raise _unknown(request, raw, refusal)
    raise VenueRefusedError(request, refusal.code, refusal.msg)


def _refusal(body: bytes) -> _Refusal | None:
    try:
        return msgspec.json.decode(body, type=_Refusal)
    except msgspec.DecodeError:
        return None


def _unknown(request: str, raw: Raw, refusal: _Refusal | None) -> VenueUnknownError:
    said = f", {refusal.code} {refusal.msg}" if refusal is not None else ""
    return VenueUnknownError(
        request,
        f"HTTP {raw.status}{said}",
        status=raw.status,
        retry_after_secs=retry_after_secs(raw.headers),
        banned=raw.status == BANNED,
    )


def retry_after_secs(headers: Mapping[str, str]) -> float:
    """Return how long the venue asks to be left alone, 0 when it does not say so in seconds.

    >>> retry_after_secs({"retry-after": "7"}), retry_after_secs({"retry-after": "soon"}), retry_after_secs({})
    (7.0, 0.0, 0.0)
    """
    text = headers.get("retry-after", "").strip()
    return float(text) if text.isdecimal() else 0.0


def is_fault(error: Exception) -> bool:
    """Return whether a failure counts as an API error (D27): not when the venue only judged an order."""
    return not isinstance(error, VenueRefusedError) or error.code in OWN_FAULTS
