"""No exception is swallowed: the engine logs what a callback raises and goes on, this does not (engine.md, fact 1)."""

import functools
from collections.abc import Callable
from typing import Concatenate, Protocol


class Fault:
    """Remember the first exception of a run; once it is there, callbacks do nothing more."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    @property
    def tripped(self) -> bool:
        """Return whether a callback has failed."""
        return self.error is not None

    def trip(self, error: BaseException) -> None:
        """Keep the first failure."""
        if self.error is None:
            self.error = error


class Guarded(Protocol):
    """A component whose callbacks are guarded."""

    fault: Fault


def guarded[S: Guarded, **P](callback: Callable[Concatenate[S, P], None]) -> Callable[Concatenate[S, P], None]:
    """Return ``callback`` with its exceptions kept in ``self.fault``: the runner stops the run and shows them."""

    @functools.wraps(callback)
    def call(self: S, *args: P.args, **kwargs: P.kwargs) -> None:
        if self.fault.tripped:
            return
        try:
            callback(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the one place that may: the engine would swallow it
            self.fault.trip(error)

    return call
