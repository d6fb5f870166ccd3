"""Try parameter sets in every sample, whatever the sampler, and do nothing twice."""

from collections.abc import Mapping, Sequence

import numpy as np

from configs.run import RunConfig
from research.walk_forward.backend import Backend
from research.walk_forward.draw import draw
from research.walk_forward.history import Done, Job
from research.walk_forward.journal import Span, WorkJournal
from research.walk_forward.plan import Plan
from research.walk_forward.progress import SearchProgress
from research.walk_forward.score import Score
from research.walk_forward.space import Space


class Search:
    """One search procedure over several samples.

    Attributes
    ----------
    tried : mapping of span to numbers, ascending
        What each sample's search tried.
    refused : int
        Combinations that contradict themselves.
    """

    def __init__(
        self, config: RunConfig, space: Space, plan: Plan, journal: WorkJournal, backend: Backend, bar: SearchProgress
    ) -> None:
        self._config, self._space, self._plan = config, space, plan
        self._journal, self._backend, self._bar = journal, backend, bar
        self.tried: dict[Span, tuple[int, ...]] = {}
        self.refused = 0

    def run(self, samples: Sequence[Span], longest: Span) -> None:
        """Try everything; afterwards each set that was tried anywhere has its returns in the longest sample."""
        if self._plan.sampler == "tpe":
            self._adaptive(samples, longest)
        else:
            drawn = draw(self._space, self._config, self._plan)
            self.refused = drawn.refused
            self.tried = dict.fromkeys(samples, drawn.numbers)
            self._try_missing("parameter sets", drawn.numbers, samples, longest)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return every set that was tried anywhere."""
        return tuple(sorted({number for numbers in self.tried.values() for number in numbers}))

    def scores(self, span: Span) -> Mapping[int, Score]:
        """Return the scores of what a sample's search tried."""
        known = self._journal.scores[span]
        return {number: known[number] for number in self.tried[span]}

    def _adaptive(self, samples: Sequence[Span], longest: Span) -> None:
        from research.walk_forward.tpe import search  # noqa: PLC0415 - an extra

        for n, span in enumerate(samples):
            seed = int(np.random.SeedSequence([self._plan.seed, n]).generate_state(1)[0])
            self._bar.begin(f"sample {n + 1} of {len(samples)}", self._plan.drawn)

            def attempt(numbers: Sequence[int], span: Span = span) -> Mapping[int, Score]:
                self._backend.run(self._jobs(numbers, (span,)), longest, self._take)
                self._bar.step(len(numbers))
                return {number: self._journal.scores[span][number] for number in numbers}

            tried, refused = search(self._space, self._config, self._plan, seed, attempt)
            self.tried[span] = tuple(sorted(tried))
            self.refused += refused
        self._try_missing("all sets in the longest sample", self.numbers, (longest,), longest)

    def _try_missing(self, name: str, numbers: Sequence[int], spans: Sequence[Span], longest: Span) -> None:
        jobs = self._jobs(numbers, spans)
        self._bar.begin(name, len(jobs))

        def take(done: list[Done]) -> None:
            self._take(done)
            self._bar.step()

        self._backend.run(jobs, longest, take)
        self._journal.sync()

    def _jobs(self, numbers: Sequence[int], spans: Sequence[Span]) -> list[Job]:
        missing = {span: set(self._journal.missing(span, numbers)) for span in spans}
        jobs = [Job(number=n, spans=tuple(span for span in spans if n in missing[span])) for n in numbers]
        return [job for job in jobs if job.spans]

    def _take(self, done: list[Done]) -> None:
        for entry, returns in done:
            self._journal.add(entry, returns)
