"""One life of one owner on the shared ledger: what it says, in order."""

import secrets
from collections.abc import Mapping
from threading import Lock

import msgspec

from risk.config_ledger import SharedLedgerConfig
from risk.ledger import Claim
from risk.shared_holdings import Holdings
from risk.shared_records import Caller, Registration, parse_claim, parse_words
from risk.shared_wire import Wire


class Twin(msgspec.Struct, frozen=True):
    """Another process that holds our name, and how long its lease still runs."""

    instance: str
    seq: int
    lease_secs: float

    def has_spoken_since(self, seen: "Twin") -> bool:
        """Return whether it has given a sign of life since it was seen."""
        return (self.instance, self.seq) != (seen.instance, seen.seq)


class Session:
    """Say all that this process holds, as one atomic step; each word renews the lease.

    Words are numbered and go out one at a time. Redis does not take one that a later one has overtaken: a word may wait
    in a socket while Redis hangs, long after its sender has given it up.
    """

    def __init__(self, config: SharedLedgerConfig, wire: Wire, holdings: Holdings) -> None:
        self._config = config
        self._wire = wire
        self._holdings = holdings
        self._instance = secrets.token_hex(8)
        self._turn = Lock()
        self._seq = 0
        self.acked = 0  # number of the last word that Redis confirmed

    def publish(self, *, leaving: bool = False) -> Twin | None:
        """Say what is held; return a twin when there is one: nothing was taken then.

        Raises
        ------
        ConnectionError
            There was no good answer. What was said may have been taken or not: say it again.
        """
        with self._turn:
            caller = self._caller(leaving=leaving)
            word, rest = self._say(caller, "", {claim.key: claim for claim in self._holdings.claims()})
            if word == "twin":
                return Twin(rest[0].decode(), int(rest[1]), int(rest[2]) / 1000.0)
            if word != "ok":
                raise ConnectionError(f"the shared ledger took a later word first ({word})")
            if caller.fresh:
                self._holdings.inherit([parse_claim(raw) for raw in rest])
            self.acked = caller.seq
            return None

    def reserve(self, claim: Claim, token: int) -> bool:
        """Say what is held and one claim more; return whether it was taken: nobody has added risk since ``token``.

        Raises
        ------
        ConnectionError
            There was no good answer, or an earlier word still waits for one.
        """
        if not self._turn.acquire(timeout=self._config.timeout_secs):
            raise ConnectionError("the shared ledger is slow: an earlier word still waits for its answer")
        try:
            caller = self._caller()
            held = {own.key: own for own in self._holdings.claims()} | {claim.key: claim}
            word, _ = self._say(caller, str(token), held)
            if word != "ok":
                return False
            self.acked = caller.seq
            self._holdings.put(claim)  # within the turn: the next word says it too
            return True
        finally:
            self._turn.release()

    def is_known(self, record: Registration | None, acked: int) -> bool:
        """Return whether Redis knows this life and its word ``acked``."""
        return record is not None and record.instance == self._instance and record.seq >= acked

    def _say(self, caller: Caller, token: str, held: Mapping[str, Claim]) -> tuple[str, list[bytes]]:
        claims = [part for key, claim in held.items() for part in (key, msgspec.json.encode(claim))]
        return self._wire.call(parse_words, "publish", msgspec.json.encode(caller), token, *claims)

    def _caller(self, *, leaving: bool = False) -> Caller:
        self._seq += 1
        equity, age_ms = self._holdings.equity()
        return Caller(
            owner=self._config.owner,
            instance=self._instance,
            seq=self._seq,
            acked=self.acked,
            fresh=self.acked == 0,
            leaving=leaving,
            account=self._config.account,
            equity=equity,
            equity_age_ms=age_ms,
            lease_ms=round(self._config.lease_secs * 1000.0),
            lapse_ms=round(self._config.lapse_secs * 1000.0),
        )
