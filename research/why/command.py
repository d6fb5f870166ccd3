"""The command line of ``scripts/why.py``."""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ConfigError
from research.process_edge import run_to_exit_code

if TYPE_CHECKING:
    from research.why.day import DayStory
    from research.why.history import History
    from research.why.overview import Overview
    from research.why.run_facts import RunFacts
    from research.why.story import SignalStory

    type Story = Overview | SignalStory | DayStory


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="why.py",
        description="Explain from its journal why a run did not trade: every rule in order, with what it saw and its "
        "limit. Without options: what refused how often.",
        epilog="example: python scripts/why.py runs/a31f031a884c-20230101 --instrument BTC --day 2023-02-17",
    )
    found.add_argument("run", metavar="RUN_OR_JOURNAL", type=Path, help="folder of a run, or a journal.jsonl")
    found.add_argument("--signal", metavar="ID", help="one signal, by its id, a part of it, or its trade's id")
    found.add_argument("--instrument", metavar="X", help="with --day: one instrument, by its id or a part of it")
    found.add_argument("--day", metavar="DATE", help="with --instrument: one day, UTC, for example 2024-01-31")
    found.add_argument(
        "--json", action="store_true", help="print one JSON document: times in ns UTC, null for no number"
    )
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    return run_to_exit_code(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    _check(options)
    from research.why.find import find_journal  # noqa: PLC0415 - heavy: --help must not wait for it
    from research.why.following import next_commands  # noqa: PLC0415
    from research.why.read import read_history  # noqa: PLC0415
    from research.why.run_facts import load_facts  # noqa: PLC0415

    history = read_history(find_journal(options.run))
    facts = load_facts(history)
    story = _tell(history, facts, options)
    following = next_commands(story, options.run)
    about = {"kind": story.kind, "journal": str(history.path), "run": facts.name}
    _print(_as_json(story, about, following) if options.json else _as_page(story, about, following))
    return 0


def _check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together, before anything is read."""
    if options.signal is not None and (options.instrument or options.day):
        raise ConfigError("--signal names one signal: leave --instrument and --day out")
    if (options.instrument is None) != (options.day is None):
        given, missing = ("--instrument", "--day DATE") if options.day is None else ("--day", "--instrument X")
        raise ConfigError(f"{given} needs {missing} too: one instrument on one day is explained")


def _tell(history: "History", facts: "RunFacts", options: argparse.Namespace) -> "Story":
    if options.signal is not None:
        from research.why.story import tell_signal  # noqa: PLC0415

        return tell_signal(history, facts, history.find_signal(options.signal))
    if options.instrument is not None:
        from research.why.day import parse_day, tell_day  # noqa: PLC0415

        day = parse_day(options.day)
        return tell_day(history, facts, history.find_instrument(options.instrument, facts.instruments), day)
    from research.why.overview import tell_run  # noqa: PLC0415

    return tell_run(history, facts)


def _as_json(story: "Story", about: dict[str, str], following: Sequence[str]) -> str:
    import msgspec  # noqa: PLC0415

    document = about | msgspec.to_builtins(story) | {"next": following}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _as_page(story: "Story", about: dict[str, str], following: Sequence[str]) -> str:
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from research.why.show import show  # noqa: PLC0415

    console = Console(highlight=False)
    with console.capture() as capture:
        console.print(Text(f"{about['run']} {about['journal']}".strip(), style="dim"), soft_wrap=True)
        console.print(show(story))
        if following:
            console.print("\n[bold cyan]Next[/]", *following, sep="\n", soft_wrap=True)  # commands are copied whole
    return capture.get()


def _print(text: str) -> None:
    """Write to standard output at once; signs that its encoding has not become question marks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    sys.stdout.write(text)
    sys.stdout.flush()
