"""The one tree of exceptions: the class says what to do next.

    BotError
    ├── ConfigError       correct the configuration, then start again
    ├── DataError         correct or reload the data, then start again
    ├── VenueError
    │   ├── RetryableError   the venue refused for now: try again later
    │   ├── UnknownOutcomeError  the answer was lost: look the order up, never resend
    │   └── FatalError       the venue refused for good: do not try again
    └── StateError        our own records disagree: stop entries, reconcile

A refused trade is not an error: it is a ``risk.messages.Check`` that did not pass.
"""

import difflib
from collections.abc import Iterable


class BotError(Exception):
    """Anything that this project raises on purpose."""


class ConfigError(BotError):
    """A configuration that cannot be run."""


class DataError(BotError):
    """Market data that cannot be used as it is."""


class VenueError(BotError):
    """A venue did not do what was asked."""


class RetryableError(VenueError):
    """Refused for now."""


class UnknownOutcomeError(VenueError):
    """The answer was lost: the order may or may not exist."""


class FatalError(VenueError):
    """Refused for good."""


class StateError(BotError):
    """Records that contradict each other."""


def close_match(name: str, allowed: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` when an allowed name is close to ``name``, else an empty string.

    >>> close_match("donchian_bar", ["donchian_bars", "atr_bars"])
    "; did you mean 'donchian_bars'?"
    """
    found = difflib.get_close_matches(name, list(allowed), n=1, cutoff=0.6)
    return f"; did you mean '{found[0]}'?" if found else ""
