"""What the watchdog is told: whose account it guards, and how long what is borne (Spec 9.3, 9.4)."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from adapters.config import RateBudgetConfig

type Secs = Annotated[float, Meta(gt=0.0, le=600.0)]


class WatchedVenueConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the account is, and the watchdog's own key to it.

    Notes
    -----
    Keys are never in TOML: ``key_secret`` and ``secret_secret`` name environment variables. The key may read and trade
    futures and nothing else; it is not the node's, so that the venue may shut one out and not the other.
    """

    http_url: str = ""  # absent: the venue's own
    permissions_url: str = ""  # absent: the venue's own, or http_url where that is given
    key_secret: str = "TIDEBREAK_WATCHDOG_KEY"
    secret_secret: str = "TIDEBREAK_WATCHDOG_SECRET"
    timeout_secs: Annotated[float, Meta(ge=0.1, le=30.0)] = 5.0


class WatchdogConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The dead man's switch of one account.

    Attributes
    ----------
    state_dir : str
        That of the node: its heartbeat lies there; ours goes into ``watchdog`` below it.
    heartbeat_secs, unprotected_secs : float
        What is borne: silence of the node (Spec 9.4), a position without a sufficient resting stop.
    return_secs : float
        The node must have been steadily alive for so long before it is trusted again.
    fresh_secs : float
        Steadily: never a sign of life older than this.
    absent_secs : float
        A close that the venue does not know counts as never arrived after so long.
    full_look_secs : float
        Between two looks at the orders of all instruments while closing: each costs 80 of 2400 a minute.
    max_stop_frac : float
        A stop further from the market than this protects nothing.
    """

    name: str = "watchdog"
    account: str = "default"
    state_dir: str
    poll_secs: Annotated[float, Meta(ge=0.02, le=5.0)] = 1.0
    heartbeat_secs: Secs = 60.0
    unprotected_secs: Secs = 10.0
    return_secs: Secs = 30.0
    fresh_secs: Secs = 5.0
    absent_secs: Secs = 5.0
    retry_secs: Secs = 1.0
    blind_secs: Secs = 30.0
    stuck_secs: Secs = 60.0
    full_look_secs: Secs = 5.0
    max_stop_frac: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.5
    venue: WatchedVenueConfig = WatchedVenueConfig()
    budget: RateBudgetConfig = RateBudgetConfig()

    def __post_init__(self) -> None:
        """Refuse times that a few looks could not keep, and an account without a folder."""
        if not self.state_dir or not self.account:
            raise ValueError("state_dir and account must not be empty")
        for field in ("heartbeat_secs", "unprotected_secs"):
            value = getattr(self, field)
            if value < 3.0 * self.poll_secs:
                raise ValueError(
                    f"{field} must be at least three looks (poll_secs = {self.poll_secs:g}), was {value:g}: one odd "
                    "look would close positions"
                )
        if self.fresh_secs >= self.heartbeat_secs:
            raise ValueError(
                f"fresh_secs must be under heartbeat_secs ({self.heartbeat_secs:g}), was {self.fresh_secs:g}"
            )

    @property
    def folder(self) -> Path:
        """Return where the watchdog keeps its state and journal."""
        return Path(self.state_dir) / "watchdog"

    @property
    def heartbeat_file(self) -> Path:
        """Return the node's sign of life."""
        return Path(self.state_dir) / "heartbeat.json"
