"""Which keys of a configuration a search may touch: those for which the parity certificate stands."""

from typing import Any

import msgspec

from configs.run import RunConfig
from errors import ConfigError, close_match
from research.parity.turned import TURNED

TABLES = ("strategy", "exits", "risk")
NO_SEARCH = {"risk.breakers", "risk.operator"}  # how a system is run, not how it trades


def searchable() -> dict[str, Any]:
    """Return the keys and the type of each.

    Notes
    -----
    In: what ``scripts/parity.py`` turns, so that the sweep is proven equal to the engine in all that is searched. Out:
    costs, account, instruments and time frames (another history or another bill each), entry (the sweep has one way),
    and whether breakers are on.
    """
    turned = {f"{table}.{name}" for changes in TURNED.values() for table in TABLES for name in changes.get(table, {})}
    return {
        f"{table}.{field.name}": field.type
        for table in TABLES
        for field in msgspec.structs.fields(_kind(table))
        if f"{table}.{field.name}" in turned - NO_SEARCH
    }


def kind_of(key: str, where: str) -> Any:
    """Return the type of a key.

    Raises
    ------
    ConfigError
        A search may not touch it, or there is no such key.
    """
    allowed = searchable()
    if key not in allowed:
        why = "cannot be searched" if _exists(key) else "is no key of a configuration"
        raise ConfigError(f"{where}: '{key}' {why}{close_match(key, allowed)} (allowed: {', '.join(allowed)})")
    return allowed[key]


def _kind(dotted: str) -> Any:
    kind: Any = RunConfig
    for name in dotted.split("."):
        kind = next(field.type for field in msgspec.structs.fields(kind) if field.name == name)
    return kind


def _exists(key: str) -> bool:
    try:
        _kind(key)
    except (StopIteration, TypeError):
        return False
    return True
