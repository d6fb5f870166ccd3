"""What a live system is told: everything a back-test is, and where to trade."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from configs.run import RunConfig

LIVE_URL = "https://fapi.binance.com"
PAPER_URL = "https://demo-fapi.binance.com"

type Secs = Annotated[float, Meta(gt=0.0, le=3600.0)]


class LiveSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Venue, keys, places.

    Notes
    -----
    Keys are never in TOML: ``key_secret`` and ``secret_secret`` name environment variables.
    """

    environment: Literal["simulated", "paper", "live"] = "simulated"  # paper: the venue's own trading with play money
    venue: Literal["binance_usdm"] = "binance_usdm"
    http_url: str = ""  # absent: the venue's own
    ws_url: str = ""
    clock_url: str = ""  # simulated only: whose clock a replay follows
    permissions_url: str = ""  # absent: the venue's own; where a key's rights are asked for
    key_secret: str = "TIDEBREAK_VENUE_KEY"
    secret_secret: str = "TIDEBREAK_VENUE_SECRET"
    approval: str = "approvals"  # a record, or the folder that holds records (D40)
    state_dir: str = ""  # absent: state/<name>
    watch_millis: Annotated[int, Meta(ge=20, le=500)] = 500  # Spec 5.1
    sweep_secs: Secs = 5.0
    unanswered_secs: Secs = 3.0  # an order without an answer for so long freezes entries of its instrument
    bar_grace_millis: Annotated[int, Meta(ge=0, le=10_000)] = 1_500  # a bar close waits so long for the last one
    record: bool = False  # raw trades and quotes to Parquet (live/recorder)
    record_catalog: str = "catalogs/recorded"
    record_queue_rows: Annotated[int, Meta(ge=1, le=10_000_000)] = 200_000  # more than wait are dropped, and told
    record_roll_secs: Secs = 300.0  # a segment of the spool becomes Parquet after so long, or at 32 MB

    @property
    def http_address(self) -> str:
        """Return where our own client asks: as configured, else the venue, or its trading with play money."""
        return self.http_url or (PAPER_URL if self.environment == "paper" else LIVE_URL)

    def __post_init__(self) -> None:
        """Refuse real money at a simulated address, and a simulation without one."""
        if self.environment == "simulated" and not (self.http_url and self.ws_url):
            raise ValueError("http_url and ws_url must name the simulated venue when environment is simulated")
        if self.environment == "live" and self.clock_url:
            raise ValueError(f"clock_url must be empty when environment is live, was {self.clock_url!r}")


class LiveConfig(RunConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One live system: a configuration as it was back-tested, and where it trades."""

    name: str = "live"
    live: LiveSection

    @property
    def state_path(self) -> Path:
        """Return the folder of heartbeat, journal and memory."""
        return Path(self.live.state_dir or f"state/{self.name}")
