"""Everything that a watchdog needs before its first look."""

import os
import sys
import threading

from adapters.binance.errors import VenueRefusedError
from adapters.binance.usdm import LIVE_URL, PERMISSIONS_URL, BinanceUsdm
from adapters.governor import open_budget
from configs.watchdog import WatchdogConfig
from errors import StateError, VenueError
from memory.owner import FileOwner
from monitoring.journal import Journal
from monitoring.watchdog.action import Tell
from monitoring.watchdog.limits import SECOND_NS, Limits
from monitoring.watchdog.state import State
from operations.secrets import secret_of
from operations.watchdog.diary import Diary
from operations.watchdog.disk import StateFile
from operations.watchdog.guard import Guard
from operations.watchdog.hands import Hands
from operations.watchdog.sight import Sight

STANDBY_SECS = 1.0


def client_of(config: WatchdogConfig) -> BinanceUsdm:
    """Return the watchdog's own client with its own key.

    Raises
    ------
    ConfigError
        The key is not in the environment, or an address is none.
    """
    venue = config.venue
    return BinanceUsdm(
        venue.http_url or LIVE_URL,
        secret_of(venue.key_secret),
        secret_of(venue.secret_secret),
        venue.timeout_secs,
        permissions_url=venue.permissions_url or venue.http_url or PERMISSIONS_URL,
        budget=open_budget(config.budget),
    )


def check_access(client: BinanceUsdm) -> None:
    """Refuse a key that may withdraw or may not trade, and an account that keeps long and short apart.

    A venue that does not answer lets it pass: a watchdog that is started again in the middle of trouble must run.

    Raises
    ------
    StateError
        The venue says that the key or the account will not do.
    """
    try:
        found = client.key_permissions()
        if found.can_withdraw:
            raise StateError("the watchdog's key may withdraw: make one that may only read and trade (Spec 9.5)")
        if not found.can_trade:
            raise StateError("the watchdog's key may not trade futures: it could close nothing")
        if client.is_hedge_mode():
            raise StateError("the account keeps long and short apart: set one-way mode at the venue")
    except VenueRefusedError as error:
        raise StateError(f"the watchdog's key does not work: {error}") from error
    except VenueError as error:
        print(f"WARNING the venue does not say what the key may do: {error}", file=sys.stderr, flush=True)


def watch(config: WatchdogConfig, client: BinanceUsdm, stopping: threading.Event) -> None:
    """Watch the account; stand by while another watchdog does.

    Raises
    ------
    StateError
        Its folder cannot be used, or what an earlier one left there cannot be read.
    """
    folder = config.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        journal = Journal(folder / "journal.jsonl", each_line=True)
    except OSError as error:
        raise StateError(f"{folder}: cannot be used: {error}") from error
    owner = FileOwner(folder / "watchdog", config.account)
    with journal:
        diary = Diary(journal)
        if not _take(owner, diary, stopping):
            return
        try:
            disk = StateFile(folder)
            state, trouble = disk.read()
            if trouble:
                diary.tell(Tell("WATCHDOG_STATE_LOST", "CRITICAL", trouble))
            text = (
                f"watching {config.account}: {config.heartbeat_secs:g} s of silence, {config.unprotected_secs:g} s bare"
            )
            diary.tell(Tell("WATCHDOG_STARTED", "INFO", f"{text} (pid {os.getpid()})"))
            _guard(config, client, disk, diary, state).run(stopping)
            diary.tell(Tell("WATCHDOG_STOPPED", "WARNING", "told to stop: nobody watches this account now"))
        finally:
            owner.release()


def _take(owner: FileOwner, diary: Diary, stopping: threading.Event) -> bool:
    told = False
    while not owner.take():
        if not told:
            diary.tell(Tell("WATCHDOG_STANDBY", "INFO", f"another watchdog works: standing by (pid {os.getpid()})"))
            told = True
        if stopping.wait(STANDBY_SECS):
            return False
    return True


def _guard(config: WatchdogConfig, client: BinanceUsdm, disk: StateFile, diary: Diary, state: State) -> Guard:
    sight = Sight(
        client,
        config.heartbeat_file,
        full_look_ns=_ns(config.full_look_secs),
        max_stop_frac=config.max_stop_frac,
    )
    return Guard(
        state=state,
        sight=sight,
        hands=Hands(client, diary),
        disk=disk,
        diary=diary,
        limits=limits_of(config),
        poll_secs=config.poll_secs,
    )


def limits_of(config: WatchdogConfig) -> Limits:
    """Return the times of a configuration in nanoseconds."""
    return Limits(
        heartbeat_ns=_ns(config.heartbeat_secs),
        unprotected_ns=_ns(config.unprotected_secs),
        fresh_ns=_ns(config.fresh_secs),
        return_ns=_ns(config.return_secs),
        absent_ns=_ns(config.absent_secs),
        retry_ns=_ns(config.retry_secs),
        blind_ns=_ns(config.blind_secs),
        stuck_ns=_ns(config.stuck_secs),
    )


def _ns(secs: float) -> int:
    return round(secs * SECOND_NS)
