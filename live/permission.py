"""Who may trade real money: an approved configuration, an operator who knows the risk, a key that cannot withdraw."""

import os
import time
from pathlib import Path

from errors import ConfigError, StateError, VenueError
from live.config import LiveConfig
from live.start import client_of

DISCLOSURE = """\
Automated trading can lose all money in the account, and with leverage faster than a person can act. Past results,
those of this project included, say little about future ones. Software, venue and network fail. Stops can be jumped.
Nobody but you is responsible for what this program does with your account.
"""
WORDS = "I understand and accept the risk"


def disclosure_path() -> Path:
    """Return where an operator's acknowledgement is kept (Spec 10.3)."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(home) if home else Path.home() / ".config") / "tidebreak" / "risk_acknowledged.txt"


def check_permission(config: LiveConfig, key: str, secret: str) -> None:
    """Let a system start, or say why not.

    Raises
    ------
    ConfigError
        There is no acknowledgement or no approval.
    StateError
        The approval does not hold, or the key may withdraw or may not trade.
    """
    if config.live.environment == "live":
        _check_disclosure()
        from research.approval.verify import verify_approval  # noqa: PLC0415 - only real money needs it

        verify_approval(Path(config.live.approval), config, now_ns=time.time_ns())
    if config.live.environment != "paper":
        _check_key(config, key, secret)


def _check_disclosure() -> None:
    path = disclosure_path()
    said = path.read_text(encoding="utf-8") if path.is_file() else ""
    if WORDS not in said:
        raise ConfigError(
            f"{path}: the risk has not been acknowledged (Spec 10.3). Read this, then write '{WORDS}' and your name "
            f"into that file:\n{DISCLOSURE}"
        )


def _check_key(config: LiveConfig, key: str, secret: str) -> None:
    try:
        found = client_of(config, key, secret).key_permissions()
    except VenueError as error:
        raise StateError(f"the rights of the venue's key cannot be read: {error}") from error
    if found.can_withdraw:
        raise StateError("the venue's key may withdraw: make one that may only read and trade (Spec 9.5)")
    if not found.can_trade:
        raise StateError("the venue's key may not trade futures: allow it at the venue, or use another one")
