"""What makes two pieces of research comparable: the same code, the same data, the same configuration.

Three names, each a hash. A verdict counts for a configuration only while all three are those it was reached with.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from configs.run import RunConfig
from errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
FILES = ("compiled.py", "machine_code.py", "requirements.lock")
ROOMS = ("catalog", "configs", "execution", "research", "risk", "strategies")
SUFFIXES = (".py", ".lua")
SHOWING = ("approval", "attribution", "comparison", "report", "why")  # packages of research that read and show results
APPROVED = ("profile", "instruments", "timeframe", "strategy", "entry", "exits", "risk", "costs")


def code_hash(root: Path = ROOT) -> str:
    """Return a name for the present text of all sources that decide a result: 64 hex digits.

    Parameters
    ----------
    root : Path
        The repository.

    Raises
    ------
    ConfigError
        A source or ``requirements.lock`` cannot be read: the installation is not whole.

    Notes
    -----
    In: every ``.py`` and ``.lua`` of ``ROOMS`` (rules, limits, fills, candles, simulation, search and its judges), the
    compiler's wrapper, and ``requirements.lock``, which pins the engine and the arithmetic. Out: packages of research
    that only show results (``SHOWING``), and memory, monitoring, operations, adapters, scripts, tests: they carry, keep
    or tell, and decide no result of a back-test. Values in TOML belong to the configuration. The lock says what should
    be installed; whether it is, is not looked at.
    """
    digest = hashlib.sha256()
    for path in sorted(_sources(root)):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror}); the code has no name without it") from error
        name = path.relative_to(root).as_posix().encode()
        digest.update(b"%d %b %d " % (len(name), name, len(content)))  # lengths: no file can pass for part of another
        digest.update(content)
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    yield from (root / name for name in FILES)
    for room in ROOMS:
        for path in (root / room).rglob("*"):
            inner = path.relative_to(root).parts
            shows = room == "research" and inner[1] in SHOWING
            if path.suffix in SUFFIXES and not path.name.startswith(".") and not shows:
                yield path


def data_hash(data: Mapping[str, str]) -> str:
    """Return one name for the candles of several instruments: 64 hex digits, whatever their order.

    Parameters
    ----------
    data : mapping of instrument id to sha256
        As ``metrics.json`` has them.

    >>> data_hash({"A.X": "00", "B.X": "11"}) == data_hash({"B.X": "11", "A.X": "00"})
    True
    """
    return _sha256(dict(data))


def trading_part(config: RunConfig) -> dict[str, Any]:
    """Return what is approved of a configuration: all that decides how it trades, as plain JSON values.

    Notes
    -----
    In: profile, instruments (sorted), time frames, strategy, entry, exits, risk limits and breakers, and the costs:
    without them a run that pays no fees would speak for one that does; a live configuration names the costs it was
    tested with. Out: name, dates, catalog and ``data`` (how candles of the past are used), ``account`` (a live one has
    its own equity), ``venue`` (what may rest there: a back-test's stop-market models a stop-limit, D15), memory,
    ledger, ``risk.operator`` (back-test only) and ``costs.seed``.
    """
    values = msgspec.to_builtins(config)
    found = {name: values[name] for name in APPROVED}
    found["instruments"] = sorted(found["instruments"])
    del found["risk"]["operator"], found["costs"]["seed"]
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(found))
    return plain


def trading_hash(config: RunConfig) -> str:
    """Return the name of the trading part of a configuration: twelve hex digits, as ``RunConfig.hash`` has."""
    return hash_of_part(trading_part(config))


def hash_of_part(part: Mapping[str, Any]) -> str:
    """Return the name of a trading part that has been read back."""
    return _sha256(dict(part))[:12]


def _sha256(values: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()
