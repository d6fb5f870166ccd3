"""Put the result where it belongs; ``walk_forward.json`` comes last: it never stands beside files of another."""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from configs.dump import to_toml
from errors import ConfigError
from research.results import write_table
from research.walk_forward.page import render
from research.walk_forward.result import Result
from research.walk_forward.study import Study
from research.walk_forward.tables import (
    STITCHED,
    TRIALS,
    WINDOWS,
    Row,
    Schema,
    columns_of,
    stitched_rows,
    trial_rows,
    window_rows,
)

JSON, HTML, CONFIG = "walk_forward.json", "walk_forward.html", "config.toml"


def write_study(study: Study) -> Path:
    """Write tables, page, configuration and result into the study's folder; return the page.

    Raises
    ------
    ConfigError
        The folder cannot be written to.
    """
    folder, parameters = study.folder, columns_of(study.space)
    try:
        (folder / JSON).unlink(missing_ok=True)
        _table(folder / "windows.parquet", WINDOWS | parameters, window_rows(study))
        _table(folder / "trials.parquet", TRIALS | parameters, trial_rows(study))
        _table(folder / "stitched.parquet", STITCHED, stitched_rows(study))
        if study.config is None:
            (folder / CONFIG).unlink(missing_ok=True)
        else:
            _replace(folder / CONFIG, to_toml(study.config).encode())
        _replace(folder / HTML, render(study).encode())
        _replace(folder / JSON, result_json(study.result))
    except OSError as error:
        raise ConfigError(f"--out {folder}: cannot be written to ({error.strerror})") from error
    return folder / HTML


def result_json(result: Result) -> bytes:
    """Return a result as JSON: the same bytes for the same work."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"


def _table(path: Path, schema: Schema, rows: Iterable[Row]) -> None:
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    write_table(aside, schema, list(rows))
    aside.replace(path)


def _replace(path: Path, data: bytes) -> None:
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    aside.write_bytes(data)
    aside.replace(path)
