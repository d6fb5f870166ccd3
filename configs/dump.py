"""The resolved configuration of a run, as TOML that can be loaded again."""

import json
from typing import Any

import msgspec

from configs.run import RunConfig


def to_toml(config: RunConfig) -> str:
    """Return every value of a configuration as TOML; what is absent (None) is left out."""
    values = msgspec.to_builtins(config)
    lines = [f"# resolved configuration, hash {config.hash}", *_table(values, "")]
    return "\n".join(lines) + "\n"


def _table(values: dict[str, Any], prefix: str) -> list[str]:
    lines = [
        f"{key} = {_literal(value)}"
        for key, value in values.items()
        if value is not None and not isinstance(value, dict)
    ]
    for key, value in values.items():
        if isinstance(value, dict):
            lines += ["", f"[{prefix}{key}]", *_table(value, f"{prefix}{key}.")]
    return lines


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML takes no escaped surrogate pairs
