"""Everything that must be in place before the node: folder, memory, journal, clock, the venue's answers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from msgspec.structs import replace

from adapters.binance.usdm import LIVE_URL, PERMISSIONS_URL, BinanceUsdm
from errors import ConfigError, StateError, VenueError
from live.clock import pace_of
from live.config import LiveConfig
from live.markets import perpetual_markets
from live.system import LiveSystem, make_folder
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import open_store
from monitoring.journal import Journal

PAPER_URL = "https://demo-fapi.binance.com"


def client_of(config: LiveConfig, key: str, secret: str) -> BinanceUsdm:
    """Return our own client of the venue."""
    section = config.live
    permissions_url = section.permissions_url or section.http_url or PERMISSIONS_URL
    return BinanceUsdm(address_of(config), key, secret, permissions_url=permissions_url)


def address_of(config: LiveConfig) -> str:
    """Return where our own client asks: as configured, else the venue, or its trading with play money."""
    return config.live.http_url or (PAPER_URL if config.live.environment == "paper" else LIVE_URL)


def memory_of(config: LiveConfig) -> MemoryConfig:
    """Return where a live system remembers."""
    kept = config.memory
    return replace(kept, path=str(config.state_path / "risk.sqlite")) if kept.backend == "sqlite" else kept


@contextmanager
def start(config: LiveConfig, key: str, secret: str) -> Iterator[LiveSystem]:
    """Yield a system that is ready to run; what it holds is let go afterwards.

    Raises
    ------
    ConfigError
        The venue does not trade an instrument, or the configuration has no memory.
    StateError
        Another process has the account, the memory cannot be opened, or the venue does not answer.
    """
    if config.memory.backend == "none":
        raise ConfigError("memory.backend: a live system must remember: sqlite or postgresql")
    folder = config.state_path
    make_folder(folder)
    with ExitStack() as stack:
        store = open_store(memory_of(config))
        stack.callback(store.close)
        store.own()
        memory = Memory(store)
        stack.callback(memory.flush)
        journal = stack.enter_context(Journal(folder / "journal.jsonl", each_line=True))
        client = client_of(config, key, secret)
        try:
            markets = perpetual_markets(config.instruments, client.exchange_info())
            system = LiveSystem(
                config,
                client=client,
                markets=markets,
                journal=journal,
                memory=memory,
                pace=pace_of(config.live.clock_url),
                key=key,
                secret=secret,
            )
        except VenueError as error:
            raise StateError(f"{address_of(config)}: the venue does not answer: {error}") from error
        if system.recording is not None:
            stack.callback(system.recording.close)
        yield system
