"""A search space: a few parameters with a few values each; every set of them has a number."""

import math
from collections.abc import Mapping

import msgspec

from configs.run import RunConfig

type Value = float | int | bool | str
type Parameters = dict[str, Value]


class Dimension(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter: dotted key and its values; ordered ones (numbers, ascending) have neighbours."""

    key: str
    values: tuple[Value, ...]
    ordered: bool


class Space(msgspec.Struct, frozen=True, kw_only=True):
    """All combinations of the values; the last dimension turns fastest.

    >>> a = Dimension(key="a", values=(1, 2), ordered=True)
    >>> b = Dimension(key="b", values=(5, 6, 7), ordered=True)
    >>> space = Space(dimensions=(a, b))
    >>> space.size, space.parameters(4), space.number((1, 1))
    (6, {'a': 2, 'b': 6}, 4)
    """

    dimensions: tuple[Dimension, ...]

    @property
    def size(self) -> int:
        """Return the number of combinations."""
        return math.prod(len(one.values) for one in self.dimensions)

    def coordinates(self, number: int) -> tuple[int, ...]:
        """Return the place of a set in each dimension."""
        found = []
        for one in reversed(self.dimensions):
            number, place = divmod(number, len(one.values))
            found.append(place)
        return tuple(reversed(found))

    def number(self, coordinates: tuple[int, ...]) -> int:
        """Return the number of the set at these places."""
        number = 0
        for one, place in zip(self.dimensions, coordinates, strict=True):
            number = number * len(one.values) + place
        return number

    def parameters(self, number: int) -> Parameters:
        """Return the values of a set by their keys."""
        places = self.coordinates(number)
        return {one.key: one.values[place] for one, place in zip(self.dimensions, places, strict=True)}


def with_parameters(config: RunConfig, parameters: Mapping[str, Value]) -> RunConfig:
    """Return a configuration with some values replaced.

    Raises
    ------
    ValueError
        The values contradict each other.
    """
    found: RunConfig = _replace(config, {tuple(key.split(".")): value for key, value in parameters.items()})
    return found


def _replace[T: msgspec.Struct](struct: T, values: Mapping[tuple[str, ...], Value]) -> T:
    own: dict[str, object] = {path[0]: value for path, value in values.items() if len(path) == 1}
    for name in {path[0] for path in values if len(path) > 1}:
        below = {path[1:]: value for path, value in values.items() if path[0] == name}
        own[name] = _replace(getattr(struct, name), below)
    return msgspec.structs.replace(struct, **own)


def is_valid(config: RunConfig, parameters: Mapping[str, Value]) -> bool:
    """Return whether the configuration takes these values together."""
    try:
        with_parameters(config, parameters)
    except ValueError:
        return False
    return True
