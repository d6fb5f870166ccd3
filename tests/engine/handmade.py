"""A simulation over handmade candles, with rules that say what the test wants at the bar it wants."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from catalog.candles import INTERVAL_NS, Candles
from catalog.definition import Definition
from catalog.instruments import build, is_perpetual
from catalog.resample import last_of_each, resample
from configs.run import RunConfig
from monitoring.journal import Journal
from research import results
from research.inputs import Inputs, account_currency, market_of
from research.run_data import Series, _ends_ns
from research.simulation import Simulation
from risk.rates import Pair
from strategies.opinion import Opinion

START = 1_704_067_200_000_000_000  # Monday 2024-01-01 00:00 UTC
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
BTC, ETH, SPOT = "BTCUSDT-PERP.BINANCE", "ETHUSDT-PERP.BINANCE", "BTCUSDT.BINANCE"
USDJPY, SHARE, FUTURE = "USDJPY.FX", "IBM.US", "ES.CME"
DEFINITIONS = {
    BTC: Definition(kind="perpetual", base="BTC", quote="USDT", tick="0.01", lot="0.001"),
    ETH: Definition(kind="perpetual", base="ETH", quote="USDT", tick="0.01", lot="0.001"),
    SPOT: Definition(kind="spot", base="BTC", quote="USDT", tick="0.01", lot="0.001"),
    USDJPY: Definition(kind="fx", base="USD", quote="JPY", tick="0.001", lot="1"),
    SHARE: Definition(kind="equity", base="IBM", quote="USD", tick="0.01", lot="1"),
    FUTURE: Definition(kind="future", base="ES", quote="USD", tick="0.25", lot="1", multiplier="50"),
}
VOLUME = 100_000.0
type Row = tuple[float, ...]  # open, high, low, close and, when it matters, volume


class Say(NamedTuple):
    """What the rules say at one bar; the entry is the bar's close unless it is given."""

    side: int = 1
    score: int = 4
    atr: float = 2.0


def candles(rows: Sequence[Row], interval: str = "15m", start_ns: int = START) -> Candles:
    """Return candles one after the other from ``start_ns``."""
    table = np.array([(*row, VOLUME)[:5] for row in rows], np.float64)
    ts_ns = start_ns + np.arange(len(rows), dtype=np.int64) * INTERVAL_NS[interval]
    return Candles(ts_ns, *table.T)


def join(*parts: Candles) -> Candles:
    """Return parts one behind the other; what is missing between them is a hole."""
    names = ("ts_open_ns", "open", "high", "low", "close", "volume")
    return Candles(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def calm(count: int, price: float = 100.0) -> list[Row]:
    """Return bars in which nothing happens."""
    return [(price, price, price, price)] * count


def mirrored(rows: Sequence[Row], around: float = 100.0) -> list[Row]:
    """Return the bars upside down: what a long saw, a short sees."""
    flip = 2.0 * around
    return [(flip - o, flip - lo, flip - hi, flip - c, *rest) for o, hi, lo, c, *rest in rows]


class ScriptedRules:
    """Say what is written down for a bar, counted from 0."""

    name = "breakout"
    unconfirmed = None

    def __init__(self, says: Mapping[int, Say], closes_ns: Sequence[int], atr: Callable[[int], float]) -> None:
        self._says = says
        self._number = {ts_ns: number for number, ts_ns in enumerate(closes_ns)}
        self._atr = atr
        self.atr = float("nan")

    def on_bar(self, close_ns: int, _high: float, _low: float, close: float, volume: float) -> Opinion | None:
        number = self._number[close_ns]
        self.atr = self._atr(number)
        say = self._says.get(number)
        if say is None:
            return None
        return Opinion(
            side=say.side, score=say.score, close=close, atr=say.atr, atr_ratio=say.atr / close, rsi=60.0,
            volume=volume, volume_ma=volume, donchian_upper=close, donchian_lower=close, htf_trend=say.side,
            bb_lower=close, bb_mid=close, bb_upper=close, atr_baseline=say.atr, volume_24h=1e9,
            average_daily_volume=1e9,
        )  # fmt: skip


class ScriptedSimulation(Simulation):
    """The whole simulation, but for the rules."""

    def __init__(self, inputs: Inputs, journal: Journal, says: Mapping[str, Mapping[int, Say]], atr: Any) -> None:
        self._says, self._atr = says, atr
        super().__init__(inputs, journal)

    def _rules(self, series: Series) -> Any:
        closes_ns = (series.signal.ts_open_ns + series.signal_ns).tolist()
        return ScriptedRules(self._says.get(series.instrument_id, {}), closes_ns, self._atr)


class Played(NamedTuple):
    """What a run left."""

    simulation: Simulation
    trades: list[dict[str, Any]]
    journal: list[dict[str, Any]]
    final_equity: float

    @property
    def trade(self) -> dict[str, Any]:
        [only] = self.trades
        return only

    @property
    def orders(self) -> list[Any]:
        return sorted(self.simulation.strategy.cache.orders(), key=lambda order: (order.ts_init, order.ts_last))

    def fills(self) -> list[tuple[str, float, float]]:
        """Return leg, quantity and price of every fill, in the order in which they happened."""
        lines = [line for line in self.journal if line["event_type"].endswith("_FILLED")]
        return [(line["event_type"][:-7], line["details"]["filled"], line["details"]["price"]) for line in lines]

    def events(self) -> list[str]:
        return [line["event_type"] for line in self.journal]

    def stops(self) -> list[float]:
        return [point.stop for point in self.simulation.log.stops]


def make_config(names: Sequence[str], **settings: Any) -> RunConfig:
    """Return a configuration; keyword ``section={...}`` sets values of a section."""
    values = {"instruments": list(names), "account": {"starting_balance": 30_000.0}} | settings
    return msgspec.convert(values, RunConfig)


def make_inputs(
    fill: Mapping[str, Candles], config: RunConfig, *, interval: str = "15m", funding: Mapping[str, Any] | None = None
) -> Inputs:
    """Return the inputs of a run over handmade candles; coarser signal bars are made of them."""
    timeframe = config.timeframe
    pairs = {name: Pair(DEFINITIONS[name].base, DEFINITIONS[name].quote) for name in fill}
    instruments = {name: build(name, DEFINITIONS[name]) for name in fill}
    gap_hours = config.data.max_gap_hours or 24.0
    hours = {name: with_past(name, one, interval) for name, one in fill.items()}
    series = [
        Series(
            instrument_id=name,
            warmup=one.take(slice(0, 0)),
            signal=resample(one, INTERVAL_NS[interval], timeframe.signal_ns),
            fill=one,
            signal_ns=timeframe.signal_ns,
            fill_interval=interval,
            max_gap_ns=int(gap_hours * HOUR),
            ends_ns=_ends_ns(one, INTERVAL_NS[interval], int(gap_hours * HOUR)),
            fingerprint="handmade",
            hour_close_ns=hours[name][0],
            hour_close=hours[name][1],
        )
        for name, one in fill.items()
    ]
    none = (np.empty(0, np.int64), np.empty(0))
    return Inputs(
        config=config,
        series=series,
        instruments=instruments,
        markets={name: market_of(name, DEFINITIONS[name]) for name in fill},
        pairs=pairs,
        account=account_currency(config, pairs),
        funding={name: (funding or {}).get(name, none) for name in fill if is_perpetual(instruments[name])},
    )


def with_past(name: str, one: Candles, interval: str) -> tuple[Any, Any]:
    """Return the hourly closes of candles, and of 300 hours before them in which no two markets move alike."""
    close_ns, close = last_of_each(one.ts_open_ns + INTERVAL_NS[interval], one.close, HOUR)
    moves = np.random.default_rng(sum(name.encode())).normal(0.0, 0.01, 300)
    past_ns = (int(close_ns[0]) // HOUR - np.arange(300, 0, -1)) * HOUR
    return np.r_[past_ns, close_ns], np.r_[float(close[0]) * np.exp(np.cumsum(moves)), close]


FREE = {"maker_frac": 0.0, "taker_frac": 0.0, "slippage_frac": 0.0, "funding_8h_frac": 0.0}


def play(
    fill: Mapping[str, Candles] | Sequence[Row],
    says: Mapping[str, Mapping[int, Say]] | Mapping[int, Say],
    *,
    interval: str = "15m",
    atr: Callable[[int], float] = lambda _number: 2.0,
    funding: Mapping[str, Any] | None = None,
    prepare: Callable[[Simulation], None] = lambda _simulation: None,
    **settings: Any,
) -> Played:
    """Run handmade candles; a bare list of bars and a bare script are of BTC."""
    if not isinstance(fill, Mapping):
        fill = {BTC: candles(fill, interval)}
    if any(isinstance(key, int) for key in says):
        says = {next(iter(fill)): says}
    inputs = make_inputs(fill, make_config(list(fill), **settings), interval=interval, funding=funding)
    return run(inputs, lambda journal: ScriptedSimulation(inputs, journal, says, atr), prepare)


def run(
    inputs: Inputs,
    make: Callable[[Journal], Simulation],
    prepare: Callable[[Simulation], None] = lambda _simulation: None,
) -> Played:
    """Run a simulation and return what it left."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        with Journal(path) as journal:
            simulation = make(journal)
            prepare(simulation)
            simulation.run()
        del simulation.engine  # a process has 255 of them; account and cache can still be asked
        lines = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    fills = {one.instrument_id: (one.fill, one.fill_ns) for one in inputs.series}
    trades = results.trade_rows(simulation.log.closed, fills)
    return Played(simulation, trades, lines, simulation.account.equity())
