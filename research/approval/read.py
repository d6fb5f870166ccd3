"""Read a JSON file of research strictly: a file that says too little is refused, not guessed at."""

import hashlib
from pathlib import Path

import msgspec

from errors import DataError


def read_json[T](path: Path, kind: type[T]) -> tuple[T, str]:
    """Return a file as a struct, and the sha256 of its bytes.

    Raises
    ------
    DataError
        The file is missing, is not JSON, or a value is missing, of another type or out of range.
    """
    data = read_file(path)
    try:
        return msgspec.json.decode(data, type=kind), hashlib.sha256(data).hexdigest()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be judged: {str(error)[:1].lower()}{str(error)[1:]}") from error


def read_file(path: Path) -> bytes:
    """Return the bytes of a file of research.

    Raises
    ------
    DataError
        It is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
