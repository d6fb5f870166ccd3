"""What the shared ledger keeps on Redis, as values. Numbers that are not known are ``null`` there, NaN here."""

import math
from typing import Any

import msgspec

from risk.ledger import Claim
from risk.messages import AssetClass


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who speaks, and what goes with every word.

    Attributes
    ----------
    instance : str
        Random, one for each life of an owner.
    seq, acked : int
        Number of this word, and of the last one that Redis confirmed.
    fresh : bool
        Whether this life has not been registered yet.
    leaving : bool
        Whether this is the last word: the lease ends with it.
    equity : str
        Worth of the venue account as text, ``nan`` when not known, empty when nothing was said of it.
    """

    owner: str
    instance: str
    seq: int
    acked: int
    fresh: bool
    leaving: bool
    account: str
    equity: str
    equity_age_ms: int
    lease_ms: int
    lapse_ms: int


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """An owner as Redis knows it; times in ms by Redis' clock.

    Attributes
    ----------
    told : int
        When its equity was said; of several owners on one venue account the last word counts.
    beat, lease, lapses, stale : int
        Last sign of life; until when it counts as alive, its mere entries count, its equity counts.
    """

    instance: str
    seq: int
    account: str
    equity: str
    told: int
    beat: int
    lease: int
    lapses: int
    stale: int


class OwnerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One owner on a status screen. Money in account currency; NaN when not known.

    Attributes
    ----------
    lease_age_secs : float
        Since its last sign of life.
    claims : int
        How many it holds, of entries and positions.
    risk : float
        Reserved and open risk of them.
    equity : float
        Of its venue account, as this owner said.
    """

    owner: str
    venue_account: str
    alive: bool
    lease_age_secs: float
    claims: int
    risk: float
    equity: float


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The whole ledger at one moment."""

    now_ms: int
    begun_ms: int
    version: int
    owners: dict[str, Registration]
    claims: list[tuple[str, Claim]]

    def equity_without(self, account: str) -> float:
        """Return the sum of all other venue accounts; NaN when one of them is not known."""
        others = {record.account for record in self.owners.values()} - {account}
        return math.fsum(self._equity_of(other) for other in others)

    def _equity_of(self, account: str) -> float:
        told = [record for record in self.owners.values() if record.account == account and self._is_told(record)]
        return float(max(told, key=lambda record: record.told).equity) if told else math.nan

    def _is_told(self, record: Registration) -> bool:
        return record.equity != "" and self.now_ms < record.stale

    def statuses(self) -> list[OwnerStatus]:
        """Return all owners by name."""
        return [self._status(name, record) for name, record in sorted(self.owners.items())]

    def _status(self, name: str, record: Registration) -> OwnerStatus:
        held = [claim for owner, claim in self.claims if owner == name]
        return OwnerStatus(
            owner=name,
            venue_account=record.account,
            alive=self.now_ms < record.lease,
            lease_age_secs=(self.now_ms - record.beat) / 1000.0,
            claims=len(held),
            risk=math.fsum(claim.reserved + claim.open_risk for claim in held),
            equity=float(record.equity) if self._is_told(record) else math.nan,
        )


class _StoredClaim(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    instrument_id: str
    asset_class: AssetClass
    strategy: str
    reserved: float | None
    open_risk: float | None


_claims = msgspec.json.Decoder(_StoredClaim)
_registrations = msgspec.json.Decoder(Registration)


def parse_claim(raw: bytes) -> Claim:
    """Return a claim from its JSON."""
    stored = _claims.decode(raw)
    return Claim(
        key=stored.key,
        instrument_id=stored.instrument_id,
        asset_class=stored.asset_class,
        strategy=stored.strategy,
        reserved=math.nan if stored.reserved is None else stored.reserved,
        open_risk=math.nan if stored.open_risk is None else stored.open_risk,
    )


def parse_picture(answer: Any) -> Picture:
    """Return the answer of ``look``."""
    now_ms, begun_ms, version, owners, claims = answer
    return Picture(
        now_ms=int(now_ms),
        begun_ms=int(begun_ms),
        version=int(version),
        owners={name.decode(): _registrations.decode(raw) for name, raw in _pairs(owners)},
        claims=[(field.decode().partition(":")[0], parse_claim(raw)) for field, raw in _pairs(claims)],
    )


def parse_words(answer: Any) -> tuple[str, list[bytes]]:
    """Return the answer of every other step: one word, and what goes with it."""
    word, *rest = answer
    return word.decode(), rest


def _pairs(flat: list[bytes]) -> list[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))
