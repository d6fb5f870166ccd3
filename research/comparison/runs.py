"""The runs to compare, read back and given letters; the first one is what the others are measured against."""

import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from errors import ConfigError, DataError
from research.report.run import Run, load_run

MIN_RUNS, MAX_RUNS = 2, 6


@dataclass(frozen=True, slots=True)
class Compared:
    """One run of a comparison: its letter, its folder and what is in it."""

    letter: str
    folder: Path
    run: Run


def load_runs(folders: Sequence[Path]) -> list[Compared]:
    """Read two to six runs.

    Raises
    ------
    ConfigError
        Too few or too many, the same folder twice, or a folder that holds no run.
    DataError
        A file of a run cannot be read.
    """
    if not MIN_RUNS <= len(folders) <= MAX_RUNS:
        raise ConfigError(f"RUN: give {MIN_RUNS} to {MAX_RUNS} folders of runs, got {len(folders)}")
    seen: dict[Path, Path] = {}
    for folder in folders:
        if not (folder / "metrics.json").is_file():
            raise ConfigError(f"{folder}: no run here (no metrics.json); give a folder like runs/<hash>-<start>")
        twin = seen.setdefault((folder / "metrics.json").resolve(), folder)
        if twin is not folder:
            raise ConfigError(f"{folder}: the same run as {twin}; give different runs")
    return [
        Compared(letter, folder, _read(folder)) for letter, folder in zip(string.ascii_uppercase, folders, strict=False)
    ]


def _read(folder: Path) -> Run:
    try:
        run = load_run(folder)
        _ = run.start_equity, run.annual_days, run.metrics["kpis"]
    except KeyError as error:
        raise DataError(f"{folder}: metrics.json has no {error}; run the back-test again with this version") from error
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{folder}: cannot be read ({error})") from error
    return run


def currencies(runs: Sequence[Compared]) -> list[str]:
    """Return the account currencies, each once, in order."""
    return list(dict.fromkeys(one.run.currency for one in runs))


def cautions(runs: Sequence[Compared]) -> list[str]:
    """Return what keeps the runs from being compared as they are: money, days, annualising, half a run."""
    found = []
    if len(money := currencies(runs)) > 1:
        found.append(f"The accounts are in different currencies ({', '.join(name or '?' for name in money)}): money is "
                     "not subtracted, only ratios and fractions are.")  # fmt: skip
    if len({one.run.span_ns for one in runs}) > 1:
        found.append("The runs cover different spans: see the figures over the common days before any other.")
    if len({one.run.annual_days for one in runs}) > 1:
        found.append("The ratios are annualised differently (365 and 252 days): Sharpe and Sortino do not compare.")
    if len({one.run.start_equity for one in runs}) > 1:
        found.append("The accounts start with different amounts: sums of money do not compare.")
    partial = [one.letter for one in runs if one.run.metrics.get("complete") is False]
    if partial:
        found.append(f"Partial: {', '.join(partial)}; its figures cover only the part that ran.")
    for one in runs:
        if not one.run.breakers_on:
            found.append(f"{one.letter} ran with its breakers off: research only.")
        for name, since in (one.run.metrics.get("shut") or {}).items():
            found.append(f"{one.letter} has been shut since {since[:10]} by {name}: flat from then on.")
    return found
