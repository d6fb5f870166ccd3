"""Put the result where it belongs: two files, each whole or not there."""

import os
from pathlib import Path

import msgspec

from errors import ConfigError
from research.monte_carlo.page import render
from research.monte_carlo.study import Outcome, Study

JSON, HTML = "monte_carlo.json", "monte_carlo.html"


def write_study(outcome: Outcome, folder: Path) -> Path:
    """Write ``monte_carlo.json`` and ``monte_carlo.html`` into a folder; return the page.

    Raises
    ------
    ConfigError
        The folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / JSON, study_json(outcome.study))
        _replace(folder / HTML, render(outcome).encode())
    except OSError as error:
        raise ConfigError(f"--out {folder}: cannot be written to ({error.strerror})") from error
    return folder / HTML


def study_json(study: Study) -> bytes:
    """Return a study as JSON: the same bytes for the same study; what is no number is null."""
    return msgspec.json.format(msgspec.json.encode(study), indent=2) + b"\n"


def _replace(path: Path, data: bytes) -> None:
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    aside.write_bytes(data)
    aside.replace(path)
