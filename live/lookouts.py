"""Those who ask the venue what the stream did not tell: lost answers, lost fills, orders of nobody (Spec 9.4)."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from adapters.binance.usdm import BinanceUsdm
from execution.desk import Desk
from execution.schedule import NS
from live.answers import Answers
from live.auditor import Auditor
from live.errands import Errands
from live.orphans import Orphans

if TYPE_CHECKING:
    from live.system import LiveSystem


class Lookouts:
    """Ask in a thread of their own; act in the node's.

    Parameters
    ----------
    system : LiveSystem
    inquirer : BinanceUsdm
        A client for that thread alone.
    """

    def __init__(self, system: "LiveSystem", inquirer: BinanceUsdm) -> None:
        strategy, section = system.strategy, system.config.live
        self._desk: Callable[[], Desk] = lambda: strategy.desk  # there is one once the node has started
        self._sweep_secs = section.sweep_secs
        self._swept_s = 0.0
        self._errands = Errands()
        self.auditor = Auditor(inquirer, errands=self._errands, desk=self._desk, pace=system.pace, tell=system.alert)
        self._answers = Answers(
            limit_ns=int(section.unanswered_secs * NS),
            orders=lambda: list(strategy.cache.orders_inflight()),
            desk=self._desk,
            audit=self.auditor.ask,
            halts=system.halts,
            client=inquirer,
            errands=self._errands,
            tell=system.alert,
        )
        self.orphans = Orphans(
            inquirer,
            errands=self._errands,
            order=lambda order_id: strategy.cache.order(order_id),  # noqa: PLW0108 - the engine gives it a cache later
            trades=lambda: {one.plan.trade_id: one.plan.instrument_id for one in self._desk().open_trades()},
            tell=system.alert,
        )

    def watch(self, instrument_ids: tuple[str, ...]) -> None:
        """Take what has been answered; look at what has not."""
        self._errands.collect()
        self._answers.look(instrument_ids)

    def sweep(self) -> None:
        """Every few seconds: send what was thrown back, and look for orders of nobody."""
        if time.monotonic() - self._swept_s >= self._sweep_secs:
            self._swept_s = time.monotonic()
            self._desk().caretaker.sweep()
            self.orphans.look()
