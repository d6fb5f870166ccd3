"""Which memory an operator means: a file, a run's folder, a database, or the one of a configuration."""

from pathlib import Path

from configs.load import load_run
from errors import ConfigError, StateError
from memory.config import SCHEME, MemoryConfig
from memory.memory import Memory
from memory.store import Store, open_store

IN_RUN = "risk.sqlite"
HINT = (
    "a live system makes it at its first start; a back-test leaves one in its run folder with "
    "--set memory.backend=sqlite"
)


def memory_config(state: str | None, config: Path | None, account: str | None) -> MemoryConfig:
    """Return where the memory is.

    Raises
    ------
    ConfigError
        The configuration cannot be read.
    StateError
        There is no such file.
    """
    found = load_run(config).memory if config is not None else MemoryConfig(backend="sqlite")
    if state is not None:
        found = _of_text(state)
    elif found.backend == "none":
        raise StateError(f"{config}: memory.backend is none: that system keeps no memory")
    if account is not None:
        found = MemoryConfig(backend=found.backend, path=found.path, url=found.url, account=account)
    if found.backend == "sqlite" and not Path(found.path).is_file():
        raise StateError(f"{found.path}: no memory here ({HINT})")
    return found


def _of_text(state: str) -> MemoryConfig:
    if state.startswith(SCHEME):
        try:
            return MemoryConfig(backend="postgresql", url=state)
        except ValueError as error:
            raise ConfigError(f"--state: {error}") from error
    path = Path(state)
    return MemoryConfig(backend="sqlite", path=str(path / IN_RUN if path.is_dir() else path))


def open_memory(config: MemoryConfig) -> tuple[Store, Memory]:
    """Return the store that is there, and the memory on it; nothing is made."""
    store = open_store(config, create=False)
    return store, Memory(store)
