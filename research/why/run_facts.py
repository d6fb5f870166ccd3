"""What is known of the run that wrote a journal: configuration, currency, where its data begins and ends."""

import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from configs.run import RunConfig
from research.why.history import History

NS = 1_000_000_000


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The run behind a journal.

    Attributes
    ----------
    config : RunConfig, optional
        None when there is none, or none that this version reads; ``fault`` says why then.
    source : str
        Where the configuration stands.
    currency : str
        Of the account; empty when unknown.
    data_ns : dict of instrument id to (first, last)
        Span of its candles, nanoseconds UTC, where the run left a ``metrics.json``.
    """

    config: RunConfig | None = None
    source: str = ""
    fault: str = ""
    currency: str = ""
    data_ns: dict[str, tuple[int, int]] = {}

    @property
    def instruments(self) -> tuple[str, ...]:
        """Return the instruments of the configuration."""
        return self.config.instruments if self.config is not None else ()

    @property
    def name(self) -> str:
        """Return the run's name and the hash of its configuration."""
        return f"{self.config.name} {self.config.hash}" if self.config is not None else ""


def load_facts(history: History) -> RunFacts:
    """Return what RUN_STARTED says, or the files beside the journal: ``config.toml`` and ``metrics.json``."""
    folder = history.path.parent
    source, values, fault = "RUN_STARTED", history.started.get("config"), ""
    if values is None:
        source = str(folder / "config.toml")
        values, fault = _read_toml(folder / "config.toml")
    config = None
    if values is not None:
        try:
            config = msgspec.convert(values, RunConfig)
        except msgspec.ValidationError as error:
            fault = f"{source}: this version cannot read the configuration ({error})"
    metrics = _read_metrics(folder / "metrics.json")
    currency = history.started.get("currency") or metrics.get("currency") or (config.account.currency if config else "")
    return RunFacts(
        config=config,
        source=source if config is not None else "",
        fault=fault,
        currency=str(currency),
        data_ns=_spans(metrics.get("data")),
    )


def _read_toml(path: Path) -> tuple[dict[str, Any] | None, str]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), ""
    except FileNotFoundError:
        return None, "the journal has no RUN_STARTED and there is no config.toml beside it"
    except (OSError, ValueError) as error:
        return None, f"{path}: cannot be read ({error})"


def _read_metrics(path: Path) -> dict[str, Any]:
    """Return the run's facts; they only help, so that a file that cannot be read is as good as none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _spans(data: Any) -> dict[str, tuple[int, int]]:
    try:
        return {name: (_ns(one["first"]), _ns(one["last"])) for name, one in (data or {}).items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}


def _ns(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).timestamp()) * NS
