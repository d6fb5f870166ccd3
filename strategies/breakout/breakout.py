"""The breakout rules of one instrument, with their memory: what the engine plugin and the tests hold."""

from typing import Any

import msgspec
import numpy as np

from catalog.candles import Candles
from compiled import Records, record_of
from strategies.breakout import rules
from strategies.breakout.config import BreakoutConfig
from strategies.breakout.past import look_back
from strategies.higher_timeframe import DAY_NS
from strategies.opinion import Opinion, Unconfirmed


class BreakoutRules:
    """Feed closed bars of one instrument, oldest first; get an opinion or none.

    Parameters
    ----------
    config : BreakoutConfig
        The strategy's parameters.
    signal_ns, htf_ns : int
        Length of a signal bar and of a higher-time-frame bar, nanoseconds.
    max_gap_ns : int
        A longer hole between two bars starts the warm-up afresh.
    """

    name = "breakout"

    def __init__(self, config: BreakoutConfig, *, signal_ns: int, htf_ns: int, max_gap_ns: int) -> None:
        self._parameters = parameter_record(config, htf_ns=htf_ns, max_gap_ns=max_gap_ns)
        self._state = np.zeros(1, rules.STATE)
        self._opinion = np.zeros(1, rules.OPINION)
        self._highs = np.empty(config.donchian_bars)
        self._lows = np.empty(config.donchian_bars)
        capacity = config.baseline_days * DAY_NS // signal_ns + 1
        self._past_ns = np.zeros(capacity, np.int64)
        self._past_atr = np.zeros(capacity)
        self._past_volume = np.zeros(capacity)
        self._buffers = (
            self._highs,
            self._lows,
            np.zeros(config.volume_ma_bars),
            np.zeros(config.bollinger_bars),
            self._past_ns,
            self._past_atr,
            self._past_volume,
        )
        rules.reset(self._state, self._highs, self._lows)
        self.unconfirmed: Unconfirmed | None = None  # a breakout of the last bar that a gate or the score refused

    @property
    def buffers(self) -> tuple[Any, ...]:
        """Return parameters, state, opinion and ring buffers: a sweep goes on with them."""
        return self._parameters, self._state, self._opinion, *self._buffers

    @property
    def atr(self) -> float:
        """Return the current ATR in quote units."""
        return float(self._state["atr"][0])

    def on_bar(self, close_ns: int, high: float, low: float, close: float, volume: float) -> Opinion | None:
        """Take one closed bar and return the opinion when there is a signal."""
        side = rules.advance(
            self._parameters, self._state, *self._buffers, close_ns, high, low, close, volume, self._opinion
        )
        self.unconfirmed = None
        if side == 0:
            return None
        if abs(side) == rules.UNCONFIRMED:
            self.unconfirmed = Unconfirmed(side=side // rules.UNCONFIRMED, seen=self._seen())
            return None
        return self._explain(side)

    def warm_up(self, candles: Candles, interval_ns: int) -> None:
        """Take the candles from before the first signal; what they would have said is not said (D10)."""
        for ts_open_ns, high, low, close, volume in zip(
            candles.ts_open_ns.tolist(),
            candles.high.tolist(),
            candles.low.tolist(),
            candles.close.tolist(),
            candles.volume.tolist(),
            strict=True,
        ):
            self.on_bar(ts_open_ns + interval_ns, high, low, close, volume)

    def _seen(self) -> dict[str, float]:
        return dict(zip(rules.OPINION.names or (), self._opinion[0].item(), strict=True))

    def _explain(self, side: int) -> Opinion:
        fields: dict[str, Any] = self._seen()
        past = look_back(self._parameters, self._state, self._past_ns, self._past_atr, self._past_volume)
        baseline, volume_24h, daily = map(float, past)  # run as plain Python they are NumPy's, which no journal takes
        return Opinion(side=side, atr_baseline=baseline, volume_24h=volume_24h, average_daily_volume=daily, **fields)


def parameter_record(config: BreakoutConfig, *, htf_ns: int, max_gap_ns: int) -> Records:
    """Return the configuration as the array of one record that the compiled rules read."""
    values = msgspec.structs.asdict(config) | {"htf_ns": htf_ns, "max_gap_ns": max_gap_ns}
    return record_of(rules.PARAMETERS, values)
