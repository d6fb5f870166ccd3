"""Keys come from the environment: a configuration holds their names only (Spec 9.5)."""

import os

from errors import ConfigError


def secret_of(name: str) -> str:
    """Return a secret by the name of its environment variable.

    Raises
    ------
    ConfigError
        It is not set.
    """
    found = os.environ.get(name, "")
    if not found:
        raise ConfigError(f"environment variable {name} is not set: the venue's key must be there, never in TOML")
    return found
