"""Everything that must be in place before the node: folder, memory, journal, clock, the venue's answers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec.structs import replace

from adapters.binance.usdm import PERMISSIONS_URL, BinanceUsdm
from errors import ConfigError, StateError, VenueError
from live.clock import pace_of
from live.config import LiveConfig
from live.markets import perpetual_markets
from live.system import LiveSystem
from live.warm import warm
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import open_store
from monitoring.journal import Journal


def client_of(config: LiveConfig, key: str, secret: str) -> BinanceUsdm:
    """Return our own client of the venue."""
    section = config.live
    permissions_url = section.permissions_url or section.http_url or PERMISSIONS_URL
    return BinanceUsdm(config.live.http_address, key, secret, permissions_url=permissions_url)


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
    warm(config)
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
                inquirer=client_of(config, key, secret),
                markets=markets,
                journal=journal,
                memory=memory,
                pace=pace_of(config.live.clock_url),
                key=key,
                secret=secret,
            )
        except VenueError as error:
            raise StateError(f"{config.live.http_address}: the venue does not answer: {error}") from error
        if system.recording is not None:
            stack.callback(system.recording.close)
        yield system


def make_folder(path: Path) -> None:
    """Make the folder of a system's state.

    Raises
    ------
    StateError
        It cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"{path}: cannot be made ({error.strerror})") from error
