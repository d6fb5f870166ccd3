"""The smallest configuration, and the message that refuses one."""

from pathlib import Path

import pytest

from configs.load import load_run
from errors import ConfigError

MINIMAL = 'instruments = ["A.X", "B.X"]\n'


def fails(path: Path, overrides: tuple[str, ...] = (), **fixed: str) -> str:
    """Return the one line that refuses the configuration."""
    with pytest.raises(ConfigError) as caught:
        load_run(path, overrides, fixed)
    text = str(caught.value)
    assert "\n" not in text
    return text
