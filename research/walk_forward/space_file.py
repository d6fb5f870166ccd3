"""Read a search space from TOML: dotted keys with a list of values or ``{low, high, step}``."""

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from errors import ConfigError, close_match
from research.walk_forward.searchable import kind_of
from research.walk_forward.space import Dimension, Space, Value

RANGE = ("low", "high", "step")
MAX_VALUES = 1_000
MAX_SIZE = 2**60


def load_space(path: Path) -> Space:
    """Return the space in a file.

    Raises
    ------
    ConfigError
        The file cannot be read; a key may not be searched; a value has the wrong type or is out of range, alone. Values
        that contradict each other are left out later, and counted.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = sorted(file.name for file in path.parent.glob("*.toml")) if path.parent.is_dir() else []
        hint = close_match(path.name, known) or (f" (there are: {', '.join(known)})" if known else "")
        raise ConfigError(f"{path}: no such search space{hint}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    dimensions = tuple(_dimension(key, given, str(path)) for key, given in _leaves(table))
    if not dimensions:
        raise ConfigError(f"{path}: nothing to search; e.g. exits.stop_atr = {{low = 1.0, high = 3.0, step = 0.5}}")
    doubled = sorted({one.key for one in dimensions if sum(other.key == one.key for other in dimensions) > 1})
    if doubled:
        raise ConfigError(f"{path}: {', '.join(doubled)} stands there twice")
    space = Space(dimensions=dimensions)
    if space.size > MAX_SIZE:
        raise ConfigError(f"{path}: has {space.size:.1e} combinations, at most {MAX_SIZE:.1e} can be numbered")
    return space


def _leaves(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and not set(value) & set(RANGE):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _dimension(key: str, given: Any, path: str) -> Dimension:
    where = f"{path}: {key}"
    kind = kind_of(key, path)
    listed = _range(given, where) if isinstance(given, dict) else given
    if not isinstance(listed, list) or not listed:
        raise ConfigError(f"{where}: must be a list of values or {{low, high, step}}, was {given!r}")
    if len(listed) > MAX_VALUES:
        raise ConfigError(f"{where}: has {len(listed)} values, at most {MAX_VALUES} are allowed")
    values = tuple(_converted(value, kind, where) for value in listed)
    if len(set(values)) < len(values):
        raise ConfigError(f"{where}: a value stands there twice: {', '.join(map(str, values))}")
    numbers = not any(isinstance(value, bool | str) for value in values)
    return Dimension(key=key, values=tuple(sorted(values)) if numbers else values, ordered=numbers)


def _range(given: dict[str, Any], where: str) -> list[Any]:
    """Return ``low, low + step ... high``, in decimals as they are written."""
    unknown = [name for name in given if name not in RANGE]
    missing = [name for name in RANGE if name not in given]
    if unknown or missing:
        problem = f"unknown '{unknown[0]}'" if unknown else f"{', '.join(missing)} missing"
        raise ConfigError(f"{where}: {problem} (allowed: {', '.join(RANGE)})")
    for name in RANGE:
        if isinstance(given[name], bool) or not isinstance(given[name], int | float):
            raise ConfigError(f"{where}: {name} must be a number, was {given[name]!r}")
    low, high, step = (Decimal(str(given[name])) for name in RANGE)
    if not (low.is_finite() and high.is_finite() and step.is_finite() and step > 0 and low <= high):
        raise ConfigError(f"{where}: must have low <= high and step > 0, was low {low}, high {high}, step {step}")
    count, rest = divmod(high - low, step)
    if rest:
        nearest = low + count * step
        raise ConfigError(f"{where}: high must be whole steps from low, was {high}; {nearest} or {nearest + step} is")
    if count >= MAX_VALUES:
        raise ConfigError(f"{where}: has {count + 1} values, at most {MAX_VALUES} are allowed")
    whole = all(isinstance(given[name], int) for name in RANGE)
    return [int(low + n * step) if whole else float(low + n * step) for n in range(int(count) + 1)]


def _converted(value: Any, kind: Any, where: str) -> Value:
    try:
        found: Value = msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message = str(error)
        raise ConfigError(f"{where}: {message[:1].lower()}{message[1:]}, was {value!r}") from error
    return found
