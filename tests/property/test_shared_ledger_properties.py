"""Three owners on real Redis in any order of words, deaths and returns: each reads what a plain model says.

No thread speaks here and no time passes by itself: owners publish when told to, and silence is written into Redis.
"""

import json
import math
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from redis.backoff import NoBackoff
from redis.retry import Retry

from risk.config_ledger import SharedLedgerConfig
from risk.ledger import Claim
from risk.shared_ledger import RedisLedger
from risk.shared_wire import SCRIPT

LEASE_SECS, LAPSE_SECS = 3600.0, 7200.0  # nothing runs out by itself while a test runs
SILENT = {"dead": LEASE_SECS + 60.0, "lapsed": LAPSE_SECS + 60.0}  # seconds more at each step
PICKS = st.integers(0, 2)  # one of those that can do it
KEYS = st.sampled_from(["k", "m", "n"])
RISKS = st.sampled_from([0.0, 1.0, 2.5, 4.0, math.nan])

type Claims = dict[str, Claim]


def total(claim: Claim) -> float:
    risk = claim.reserved + claim.open_risk
    return math.inf if math.isnan(risk) else risk


def text(claims: list[Claim]) -> list[str]:
    """Return claims in a form in which one NaN equals another."""
    return sorted(map(repr, claims))


def claim_of(name: str, key: str, reserved: float, open_risk: float) -> Claim:
    return Claim(
        key=key,
        instrument_id=f"{key}.{name}",
        asset_class="fx",
        strategy=name,
        reserved=reserved,
        open_risk=open_risk,
    )


def pick_from(owners: "dict[str, Owner]", pick: int) -> "tuple[str, Owner]":
    return list(owners.items())[pick % len(owners)]


@dataclass
class Owner:
    """What the model knows of one owner."""

    ledger: Any = None
    state: str = "absent"  # absent, alive, dead (its lease is over), lapsed (its entries too, and its equity is old)
    registered: bool = False
    held: Claims = field(default_factory=dict)
    undecided: set[str] = field(default_factory=set)
    spoken: set[str] = field(default_factory=set)
    told: float | None = None
    token: tuple[int, int] | None = None  # as read, and the version of the model at that time
    # what Redis has of it
    said: Claims = field(default_factory=dict)
    equity: float | None = None


class SharedLedgerMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.name = f"test-{uuid.uuid4().hex}"
        self.client = redis.Redis(retry=Retry(NoBackoff(), 0))
        self.client.hset(f"{{{self.name}}}:epoch", mapping={"at": 1, "version": 1})
        self.client.script_load(SCRIPT)
        self.version = 0
        self.tokens: dict[int, int] = {}
        self.owners = {name: Owner() for name in "abc"}
        for number in range(3):
            self.comes(0, registers=number < 2, early=None)

    def teardown(self) -> None:
        for owner in self.owners.values():
            if owner.ledger is not None:
                owner.ledger.close()
        self.client.delete(*(f"{{{self.name}}}:{key}" for key in ("epoch", "owners", "claims")))
        self.client.close()

    # --- what owners do -----------------------------------------------------------------------------------------------

    @precondition(lambda self: self._away())
    @rule(pick=PICKS, registers=st.booleans(), early=st.none() | KEYS)
    def comes(self, pick: int, *, registers: bool, early: str | None) -> None:
        """Start, or start again; it may have spoken of a claim before it is heard, and need not be heard yet."""
        name, owner = pick_from(self._away(), pick)
        self._comes(name, owner, registers=registers, early=early)

    def _comes(self, name: str, owner: Owner, *, registers: bool, early: str | None) -> None:
        config = SharedLedgerConfig(
            backend="redis",
            namespace=self.name,
            owner=name,
            lease_secs=LEASE_SECS,
            lapse_secs=LAPSE_SECS,
            timeout_secs=10.0,
        )
        owner.ledger = RedisLedger(config)
        owner.registered, owner.held, owner.undecided, owner.spoken = False, {}, set(), set()
        owner.told = owner.token = None
        if early is not None:
            owner.ledger.release(early)
            self._speaks_of(owner, early)
        if registers:
            self._publish(owner)

    @precondition(lambda self: self._here())
    @rule(pick=PICKS, key=KEYS, reserved=RISKS, open_risk=RISKS)
    def update(self, pick: int, key: str, reserved: float, open_risk: float) -> None:
        name, owner = pick_from(self._here(), pick)
        claim = claim_of(name, key, reserved, open_risk)
        owner.ledger.update(claim)
        owner.held[key] = claim
        self._speaks_of(owner, key)

    @precondition(lambda self: self._here())
    @rule(pick=PICKS, key=KEYS)
    def release(self, pick: int, key: str) -> None:
        _, owner = pick_from(self._here(), pick)
        owner.ledger.release(key)
        owner.held.pop(key, None)
        self._speaks_of(owner, key)

    @precondition(lambda self: self._here())
    @rule(pick=PICKS, equity=st.sampled_from([0.0, 100.0, 1e-3, math.nan, math.inf]))
    def tell_equity(self, pick: int, equity: float) -> None:
        _, owner = pick_from(self._here(), pick)
        owner.ledger.tell_equity(equity)
        owner.told = equity if math.isfinite(equity) else math.nan

    @precondition(lambda self: self._here())
    @rule(pick=PICKS)
    def publish(self, pick: int) -> None:
        self._publish(pick_from(self._here(), pick)[1])

    def _publish(self, owner: Owner) -> None:
        assert owner.ledger.publish()
        self._sweep()
        if owner.registered:
            self._says(owner, owner.held)
            return
        inherited = {key: claim for key, claim in owner.said.items() if key not in owner.held}
        self._says(owner, inherited | owner.held)
        owner.undecided = set(inherited) - owner.spoken
        owner.held = {key: inherited[key] for key in owner.undecided} | owner.held
        owner.registered = True

    @precondition(lambda self: self._here())
    @rule(pick=PICKS)
    def read(self, pick: int) -> None:
        self._read(pick_from(self._here(), pick)[1])

    def _read(self, owner: Owner) -> None:
        shared = owner.ledger.read()
        assert bool(shared.fault) is not owner.registered
        if owner.registered:
            owner.token = (shared.token, self.version)

    @precondition(lambda self: self._here())
    @rule(pick=PICKS, other=PICKS, key=KEYS, risk=RISKS, fresh=st.booleans())
    def reserve(self, pick: int, other: int, key: str, risk: float, *, fresh: bool) -> None:
        """Try a token just read, or one that somebody read at some time."""
        name, owner = pick_from(self._here(), pick)
        if fresh:
            self._read(owner)
        token = owner.token if fresh else pick_from(self._here(), other)[1].token
        if token is None:
            return
        claim = claim_of(name, key, risk, 0.0)
        taken = owner.ledger.reserve(claim, token[0])
        assert taken is (owner.registered and token[1] == self.version)
        if taken:
            owner.held[key] = claim
            self._speaks_of(owner, key)
            self._sweep()
            self._says(owner, owner.held)

    @precondition(lambda self: self._here())
    @rule(pick=PICKS)
    def recover(self, pick: int) -> None:
        _, owner = pick_from(self._here(), pick)
        assert text(owner.ledger.recover()) == text([owner.held[key] for key in owner.undecided])
        owner.undecided = set()

    @precondition(lambda self: self._here())
    @rule(pick=PICKS, lapses=st.booleans())
    def dies(self, pick: int, *, lapses: bool) -> None:
        name, owner = pick_from(self._here(), pick)
        self._dies(name, owner, lapses=lapses)

    @precondition(lambda self: self._holding())
    @rule(pick=PICKS, lapses=st.booleans(), early=st.none() | KEYS)
    def crashes_and_is_started_again(self, pick: int, *, lapses: bool, early: str | None) -> None:
        name, owner = pick_from(self._holding(), pick)
        self._dies(name, owner, lapses=lapses)
        self._comes(name, owner, registers=True, early=early)

    def _dies(self, name: str, owner: Owner, *, lapses: bool) -> None:
        owner.ledger.close()  # it has no thread, so it says nothing
        owner.ledger = None
        if owner.registered:
            owner.registered = False
            self._falls_silent(owner, name, "dead")
            if lapses:
                self._falls_silent(owner, name, "lapsed")

    @precondition(lambda self: self._in_state("dead"))
    @rule(pick=PICKS)
    def lapses(self, pick: int) -> None:
        name, owner = pick_from(self._in_state("dead"), pick)
        self._falls_silent(owner, name, "lapsed")

    @precondition(lambda self: self._here() and (self._in_state("dead") or self._in_state("lapsed")))
    @rule(pick=PICKS, by=PICKS)
    def is_released(self, pick: int, by: int) -> None:
        name, owner = pick_from(self._in_state("dead") | self._in_state("lapsed"), pick)
        assert pick_from(self._here(), by)[1].ledger.release_owner(name) == len(owner.said)
        owner.said, owner.equity, owner.state = {}, None, "absent"

    def _here(self) -> dict[str, Owner]:
        return {name: owner for name, owner in self.owners.items() if owner.ledger is not None}

    def _away(self) -> dict[str, Owner]:
        return {name: owner for name, owner in self.owners.items() if owner.ledger is None}

    def _holding(self) -> dict[str, Owner]:
        return {name: owner for name, owner in self._here().items() if owner.registered and owner.said}

    def _in_state(self, state: str) -> dict[str, Owner]:
        return {name: owner for name, owner in self.owners.items() if owner.state == state}

    # --- the model ----------------------------------------------------------------------------------------------------

    def _speaks_of(self, owner: Owner, key: str) -> None:
        owner.undecided.discard(key)
        owner.spoken.add(key)

    def _says(self, owner: Owner, claims: Claims) -> None:
        added = any(key not in owner.said or total(claims[key]) > total(owner.said[key]) for key in claims)
        self.version += added
        owner.said, owner.state, owner.equity = dict(claims), "alive", owner.told

    def _sweep(self) -> None:
        for owner in self.owners.values():
            if owner.state == "lapsed":
                owner.said = {
                    key: claim for key, claim in owner.said.items() if claim.open_risk != 0.0 or claim.reserved == 0.0
                }

    def _falls_silent(self, owner: Owner, name: str, state: str) -> None:
        owner.state = state
        where = f"{{{self.name}}}:owners"
        record: dict[str, Any] = json.loads(self.client.hget(where, name) or b"{}")
        for when in ("told", "beat", "lease", "lapses", "stale"):
            record[when] -= round(SILENT[state] * 1000.0)
        self.client.hset(where, name, json.dumps(record))

    @invariant()
    def each_reads_what_the_model_says(self) -> None:
        for name, owner in self.owners.items():
            if owner.ledger is None or not owner.registered:
                continue
            self._sweep()
            others = [other for key, other in self.owners.items() if key != name and other.state != "absent"]
            shared = owner.ledger.read()
            claims = [claim for other in others for claim in other.said.values()]
            assert shared.fault == ""
            assert text(list(shared.claims)) == text(claims + [owner.held[key] for key in owner.undecided])
            equity = sum(math.nan if one.equity is None or one.state == "lapsed" else one.equity for one in others)
            assert shared.equity == pytest.approx(equity, nan_ok=True)
            assert self.tokens.setdefault(self.version, shared.token) == shared.token
            assert len(set(self.tokens.values())) == len(self.tokens)


@pytest.fixture(autouse=True)
def _needs_redis() -> None:
    try:
        with redis.Redis(retry=Retry(NoBackoff(), 0)) as client:
            client.ping()
    except redis.RedisError:
        pytest.skip("no server: Redis on 127.0.0.1:6379")


SharedLedgerMachine.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.usefixtures("_needs_redis")
class TestSharedLedgerInAnyInterleaving(SharedLedgerMachine.TestCase):  # type: ignore[misc]
    pass
