"""The one loader: TOML files that combine, values set on the command line, and errors that say what to do.

A file may name others with ``include = ["profiles/swing.toml"]``, relative to ``configs/``. Later files and the file
itself win over earlier ones; ``--set`` wins over all.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec

from configs.run import RunConfig
from errors import ConfigError, close_match

CONFIG_DIR = Path(__file__).resolve().parent
WHERE = re.compile(r"^(?P<text>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]+)`")

type Table = dict[str, Any]


def load_run(path: Path, overrides: Sequence[str] = (), fixed: Mapping[str, Any] | None = None) -> RunConfig:
    """Return the back-test in ``path``; see ``load``."""
    return load(RunConfig, path, overrides, fixed)


def load[C: msgspec.Struct](
    kind: type[C], path: Path, overrides: Sequence[str] = (), fixed: Mapping[str, Any] | None = None
) -> C:
    """Return the configuration in ``path`` with overrides applied.

    Parameters
    ----------
    kind : type
        The struct that says which keys there are and what they may be.
    path : Path
        TOML file.
    overrides : sequence of str
        ``key=value`` as given with ``--set``; keys are dotted, values TOML, or plain text.
    fixed : mapping of dotted key to value, optional
        Values of options of their own (``--start``, ``--catalog``).

    Raises
    ------
    ConfigError
        The file is missing or not TOML; a key is unknown; a value has the wrong type or is out of range. The message
        names file, key, value and what is allowed.
    """
    values, sources = _read(path, ())
    for key, value in [_parse_override(text) for text in overrides] + list((fixed or {}).items()):
        source = "--set" if key not in (fixed or {}) else f"--{key}"
        _put(values, key, value, source)
        sources[key] = source
    return _convert(kind, values, sources, str(path))


def _read(path: Path, parents: tuple[Path, ...]) -> tuple[Table, dict[str, str]]:
    if path.resolve() in parents:
        raise ConfigError(f"{path}: includes itself: {' -> '.join(str(parent) for parent in parents)}")
    own = _parse_file(path)
    values: Table = {}
    sources: dict[str, str] = {}
    includes = own.pop("include", [])
    if not isinstance(includes, list) or not all(isinstance(name, str) for name in includes):
        raise ConfigError(f"{path}: include must be a list of file names, was {includes!r}")
    for name in includes:
        included = CONFIG_DIR / name
        if not included.is_file():
            known = [str(file.relative_to(CONFIG_DIR)) for file in CONFIG_DIR.rglob("*.toml")]
            raise ConfigError(f"{path}: include '{name}' is not a file in {CONFIG_DIR}{close_match(name, known)}")
        table, origin = _read(included, (*parents, path.resolve()))
        _merge(values, table)
        sources |= origin
    _merge(values, own)
    sources |= dict.fromkeys(_leaves(own), str(path))
    return values, sources


def _parse_file(path: Path) -> Table:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = sorted(file.name for file in path.parent.glob("*.toml")) if path.parent.is_dir() else []
        hint = close_match(path.name, known) or (f" (there are: {', '.join(known)})" if known else "")
        raise ConfigError(f"{path}: no such configuration file{hint}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    try:
        table: Table = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    return table


def _plain(value: Any) -> Any:
    """Return TOML values with dates as text: a date may be written with or without quotes."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value


def _merge(into: Table, table: Table) -> None:
    for key, value in table.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _leaves(table: Table, prefix: str = "") -> list[str]:
    found: list[str] = []
    for key, value in table.items():
        found += _leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}"]
    return found


def _parse_override(text: str) -> tuple[str, Any]:
    key, equals, raw = text.partition("=")
    key, raw = key.strip(), raw.strip()
    if not equals or not key:
        raise ConfigError(f"--set {text}: must be KEY=VALUE, for example --set strategy.donchian_bars=30")
    if key == "instruments":
        return key, [name.strip() for name in raw.strip("[]").replace('"', "").split(",") if name.strip()]
    try:
        return key, _plain(tomllib.loads(f"value = {raw}")["value"])
    except tomllib.TOMLDecodeError:
        return key, raw


def _put(values: Table, dotted: str, value: Any, source: str) -> None:
    *tables, last = dotted.split(".")
    table = values
    for name in tables:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigError(f"{source} {dotted}: '{name}' is a value, not a table")
    table[last] = value


def _convert[C: msgspec.Struct](kind: type[C], values: Table, sources: Mapping[str, str], path: str) -> C:
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(kind, str(error), values, sources, path)) from error


def _explain(kind: type, text: str, values: Table, sources: Mapping[str, str], path: str) -> str:
    match = WHERE.match(text)
    message, where = (match["text"], (match["path"] or "").lstrip(".")) if match else (text, "")
    unknown = UNKNOWN.search(message)
    if unknown:
        key = f"{where}.{unknown['name']}".lstrip(".")
        allowed = _fields(kind, where) + ([] if where else ["include"])
        hint = close_match(unknown["name"], allowed)
        return f"{_source(key, sources, path)}: unknown key '{key}'{hint} (allowed: {', '.join(allowed)})"
    message = message[0].lower() + message[1:]
    if where not in _leaves(values):  # a struct refused its values: the message begins with the key
        key = f"{where}.{message.partition(' ')[0]}".lstrip(".")
        source = sources.get(key) or _source(where, sources, path)
        return f"{source}: {f'{where}: ' if where else ''}{message}"
    value = _lookup(values, where)
    if message.startswith("invalid enum value"):
        allowed = [str(choice) for choice in get_args(_kind(kind, where))]
        message = f"must be one of {', '.join(allowed)}{close_match(str(value), allowed)}"
    return f"{_source(where, sources, path)}: {where}: {message}, was {value!r}"


def _source(key: str, sources: Mapping[str, str], path: str) -> str:
    if key in sources:
        return sources[key]
    below = {source for name, source in sources.items() if name.startswith(f"{key}.")}
    return below.pop() if len(below) == 1 else path


def _kind(root: type, dotted: str) -> Any:
    kind: Any = root
    for name in filter(None, dotted.split(".")):
        kind = next(field.type for field in msgspec.structs.fields(kind) if field.name == name)
    return kind


def _fields(root: type, dotted: str) -> list[str]:
    return [field.name for field in msgspec.structs.fields(_kind(root, dotted))]


def _lookup(values: Table, dotted: str) -> Any:
    found: Any = values
    for name in dotted.split("."):
        found = found[name]
    return found
