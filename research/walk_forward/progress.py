"""How far a search has come and how long it will still take: a bar on a terminal, else a line now and then."""

import sys
import time
from types import TracebackType
from typing import Any, Self

LINE_SECS = 10.0


class SearchProgress:
    """Count finished pieces of work.

    Parameters
    ----------
    shown : bool
        False: silent.
    """

    def __init__(self, *, shown: bool = True) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._shown = shown
        self._name, self._total, self._done = "", 0, 0
        self._began = self._told = time.monotonic()
        if shown and sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415
            from rich.progress import (  # noqa: PLC0415
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True))

    def begin(self, name: str, total: int) -> None:
        """Start a part of the work with so many pieces."""
        self._name, self._total, self._done = name, total, 0
        self._began = self._told = time.monotonic()
        if self._bar is not None:
            if self._task is not None:
                self._bar.update(self._task, completed=self._bar.tasks[-1].total)
            self._task = self._bar.add_task(name, total=total)
        elif self._shown and total:
            print(f"{name}: {total:,} to do", file=sys.stderr, flush=True)

    def step(self, pieces: int = 1) -> None:
        """Count finished pieces."""
        self._done += pieces
        if self._bar is not None:
            self._bar.advance(self._task, pieces)
        elif self._shown and time.monotonic() - self._told > LINE_SECS:
            self._told = time.monotonic()
            left_secs = (self._told - self._began) / self._done * max(0, self._total - self._done)
            share = f"{self._done:,} of {self._total:,}"
            print(f"{self._name}: {share}, {_clock(left_secs)} left", file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _clock(secs: float) -> str:
    minutes, rest = divmod(round(secs), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
