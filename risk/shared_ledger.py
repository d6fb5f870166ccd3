"""The ledger of several processes on one account: reservations on Redis, atomic, with owner, lease and recovery (D19).

The rules stay in Python (``risk.limits``). A process reads all claims and a token, decides, and its reservation is
taken only if nobody has added risk since. Without Redis entries are refused; exits never wait for it.
"""

import math
from threading import Event, Thread

from errors import StateError, close_match
from risk.config_ledger import SharedLedgerConfig
from risk.ledger import Claim, Shared
from risk.shared_holdings import Holdings
from risk.shared_records import OwnerStatus, Picture, parse_picture, parse_words
from risk.shared_session import Session, Twin
from risk.shared_wire import Wire

FIRST_PAUSE_SECS = 0.05  # between attempts while Redis is away; doubles up to a third of the lease


class RedisLedger:
    """A ``risk.ledger.Ledger`` that all processes of a namespace share.

    ``read`` and ``reserve`` ask Redis and wait about ``timeout_secs`` for the answer; once one has failed they refuse
    at once until Redis is back. All else is noted here and carried out by a thread: it says all that this process
    holds, every third of the lease and when something changed, so that a Redis that forgot learns it again.

    Parameters
    ----------
    config : SharedLedgerConfig
        With ``backend = "redis"``.
    wire : Wire, optional
        Way to Redis; made from ``config`` when absent. Nothing is connected before the first call.

    Raises
    ------
    ConfigError
        The password's environment variable is not set.
    """

    def __init__(self, config: SharedLedgerConfig, wire: Wire | None = None) -> None:
        self._config = config
        self._wire = wire or Wire(config)
        self._holdings = Holdings()
        self._session = Session(config, self._wire, self._holdings)
        self._fault = f"owner '{config.owner}' is not registered on the shared ledger yet"
        self._wake, self._closing = Event(), Event()
        self._thread = Thread(target=self._run, name=f"ledger-{config.owner}", daemon=True)

    # --- the start ----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Register this process and start its thread, even when Redis is away.

        Waits while the lease of an earlier life runs out, at most that lease.

        Raises
        ------
        StateError
            A living process holds this owner's name.
        """
        seen: Twin | None = None
        while (twin := self._publish()) is not None:
            if seen is not None and twin.has_spoken_since(seen):
                raise StateError(f"owner '{self._config.owner}': {self._fault}; give each process a name of its own")
            seen = twin
            self._closing.wait(min(max(twin.lease_secs, 0.0) + 0.001, self._config.lease_secs / 3.0))
        self._thread.start()

    def recover(self) -> list[Claim]:
        """Return what this owner held in an earlier life and this one has not spoken of: update or release each.

        Until then ``read`` counts them with those of others. Empty while Redis is away: ask again when it is back.
        """
        return self._holdings.recover()

    # --- what a decision asks -----------------------------------------------------------------------------------------

    def read(self) -> Shared:
        """Return what others hold now, or a fault."""
        if self._fault:
            return Shared(equity=math.nan, fault=self._fault)
        acked = self._session.acked  # before the look: the thread may say more while we wait
        try:
            picture = self._look()
        except ConnectionError as error:
            return Shared(equity=math.nan, fault=self._lose(str(error)))
        if fault := self._fault_of(picture, acked):
            return Shared(equity=math.nan, fault=fault)
        others = [claim for owner, claim in picture.claims if owner != self._config.owner]
        return Shared(
            claims=(*others, *self._holdings.undecided()),
            equity=picture.equity_without(self._config.account),
            token=picture.version,
        )

    def _fault_of(self, picture: Picture, acked: int) -> str:
        """Return why this picture must not be decided on; empty when it may."""
        if not self._session.is_known(picture.owners.get(self._config.owner), acked):
            return self._lose("the shared ledger does not know this process any more: it registers again")
        age, lease = (picture.now_ms - picture.begun_ms) / 1000.0, self._config.lease_secs
        if age < lease:  # not everyone may have said again what it holds
            return f"the shared ledger was started afresh {age:.1f} s ago: entries wait {lease - age:.1f} s"
        return ""

    def reserve(self, claim: Claim, token: int) -> bool:
        """Set risk aside for a signal; False when someone has added risk since ``token``, or Redis is away."""
        if self._fault:
            return False
        try:
            return self._session.reserve(claim, token)
        except ConnectionError as error:
            self._lose(str(error))  # taken or not: it is not among what we hold, so the next word gives it back
            return False

    # --- what is noted ------------------------------------------------------------------------------------------------

    def update(self, claim: Claim) -> None:
        """Note what a claim holds now."""
        if self._holdings.put(claim):
            self._wake.set()

    def release(self, key: str) -> None:
        """Note that a claim is gone; releasing twice does nothing."""
        if self._holdings.drop(key):
            self._wake.set()

    def tell_equity(self, equity: float) -> None:
        """Note what this process's venue account is worth, NaN when not known; said with the next sign of life."""
        if self._holdings.tell(equity):
            self._wake.set()

    def close(self) -> None:
        """Say all that was noted, give the lease back, stop. Claims stay, as those of a dead owner."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(8.0 * self._config.timeout_secs)
        self._fault = "the shared ledger is closed"
        self._wire.close()

    # --- the thread ---------------------------------------------------------------------------------------------------

    def publish(self) -> bool:
        """Say all that this process holds, now; False when it must be tried again. The thread's work, one round."""
        return self._publish() is None and not self._fault

    def _publish(self, *, leaving: bool = False) -> Twin | None:
        try:
            twin = self._session.publish(leaving=leaving)
        except (ConnectionError, ValueError) as error:
            self._lose(str(error))
            return None
        self._fault = "another process holds this name on the shared ledger" if twin else ""
        return twin

    def _run(self) -> None:
        longest = self._config.lease_secs / 3.0
        pause, waits_for = 0.0, self._wake  # the first round follows at once: a life's first word deletes nothing
        while not self._closing.is_set():
            waits_for.wait(pause)
            self._wake.clear()
            done = self._publish_guarded()
            pause = longest if done else min(max(2.0 * pause, FIRST_PAUSE_SECS), longest)
            waits_for = self._wake if done else self._closing
        self._publish(leaving=True)

    def _publish_guarded(self) -> bool:
        try:
            return self.publish()
        except Exception as error:  # noqa: BLE001 - the thread's edge: entries stop, the thread goes on trying
            self._lose(f"the shared ledger's thread failed: {error!r}")
            return False

    def _lose(self, fault: str) -> str:
        self._fault = fault
        self._wake.set()
        return fault

    # --- for people ---------------------------------------------------------------------------------------------------

    def owners(self) -> list[OwnerStatus]:
        """Return all owners by name; no registration is needed.

        Raises
        ------
        StateError
            Redis cannot be asked.
        """
        try:
            return self._look().statuses()
        except ConnectionError as error:
            raise StateError(str(error)) from error

    def release_owner(self, name: str) -> int:
        """Drop an owner that is gone for good, its claims and its equity; return how many claims it had.

        Raises
        ------
        StateError
            It is alive, or not known, or Redis cannot be asked.
        """
        try:
            word, rest = self._wire.call(parse_words, "forget", name)
        except ConnectionError as error:
            raise StateError(str(error)) from error
        if word == "alive":
            raise StateError(f"owner '{name}' is alive: stop its process first")
        if word == "unknown":
            known = [status.owner for status in self.owners()]
            raise StateError(f"owner '{name}' is not on the shared ledger{close_match(name, known)}")
        return int(rest[0])

    def _look(self) -> Picture:
        return self._wire.call(parse_picture, "look")
