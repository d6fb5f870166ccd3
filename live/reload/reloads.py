"""The node's side: take a request up, prepare, swap between two bars, answer."""

import msgspec
from msgspec import structs
from nautilus_trader.model import Bar

from catalog.candles import Candles
from errors import ConfigError, StateError
from execution.schedule import entry_schedule
from live.chronicle import keep_config
from live.config import LiveConfig
from live.reload.changes import Changes, changes_of
from live.reload.documents import ANSWER, CONFIG, REQUEST, RUNNING, Answer, Request, load_requests
from live.reload.host import Host
from live.reload.preparation import Preparation
from risk.facts import keep_facts
from strategies.breakout.breakout import BreakoutRules

QUOTE = "USDT"


class Reloads:
    """Change what new entries follow; what is open keeps its plan.

    Parameters
    ----------
    host : Host
        The live system.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._key = ""
        self._request: Request | None = None
        self._changes: Changes = {}
        self._preparation: Preparation | None = None

    def begin(self) -> None:
        """Keep what the system trades with, and refuse what was asked of an earlier life."""
        memory = self._host.memory
        with memory.unit():
            memory.put(CONFIG, RUNNING, msgspec.json.encode(self._host.config))
            for key in load_requests(memory):
                self._answer(key, "", "the system was started anew meanwhile, with its own file")
        keep_config(self._host.folder, self._host.config)

    def on_taken(self, name: str, close_ns: int, bar: Bar) -> None:
        """Hear of a bar before the rules do."""
        if self._preparation is not None:
            numbers = float(bar.high), float(bar.low), float(bar.close), float(bar.volume)
            self._preparation.take((name, close_ns, *numbers))

    def on_candles(self, name: str, candles: Candles) -> None:
        """Hear of bars that the stream had lost and the rules are given."""
        if self._preparation is not None:
            self._preparation.take_candles(name, candles)

    def look(self, ts_ns: int) -> None:
        """Do the next step; the node's thread, once a second."""
        if self._preparation is None:
            self._take_up(ts_ns)
        elif self._preparation.is_done:
            self._end(self._preparation, ts_ns)

    # --- taking up ----------------------------------------------------------------------------------------------------

    def _take_up(self, ts_ns: int) -> None:
        try:
            waiting = load_requests(self._host.memory)
        except StateError:
            return  # the memory is away: the officer refuses entries meanwhile and says so
        for key, request in waiting.items():
            if isinstance(request, str):
                self._refuse(ts_ns, key, "", request)
                continue
            try:
                self._changes = changes_of(self._host.config, request.config)
            except ConfigError as error:
                self._refuse(ts_ns, key, request.config.hash, str(error))
                continue
            self._key, self._request = key, request
            self._note(ts_ns, "CONFIG_RELOAD_ASKED", {"operator": request.operator, "new": request.config.hash})
            self._preparation = Preparation(
                request.config, self._host.strategy.closed_ns, client=self._host.market_client
            )
            return

    def _end(self, ready: Preparation, ts_ns: int) -> None:
        if ready.error:
            self._refuse(ts_ns, self._key, ready.config.hash, ready.error)
            self._preparation = None
        elif self._host.strategy.is_between_bars and not self._host.gate.officer.is_weighing:
            self._swap(ready, ts_ns)

    # --- the swap -----------------------------------------------------------------------------------------------------

    def _swap(self, ready: Preparation, ts_ns: int) -> None:
        """Write it down, then do it; a memory that is away is tried again in a second."""
        host, new = self._host, ready.config
        operator = self._request.operator if self._request is not None else ""
        details = {"old": host.config.hash, "new": new.hash, "changes": self._changes, "operator": operator}
        try:
            with host.memory.strict_unit():
                host.memory.put(CONFIG, RUNNING, msgspec.json.encode(new))
                host.memory.write(ts_ns, "live", "CONFIG_RELOADED", "", details)
                self._answer(self._key, new.hash, "")
        except StateError:
            return
        host.journal.write(ts_ns, "live", "CONFIG_RELOADED", "", details)
        self._preparation = None
        self._use(new, ready.finish())

    def _use(self, new: LiveConfig, rules: dict[str, BreakoutRules]) -> None:
        host = self._host
        host.strategy.use(rules, new.exits, new.hash)
        host.strategy.desk.use(new.entry, new.exits, dict.fromkeys(new.instruments, entry_schedule(new.entry)))
        host.gate.officer.use(new.risk)
        host.config = new
        keep_facts(host.memory, new.risk, host.markets, ledger=new.ledger, currency=QUOTE, name=new.name)
        keep_config(host.folder, new)

    # --- telling ------------------------------------------------------------------------------------------------------

    def _refuse(self, ts_ns: int, key: str, new: str, reason: str) -> None:
        with self._host.memory.unit():
            self._answer(key, new, reason)
            self._host.memory.write(ts_ns, "live", "CONFIG_RELOAD_REFUSED", "", {"new": new, "refused": reason})
        self._note(ts_ns, "CONFIG_RELOAD_REFUSED", {"new": new, "refused": reason})

    def _answer(self, key: str, new: str, refused: str) -> None:
        self._host.memory.drop(REQUEST, key)
        answer = Answer(old=self._host.config.hash, new=new, refused=refused)
        self._host.memory.put(ANSWER, key, structs.asdict(answer))

    def _note(self, ts_ns: int, event_type: str, details: object) -> None:
        self._host.journal.write(ts_ns, "live", event_type, "", details)
