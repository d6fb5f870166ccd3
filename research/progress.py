"""A progress bar for a run whose span is known; silent where nobody watches."""

import sys
from types import TracebackType
from typing import Any, Self


class Bar:
    """Show how far a run has come, in simulated time."""

    def __init__(self) -> None:
        self._status: Any = None
        if sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415

            self._status = Console(stderr=True).status("loading candles")

    def update(self, reached_ns: int) -> None:
        """Take the simulated time reached."""
        if self._status is not None:
            from monitoring.journal import iso_utc  # noqa: PLC0415

            self._status.update(f"simulated up to {iso_utc(reached_ns)[:10]} (Ctrl-C keeps what is done)")

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()
