"""Why nothing new may be entered now: by instrument, or altogether (D32)."""

EVERYWHERE = ""


class Halts:
    """Hold reasons until they are released; entries are refused while there is one."""

    def __init__(self) -> None:
        self._reasons: dict[tuple[str, str], str] = {}

    def hold(self, key: str, text: str, instrument_id: str = EVERYWHERE) -> bool:
        """Halt entries; return whether that is news."""
        news = (key, instrument_id) not in self._reasons
        self._reasons[key, instrument_id] = text
        return news

    def release(self, key: str, instrument_id: str = EVERYWHERE) -> bool:
        """Take a reason back; return whether it was there."""
        return self._reasons.pop((key, instrument_id), None) is not None

    def of(self, instrument_id: str) -> str:
        """Return why an instrument may not be entered, empty when it may.

        >>> halts = Halts()
        >>> halts.hold("stale", "no quote for 31 s", "BTC"), halts.of("BTC"), halts.of("ETH")
        (True, 'no quote for 31 s', '')
        """
        found = (text for (_, name), text in self._reasons.items() if name in (EVERYWHERE, instrument_id))
        return next(found, "")

    def all(self) -> list[str]:
        """Return every reason, with its instrument."""
        return [f"{name}: {text}" if name else text for (_, name), text in self._reasons.items()]
