"""The tree of exceptions says what to do next."""

import pytest

import errors
from errors import BotError, ConfigError, DataError, FatalError, RetryableError, StateError, UnknownOutcomeError
from errors import VenueError as Venue

PARENTS = {
    ConfigError: BotError,
    DataError: BotError,
    StateError: BotError,
    Venue: BotError,
    RetryableError: Venue,
    UnknownOutcomeError: Venue,
    FatalError: Venue,
    BotError: Exception,
}


def test_errors_hang_in_the_drawn_tree() -> None:
    found = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert found == set(PARENTS)
    assert {kind: kind.__bases__ for kind in found} == {kind: (parent,) for kind, parent in PARENTS.items()}


def test_errors_of_ours_are_not_those_of_python() -> None:
    for builtin in (ValueError, OSError, RuntimeError, KeyError):
        assert not issubclass(BotError, builtin)
        assert not issubclass(builtin, BotError)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("donchian_bar", "; did you mean 'donchian_bars'?", id="one-letter-short"),
        pytest.param("AAPL.SU", "; did you mean 'AAPL.US'?", id="swapped"),
        pytest.param("zzz", "", id="nothing-close"),
        pytest.param("", "", id="empty"),
    ],
)
def test_close_match_names_the_nearest(name: str, expected: str) -> None:
    assert errors.close_match(name, iter(["donchian_bars", "AAPL.US", "atr_bars"])) == expected


def test_close_match_without_choices_is_empty() -> None:
    assert errors.close_match("x", []) == ""
