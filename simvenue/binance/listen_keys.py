"""Listen keys: one per API key, valid for 60 minutes from its last extension."""

import hashlib

LIFE_MS = 60 * 60_000


class ListenKeys:
    """Hand out, extend and end listen keys."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}
        self._of: dict[str, str] = {}
        self._made = 0

    def start(self, api_key: str, now_ms: int) -> str:
        """Return the active key of a user, a new one if there is none; either way it is extended."""
        key = self._of.get(api_key, "")
        if not self.active(key, now_ms):
            self._made += 1
            key = hashlib.sha256(f"{api_key}:{self._made}:{now_ms}".encode()).hexdigest()
            self._of[api_key] = key
        self._until[key] = now_ms + LIFE_MS
        return key

    def extend(self, api_key: str, now_ms: int) -> str | None:
        """Extend a user's key; return it, None when there is none."""
        key = self._of.get(api_key, "")
        if not self.active(key, now_ms):
            return None
        self._until[key] = now_ms + LIFE_MS
        return key

    def end(self, api_key: str) -> str | None:
        key = self._of.pop(api_key, None)
        self._until.pop(key or "", None)
        return key

    def active(self, key: str, now_ms: int) -> bool:
        return self._until.get(key, 0) > now_ms

    def expire(self) -> list[str]:
        """End every key at once and return them."""
        ended = list(self._until)
        self._until.clear()
        self._of.clear()
        return ended

    def overdue(self, now_ms: int) -> list[str]:
        """End the keys whose time has come and return them."""
        ended = [key for key, until in self._until.items() if until <= now_ms]
        for key in ended:
            del self._until[key]
        return ended
