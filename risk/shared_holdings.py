"""What one process holds on the shared ledger and has to say of it; kept here, so that it can be said again."""

import math
import time
from collections.abc import Callable
from threading import Lock

from risk.ledger import Claim


class Holdings:
    """Claims and equity of this process. Every method returns at once and may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._claims: dict[str, Claim] = {}
        self._undecided: dict[str, Claim] = {}
        self._decided: set[str] | None = set()  # None once an earlier life is known
        self._equity: float | None = None
        self._told = 0.0

    def put(self, claim: Claim) -> bool:
        """Hold a claim; return whether that is news."""
        with self._lock:
            self._decide(claim.key)
            before = self._claims.get(claim.key)
            self._claims[claim.key] = claim
            return before != claim

    def drop(self, key: str) -> bool:
        """Hold a claim no longer; return whether that is news."""
        with self._lock:
            self._decide(key)
            return self._claims.pop(key, None) is not None

    def _decide(self, key: str) -> None:
        self._undecided.pop(key, None)
        if self._decided is not None:
            self._decided.add(key)

    def tell(self, equity: float) -> bool:
        """Take the worth of the venue account; return whether it has become known or unknown."""
        with self._lock:
            before, self._equity, self._told = self._equity, equity, self._clock()
            return before is None or math.isfinite(before) != math.isfinite(equity)

    def claims(self) -> list[Claim]:
        """Return what is held, the undecided of an earlier life too."""
        with self._lock:
            return list(self._claims.values())

    def equity(self) -> tuple[str, int]:
        """Return the last word on equity as text, and its age in ms; empty when there was none."""
        with self._lock:
            if self._equity is None:
                return "", 0
            known = self._equity if math.isfinite(self._equity) else math.nan
            return repr(float(known)), int((self._clock() - self._told) * 1000.0)

    def inherit(self, claims: list[Claim]) -> None:
        """Take over what an earlier life held, but for what this one has already spoken of."""
        with self._lock:
            decided, self._decided = self._decided or set(), None
            self._undecided = {claim.key: claim for claim in claims if claim.key not in decided}
            self._claims |= self._undecided

    def undecided(self) -> list[Claim]:
        """Return what an earlier life held and nobody has asked for or spoken of."""
        with self._lock:
            return list(self._undecided.values())

    def recover(self) -> list[Claim]:
        """Hand over what is undecided: from now on the caller knows of it."""
        with self._lock:
            found, self._undecided = self._undecided, {}
            return list(found.values())
