"""What a running system may be told anew, and what needs a restart."""

from typing import Any

import msgspec

from errors import ConfigError
from live.config import LiveConfig

MAY_CHANGE = ("strategy", "entry", "exits", "risk")
NEEDS_RESTART = {"risk.correlation_days": "the hourly closes that it looks back on were loaded at the start"}

type Changes = dict[str, tuple[Any, Any]]


def changes_of(old: LiveConfig, new: LiveConfig) -> Changes:
    """Return every value that differs, by dotted key, as (old, new).

    Raises
    ------
    ConfigError
        One of them may not change while the system runs; the message names it.
    """
    found = dict(sorted(_differing(msgspec.to_builtins(old), msgspec.to_builtins(new), "").items()))
    for key, (before, after) in found.items():
        why = NEEDS_RESTART.get(key, "")
        if why or key.partition(".")[0] not in MAY_CHANGE:
            allowed = ", ".join(f"[{name}]" for name in MAY_CHANGE)
            raise ConfigError(
                f"{key} cannot change while the system runs (it is {before!r}, the file says {after!r})"
                f"{f': {why}' if why else f'; only {allowed} can'}: stop the system and start it with the new file"
            )
    return found


def _differing(old: dict[str, Any], new: dict[str, Any], prefix: str) -> Changes:
    found: Changes = {}
    for name in old.keys() | new.keys():
        before, after = old.get(name), new.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            found |= _differing(before, after, f"{prefix}{name}.")
        elif before != after:
            found[f"{prefix}{name}"] = before, after
    return found
