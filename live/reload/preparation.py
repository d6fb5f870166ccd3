"""New rules, warmed up from the venue's history beside the running ones."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from adapters.binance.usdm import BinanceUsdm
from catalog.candles import Candles
from configs.run import HOUR_NS
from errors import BotError
from live.config import LiveConfig
from live.history import fetch_signal_past
from strategies.breakout.breakout import BreakoutRules

MAX_GAP_NS = 24 * HOUR_NS

type TakenBar = tuple[str, int, float, float, float, float]  # instrument, close ns, high, low, close, volume


def make_rules(config: LiveConfig) -> BreakoutRules:
    """Return the rules of one instrument, cold."""
    frame = config.timeframe
    return BreakoutRules(config.strategy, signal_ns=frame.signal_ns, htf_ns=frame.htf_ns, max_gap_ns=MAX_GAP_NS)


class Preparation:
    """Warm rules up in a thread of their own; keep the bars that come meanwhile.

    Nothing of the engine is touched from that thread: it asks the venue over a client of its own.

    Parameters
    ----------
    config : LiveConfig
        The new one.
    closed_ns : mapping by instrument id
        Close of the last bar that the present rules have had: history ends there, later bars are taken as they come.
    client : callable
        Makes the client, in the thread.
    """

    def __init__(
        self,
        config: LiveConfig,
        closed_ns: Mapping[str, int],
        *,
        client: Callable[[], BinanceUsdm],
    ) -> None:
        self.config = config
        self.error = ""
        self._closed_ns = dict(closed_ns)
        self._client = client
        self._rules: dict[str, BreakoutRules] = {}
        self._later: list[TakenBar] = []
        self._thread = threading.Thread(target=self._work, name="reload", daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Return whether the rules are warm, or ``error`` says why not."""
        return not self._thread.is_alive()

    def take(self, bar: TakenBar) -> None:
        """Keep a bar that the present rules are given."""
        self._later.append(bar)

    def take_candles(self, name: str, candles: Candles) -> None:
        """Keep bars that the stream had lost."""
        step_ns = self.config.timeframe.signal_ns
        columns = (candles.ts_open_ns, candles.high, candles.low, candles.close, candles.volume)
        for open_ns, high, low, close, volume in zip(*(column.tolist() for column in columns), strict=True):
            self.take((name, open_ns + step_ns, high, low, close, volume))

    def finish(self) -> dict[str, BreakoutRules]:
        """Return the rules with every bar that has come; what they would have said of those is not said."""
        for name, close_ns, *numbers in self._later:
            self._rules[name].on_bar(close_ns, *numbers)
        self._later.clear()
        return self._rules

    def _work(self) -> None:
        try:
            self._check_approval()
            client = self._client()
            for name in self.config.instruments:
                rules = make_rules(self.config)
                past = fetch_signal_past(client, self.config, name, self._closed_ns[name])
                rules.warm_up(past, self.config.timeframe.signal_ns)
                self._rules[name] = rules
        except BotError as error:
            self.error = str(error)
        except Exception as error:  # noqa: BLE001 - the edge of the thread: the old rules go on, the operator is told
            self.error = f"{type(error).__name__}: {error}"

    def _check_approval(self) -> None:
        """Ask for a record of the new configuration's own where real money is traded (D40)."""
        if self.config.live.environment == "live":
            from research.approval.verify import verify_approval  # noqa: PLC0415 - only real money needs it

            verify_approval(Path(self.config.live.approval), self.config, now_ns=time.time_ns())
