"""A progress bar with rate and time left on a terminal, nothing elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class Meter:
    """Show how far a piece of work is.

    Parameters
    ----------
    label : str
        What is being done.
    total : int
        Units of the whole work; `extend` adds to it.
    unit : str
        Plural, for example ``files``.
    console : Console
        The bar is only drawn when this is a terminal.
    """

    def __init__(self, label: str, total: int, unit: str, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(unit),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._progress.add_task(label, total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def advance(self, units: float = 1) -> None:
        """Count ``units`` as done."""
        self._progress.advance(self._task, units)

    def extend(self, units: int) -> None:
        """Add ``units`` to the work."""
        self._progress.update(self._task, total=(self._progress.tasks[0].total or 0) + units)


class _Rate(ProgressColumn):
    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        """Return the rate as text."""
        return Text(f"{task.speed or 0.0:,.1f} {self._unit}/s")
