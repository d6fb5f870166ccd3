"""The strategy's own ``advance`` over a whole history, once for every distinct set of window lengths.

Thresholds (ATR band, RSI band, volume multiple, score) only choose among the breakouts that it finds.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from compiled import Records, compiled_bare
from research.run_data import Series
from research.sweep.records import BREAKOUT, Breakouts, Data, Floats, Ints
from strategies.breakout import rules
from strategies.breakout.breakout import BreakoutRules
from strategies.breakout.config import BreakoutConfig
from strategies.breakout.past import look_back

LENGTHS = (
    "donchian_bars",
    "ema_fast_bars",
    "ema_slow_bars",
    "atr_bars",
    "rsi_bars",
    "volume_ma_bars",
    "bollinger_bars",
    "bollinger_std",
    "baseline_days",
)


def lengths_of(config: BreakoutConfig) -> tuple[float, ...]:
    """Return what decides where breakouts are and what they look like, thresholds apart."""
    return tuple(getattr(config, name) for name in LENGTHS)


def find_breakouts(data: Data, series: Sequence[Series], config: BreakoutConfig, *, htf_ns: int) -> Breakouts:
    """Return the breakouts of all instruments by time, and the ATR of every row.

    Parameters
    ----------
    data : Data
    series : sequence of Series
        The candles that ``data`` was made of, with those from before for the warm-up.
    config : BreakoutConfig
        Its thresholds do not matter.
    """
    atr = np.empty(len(data.bars))
    parts, opinions = [], []
    for i, one in enumerate(series):
        first = int(data.markets["first_row"][i])
        rows = slice(first, first + len(one.fill))
        found, seen = _scan(data.bars[rows], data.times, one, config, htf_ns, (i, first), atr[rows])
        parts.append(found)
        opinions.append(seen)
    merged, seen = np.concatenate(parts), np.concatenate(opinions)
    order = np.argsort(merged["step"], kind="stable")
    return Breakouts(merged[order].view(BREAKOUT), seen[order].view(rules.OPINION), atr)


def _scan(
    bars: Records,
    times: Ints,
    series: Series,
    config: BreakoutConfig,
    htf_ns: int,
    place: tuple[int, int],
    atr: Floats,
) -> tuple[Records, Records]:
    lenient = msgspec.structs.replace(
        config, atr_ratio_min_frac=0.0, atr_ratio_max_frac=1.0, rsi_long_min=0.0, rsi_long_max=100.0, min_score=2
    )
    memory = BreakoutRules(lenient, signal_ns=series.signal_ns, htf_ns=htf_ns, max_gap_ns=series.max_gap_ns)
    memory.warm_up(series.warmup, series.signal_ns)
    steps = np.searchsorted(times, bars["close_ns"])
    room = max(len(steps), 1)
    found, opinions = np.zeros(room, BREAKOUT), np.zeros(room, rules.OPINION)
    run: Any = scan  # a tuple of buffers has no length that mypy could count
    count = run(*memory.buffers, bars, steps, *place, atr, found, opinions)
    return found[:count], opinions[:count]


@compiled_bare
def scan(
    parameters: Records,
    states: Records,
    opinion: Records,
    highs: Floats,
    lows: Floats,
    volumes: Floats,
    closes: Floats,
    past_ns: Ints,
    past_atr: Floats,
    past_volume: Floats,
    bars: Records,
    steps: Ints,
    instrument: int,
    first_row: int,
    atr: Floats,
    found: Records,
    opinions: Records,
) -> int:
    """Give one instrument's bars to the strategy; write down its breakouts; return how many there are."""
    count = 0
    for n in range(bars.size):
        bar = bars[n]
        side = rules.advance(
            parameters,
            states,
            highs,
            lows,
            volumes,
            closes,
            past_ns,
            past_atr,
            past_volume,
            bar.close_ns,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
            opinion,
        )
        atr[n] = states[0].atr
        if side == 0:
            continue
        direction = 1 if side > 0 else -1
        if opinion[0].htf_trend != direction:
            continue
        f = found[count]
        f.step = steps[n]
        f.instrument = instrument
        f.row = first_row + n
        f.side = direction
        f.atr_baseline, f.volume_24h, f.average_daily_volume = look_back(
            parameters, states, past_ns, past_atr, past_volume
        )
        opinions[count] = opinion[0]
        count += 1
    return count
