"""Many parameter sets over one history, in threads (Spec 3.5.3): what walk-forward and parity call."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import msgspec
import numpy as np

from compiled import Records, record_of
from configs.run import RunConfig
from execution.fills import DEPTH_STEPS
from execution.schedule import NS, entry_schedule
from research.inputs import Inputs
from research.operator import NEVER_NS
from research.simulation import STALE_MARGIN_NS
from research.sweep.dataset import build
from research.sweep.kernel import simulate
from research.sweep.records import (
    ACCOUNT,
    CLOSED,
    DECIDED,
    QUOTE,
    SETUP,
    TRADE,
    Breakouts,
    Data,
    Floats,
    Ints,
    Signals,
    World,
)
from research.sweep.signals import find_signals
from research.sweep.structure import find_breakouts, lengths_of
from risk.breakers.state import limits_record, new_state
from risk.facts import trades_every_day
from strategies.breakout.config import BreakoutConfig

DUES = ("suspension_due_ns", "slippage_due_ns", "drawdown_due_ns")
FEW = 1  # decisions that are kept when nobody asks for them


class Span(NamedTuple):
    """Steps of ``Data.times``, the first inside and the end outside."""

    first: int
    end: int


class Outcome(NamedTuple):
    """What one parameter set did.

    Attributes
    ----------
    trades : CLOSED records, oldest exit first
    decided : DECIDED records, empty unless asked for
    equity : float64, shape (days of the span,)
        Last equity of each UTC day, account currency.
    """

    trades: Records
    decided: Records
    equity: Floats


class Sweep:
    """The history of one run's inputs, ready for any parameter set.

    Parameters
    ----------
    inputs : Inputs
        Candles are those of the whole span; single calls may look at a part of it.
    """

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.data: Data = build(inputs)
        self.every_day = trades_every_day(inputs.markets)
        self._found: dict[tuple[float, ...], Breakouts] = {}
        self._signals: dict[BreakoutConfig, Signals] = {}
        self._ends: dict[Span, tuple[Ints, Ints, Ints]] = {}
        self._lock = threading.Lock()

    @property
    def whole(self) -> Span:
        """Return the whole span."""
        return Span(0, len(self.data.times))

    def span_of(self, start_ns: int, end_ns: int) -> Span:
        """Return the steps whose bars close in ``(start, end]``."""
        first, end = np.searchsorted(self.data.times, [start_ns, end_ns], side="right")
        return Span(int(first), int(end))

    def bars_in(self, span: Span) -> int:
        """Return the number of bars of all instruments in a span."""
        return int((self.data.rows[span.first : span.end] >= 0).sum())

    def breakouts_of(self, config: RunConfig) -> Breakouts:
        """Return the breakouts of a configuration's window lengths, from memory when they were asked for before."""
        key = lengths_of(config.strategy)
        with self._lock:
            if key not in self._found:
                htf_ns = self.inputs.config.timeframe.htf_ns
                self._found[key] = find_breakouts(self.data, self.inputs.series, config.strategy, htf_ns=htf_ns)
            return self._found[key]

    def signals_of(self, found: Breakouts, config: BreakoutConfig) -> Signals:
        """Return the signals among the breakouts of a strategy's window lengths, from memory when known."""
        signals = self._signals.get(config)
        if signals is None:
            signals = self._signals[config] = find_signals(found, config)
        return signals

    def forget(self) -> None:
        """Drop the breakouts of all window lengths, and the signals among them."""
        self._found.clear()
        self._signals.clear()

    def run(self, config: RunConfig, span: Span | None = None, *, decisions: bool = False) -> Outcome:
        """Return what a configuration does in a span, from its starting balance.

        ``config`` differs from that of the inputs in strategy, exits and risk only; ``decisions`` keeps every answer.
        """
        span = span or self.whole
        found = self.breakouts_of(config)
        signals = self.signals_of(found, config.strategy)
        room = int(np.diff(np.searchsorted(signals.steps, span))[0])
        world = self._world(config, span, room + 1, room + 1 if decisions else FEW)
        daily = np.full(int(self.data.days[-1]) + 1, np.nan)
        simulate(
            self.data,
            world,
            signals,
            found.breakouts,
            found.opinions,
            found.atr,
            span.first,
            span.end,
            daily,
            np.zeros(4 * len(self.data.markets), np.int64),
        )
        kept = world.decided[: world.account[0].decided] if decisions else world.decided[:0]
        return Outcome(world.closed[: world.account[0].closed], kept, self._daily(daily, span, config))

    def run_all(
        self, configs: Sequence[RunConfig], span: Span, threads: int, each: Callable[[int, Outcome], None]
    ) -> None:
        """Run many configurations in threads; ``each`` takes the number and outcome of every one, in any order."""

        def work(numbers: Iterable[int]) -> None:
            for number in numbers:
                each(number, self.run(configs[number], span))

        order = sorted(range(len(configs)), key=lambda n: lengths_of(configs[n].strategy))
        if threads == 1:
            work(order)
            return
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, [order[n::threads] for n in range(threads)]))

    def _world(self, config: RunConfig, span: Span, trades: int, decisions: int) -> World:
        data, n = self.data, len(self.data.markets)
        last_step, last_row, looks = self._ends_of(span)
        quotes = np.zeros(n, QUOTE)
        quotes["last_px"] = quotes["told_px"] = np.nan
        quotes["row"], quotes["last_row"], quotes["last_step"] = -1, last_row, last_step
        return World(
            markets=data.markets,
            bars=data.bars,
            carries=data.carries,
            setup=setup_record(config, self.inputs),
            trades=np.zeros(n, TRADE),
            quotes=quotes,
            account=record_of(ACCOUNT, {"cash": config.account.starting_balance} | dict.fromkeys(DUES, NEVER_NS)),
            state=new_state(),
            limits=limits_record(config.risk.breaker_limits, every_day=self.every_day),
            looks=looks,
            closed=np.empty(trades, CLOSED),
            decided=np.zeros(decisions, DECIDED),
            sizes=np.zeros(DEPTH_STEPS),
            prices=np.zeros(DEPTH_STEPS),
        )

    def _ends_of(self, span: Span) -> tuple[Ints, Ints, Ints]:
        """Return each instrument's last step and row in a span, and all steps at which data ends."""
        if span not in self._ends:
            data, n = self.data, len(self.data.markets)
            inside = data.rows[span.first : span.end] >= 0
            last_step = np.where(inside.any(axis=0), span.end - 1 - np.argmax(inside[::-1], axis=0), -1)
            last_row = np.where(last_step >= 0, data.latest[np.maximum(last_step, 0), np.arange(n)], -1)
            holes = span.first + np.flatnonzero(data.ends[span.first : span.end].any(axis=1))
            looks = np.unique(np.r_[holes, last_step[last_step >= 0]])
            self._ends[span] = (last_step.astype(np.int64), last_row.astype(np.int64), looks.astype(np.int64))
        return self._ends[span]

    def _daily(self, daily: Floats, span: Span, config: RunConfig) -> Floats:
        """Return the last equity of each day of a span: on days without news that of the day before."""
        days = self.data.days[span.first : span.end]
        if len(days) == 0:
            return np.empty(0)
        part = daily[days[0] : days[-1] + 1]
        known = np.flatnonzero(np.r_[True, ~np.isnan(part)])
        values = np.r_[config.account.starting_balance, part][known]
        filled: Floats = values[np.searchsorted(known, np.arange(1, len(part) + 1), side="right") - 1]
        return filled if self.every_day else filled[np.unique(days) - days[0]]


def setup_record(config: RunConfig, inputs: Inputs) -> Records:
    """Return exits, limits and costs of a configuration as the array of one record that compiled code reads."""
    from catalog.instruments import currency  # noqa: PLC0415

    bar_ns = inputs.series[0].fill_ns
    schedule = entry_schedule(config.entry, bar_ns - 1)
    values = msgspec.structs.asdict(config.exits) | msgspec.structs.asdict(config.costs)
    values |= {name: value for name, value in msgspec.structs.asdict(config.risk).items() if value is not None}
    values |= {
        "max_hold_ns": config.exits.max_hold_secs * NS,
        "reprice_ns": schedule.reprice_ns,
        "cancel_ns": schedule.cancel_ns,
        "stale_ns": bar_ns // 3 + STALE_MARGIN_NS,
        "operator": config.risk.operator == "simulated",
        "balance": config.account.starting_balance,
        "account_scale": 10.0 ** currency(inputs.account).precision,
    }
    return record_of(SETUP, values)
