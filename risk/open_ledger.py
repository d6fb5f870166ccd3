"""Which ledger of claims a process works on (D19)."""

from risk.config_ledger import SharedLedgerConfig
from risk.ledger import Ledger, ProcessLedger


def open_ledger(config: SharedLedgerConfig) -> Ledger:
    """Return the ledger that is configured, registered and at work.

    Raises
    ------
    ConfigError
        The password's environment variable is not set.
    StateError
        A living process holds this owner's name on the shared ledger.
    """
    if config.backend == "process":
        return ProcessLedger()
    from risk.shared_ledger import RedisLedger  # noqa: PLC0415 - who has the account for himself needs no Redis

    ledger = RedisLedger(config)
    ledger.open()
    return ledger
