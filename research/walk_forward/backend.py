"""Where parameter sets are tried: what a search asks of it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from research.walk_forward.history import Done, Job
from research.walk_forward.journal import Span

type Take = Callable[[list[Done]], None]


class Backend(Protocol):
    """Cores of one machine or of many; the results are the same."""

    def run(self, jobs: Sequence[Job], longest: Span, take: Take) -> None:
        """Do all jobs; ``take`` is called in this thread with the results of one after the other, in any order."""

    def close(self) -> None:
        """Let go of what it holds."""
