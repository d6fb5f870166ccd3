"""How many requests one address may send: weight in a minute, a reserve, pauses that the venue asks for. Pure.

``shared_budget.lua`` does the same as one step on Redis; a test holds the two together.
"""

from typing import Literal

import msgspec
from msgspec.structs import replace

MINUTE_MS = 60_000
MAX_DOUBLINGS = 20

type Word = Literal["fine", "busy", "banned", "failed"]


class Standing(msgspec.Struct, frozen=True):
    """How an address stands with a venue.

    Attributes
    ----------
    window, used : int
        A minute of the clock, and the weight that was sent in it.
    closed_ms : int
        Nothing leaves before then.
    banned : bool
        Whether that is a ban (HTTP 418).
    failures : int
        How often in a row the venue said that it is too much.
    """

    window: int = 0
    used: int = 0
    closed_ms: int = 0
    banned: bool = False
    failures: int = 0


class Pauses(msgspec.Struct, frozen=True):
    """How long to pause when the venue does not say."""

    first_ms: int
    longest_ms: int


def admit(standing: Standing, now_ms: int, weight: int, limit: int) -> tuple[Standing, int]:
    """Return the standing with a request taken and 0, or as it was and how long to wait, in ms.

    A request that is heavier than the limit leaves when nothing else has in its minute.
    """
    if now_ms < standing.closed_ms:
        return standing, standing.closed_ms - now_ms
    window = now_ms // MINUTE_MS
    used = standing.used if window == standing.window else 0
    if used and used + weight > limit:
        return standing, (window + 1) * MINUTE_MS - now_ms
    return replace(standing, window=window, used=used + weight, banned=False), 0


def note(
    standing: Standing, now_ms: int, word: Word, used: int, retry_ms: int, pauses: Pauses, jitter: float
) -> Standing:
    """Return the standing after an answer.

    Parameters
    ----------
    word : str
        fine; busy (HTTP 429); banned (418); failed: anything else, which says nothing of the budget.
    used : int
        Weight that the venue has counted in this minute, from all processes of the address; 0: not told.
    retry_ms : int
        Pause that the venue asks for; 0: not told.
    jitter : float
        In [0, 1): spreads the processes that were told to pause.
    """
    window = now_ms // MINUTE_MS
    if used > (standing.used if window == standing.window else 0):
        standing = replace(standing, window=window, used=used)
    if word == "fine":
        return replace(standing, failures=0)
    if word == "failed":
        return standing
    pause_ms = retry_ms or _pause_ms(standing.failures, pauses, jitter, banned=word == "banned")
    closed_ms = max(standing.closed_ms, now_ms + pause_ms)
    banned = standing.banned or word == "banned"
    return replace(standing, closed_ms=closed_ms, banned=banned, failures=min(standing.failures + 1, MAX_DOUBLINGS))


def _pause_ms(failures: int, pauses: Pauses, jitter: float, *, banned: bool) -> int:
    """Return the exponential pause with the second half of it left to chance; a ban is as long as it gets."""
    whole = pauses.longest_ms if banned else min(pauses.longest_ms, pauses.first_ms * 2**failures)
    return int(whole * (0.5 + 0.5 * jitter))
