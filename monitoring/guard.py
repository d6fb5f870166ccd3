"""No exception is swallowed: the engine logs what a callback raises and goes on, this does not (engine.md, fact 1)."""

import functools
from collections.abc import Callable
from typing import Concatenate, Protocol, cast


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

    def guard(self, action: Callable[[], None]) -> None:
        """Run a timer's action unless something has failed; keep what it raises."""
        if self.tripped:
            return
        try:
            action()
        except Exception as error:  # noqa: BLE001 - the engine would swallow it
            self.trip(error)


class LiveFault(Fault):
    """Live, the first failure halts entries and is told; everything that protects what is open goes on.

    Parameters
    ----------
    tell : callable
        Told of every failure: entries are to be halted, a person is to hear of it.
    """

    def __init__(self, tell: Callable[[BaseException], None]) -> None:
        super().__init__()
        self._tell = tell

    @property
    def tripped(self) -> bool:
        """Return False: callbacks go on."""
        return False

    def trip(self, error: BaseException) -> None:
        """Keep the first failure, tell every one."""
        super().trip(error)
        self._tell(error)


class Guarded(Protocol):
    """A component whose callbacks are guarded."""

    failure: Fault  # not "fault": that is a method of the engine's components


def guarded[S: Guarded, **P](callback: Callable[Concatenate[S, P], None]) -> Callable[Concatenate[S, P], None]:
    """Return ``callback`` with its exceptions kept in ``self.failure``: the runner stops the run and shows them."""

    @functools.wraps(callback)
    def call(self: S, *args: P.args, **kwargs: P.kwargs) -> None:
        failure = self.failure
        if failure.tripped:
            return
        try:
            callback(self, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the engine would swallow it
            failure.trip(error)

    return cast(Callable[Concatenate[S, P], None], call)
