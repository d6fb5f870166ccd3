"""The approval record: what was approved, on which numbers, by whom, until when; and its one form as bytes."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Hash12 = Annotated[str, Meta(pattern="^[0-9a-f]{12}$")]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Utc = Annotated[datetime, Meta(tz=True)]


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One requirement with what was seen.

    Attributes
    ----------
    value, bound : float, optional
        The numbers behind ``observed`` and ``limit``, where there are any.
    """

    requirement: str
    observed: str
    limit: str
    passed: bool
    value: float | None = None
    bound: float | None = None


class Piece(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file that was judged: where it lay, what it contained (sha256), the run configuration it names."""

    path: str
    sha256: Sha256
    config_hash: Hash12


class Approval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A configuration that may trade live.

    Attributes
    ----------
    trading_hash : str
        Name of ``configuration``; see ``research.identity.trading_part``.
    data : dict of instrument id to sha256
        Candles that it was tested on; ``data_hash`` is their one name.
    pieces : dict
        ``walk_forward``, ``monte_carlo``, ``run`` and ``run of <instrument>`` for every new asset.
    figures : dict
        Numbers that were not judged but belong to the picture: the stitched out-of-sample curve, the search.
    """

    format: Literal[1] = 1
    trading_hash: Hash12
    configuration: dict[str, Any]
    code_hash: Sha256
    data_hash: Sha256
    data: dict[str, Sha256]
    pieces: dict[str, Piece]
    rows: Annotated[tuple[Row, ...], Meta(min_length=1)]
    figures: dict[str, Any]
    notes: tuple[str, ...]
    operator: Annotated[str, Meta(min_length=1)]
    reason: Annotated[str, Meta(min_length=1)]
    approved_at: Utc
    expires_at: Utc

    @property
    def instruments(self) -> tuple[str, ...]:
        """Return what may be traded."""
        return tuple(self.configuration["instruments"])


class Seal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mark of a key over a record; ``key_id`` tells keys apart and gives nothing of them away."""

    algorithm: Literal["HMAC-SHA256"] = "HMAC-SHA256"
    key_id: str
    mac: str


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in a record's file."""

    approval: Approval
    seal: Seal


def encode(record: Record) -> bytes:
    """Return the one form of a record as bytes: JSON, keys sorted, one value a line."""
    return msgspec.json.format(msgspec.json.encode(record, order="sorted"), indent=1) + b"\n"
