"""Which keys of the configurations differ."""

from collections.abc import Sequence
from typing import Any

from research.comparison.runs import Compared
from research.report.run import flatten

ABSENT = "(absent)"


def config_differences(runs: Sequence[Compared]) -> dict[str, list[str]]:
    """Return dotted key -> value of each run as text, for the keys on which the runs do not all agree, in order.

    A key that a run does not have is ``(absent)``.
    """
    flat = [dict(flatten(one.run.config)) for one in runs]
    keys = dict.fromkeys(key for one in flat for key in one)
    found = {key: [_text(one, key) for one in flat] for key in keys}
    return {key: texts for key, texts in found.items() if len(set(texts)) > 1}


def _text(config: dict[str, Any], key: str) -> str:
    if key not in config:
        return ABSENT
    value = config[key]
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
