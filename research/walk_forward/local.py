"""All cores of this machine: threads, since the sweep runs without the interpreter's lock."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from research.sweep.structure import lengths_of
from research.walk_forward.backend import Take
from research.walk_forward.history import Done, History, Job
from research.walk_forward.journal import Span
from research.walk_forward.space import Space, with_parameters

ROUND_LENGTHS = 16  # sets of window lengths whose breakouts are in memory at once: a few MB each


class LocalBackend:
    """Run jobs in threads of this process.

    Parameters
    ----------
    history : History
    space : Space
    jobs : int
        Threads.
    """

    def __init__(self, history: History, space: Space, jobs: int) -> None:
        self._history, self._space = history, space
        self._pool = ThreadPoolExecutor(jobs)

    def run(self, jobs: Sequence[Job], longest: Span, take: Take) -> None:
        """Do all jobs; ``take`` is called in this thread with the results of one after the other, in any order."""
        for part in self._rounds(jobs):
            futures: list[Future[list[Done]]] = [
                self._pool.submit(self._history.work, self._space, job, longest) for job in part
            ]
            try:
                for future in as_completed(futures):
                    take(future.result())
            finally:
                for future in futures:
                    future.cancel()
            self._history.sweep.forget()

    def _rounds(self, jobs: Sequence[Job]) -> Iterator[list[Job]]:
        """Yield jobs with few different window lengths at a time, those of equal ones together."""
        groups: dict[tuple[float, ...], list[Job]] = {}
        for job in jobs:
            config = with_parameters(self._history.config, self._space.parameters(job.number))
            groups.setdefault(lengths_of(config.strategy), []).append(job)
        ordered = list(groups.values())
        for first in range(0, len(ordered), ROUND_LENGTHS):
            yield [job for group in ordered[first : first + ROUND_LENGTHS] for job in group]

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)
