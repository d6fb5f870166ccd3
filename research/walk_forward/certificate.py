"""No search without proof that the sweep trades as the engine does: its parity certificate."""

from collections.abc import Mapping

import msgspec

from configs.run import RunConfig
from research.parity.certificate import check


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """The proof as the result names it."""

    fresh: bool
    hash: str


def require_certificate(config: RunConfig, data: Mapping[str, str] | None = None) -> Certificate:
    """Return the certificate of a configuration.

    Parameters
    ----------
    config : RunConfig
    data : mapping of instrument id to sha256, optional
        Candles that it must be of; not looked at before they are loaded.

    Raises
    ------
    ConfigError
        It is missing or stale; the message has the command that makes one.
    """
    return Certificate(fresh=True, hash=check(config, None if data is None else dict(data)).hash)
