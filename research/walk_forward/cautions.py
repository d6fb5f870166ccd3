"""What a reader must know before believing a walk-forward."""

from collections.abc import Iterator, Sequence
from datetime import date

from research.walk_forward.history import History
from research.walk_forward.result import TestedWindow
from research.walk_forward.windows import SPEC_IN, SPEC_OUT, SPEC_STEP, Lengths

FEW_TRADES = 30
LATE_DAYS = 31
IDLE_DAYS = 90


def warnings_of(
    history: History,
    lengths: Lengths,
    windows: Sequence[TestedWindow],
    anchors: Sequence[TestedWindow],
    suspects: Sequence[str],
) -> Iterator[str]:
    """Yield them as sentences; ``suspects`` are the records that are too good to be true."""
    for text in suspects:
        yield (
            f"too good to be true: {text}; a leak until it is explained: run backtest.py --check-lookahead, and look "
            "for candles that were corrected afterwards"
        )
    if lengths.short:
        yield (
            f"short: {lengths.in_months} months in, {lengths.out_months} out, step {lengths.step_months}; D39 asks for "
            f"{SPEC_IN}, {SPEC_OUT} and {SPEC_STEP}"
        )
    if len(windows) == 1:
        yield "there is one window only: a single period says little"
    yield from _instruments(history, windows[0].is_start, windows[-1].oos_end)
    yield from _choices(windows, anchors)
    if not history.config.risk.breakers:
        yield "breakers were off (risk.breakers = false): research only, no live system runs like this"
    elif history.config.risk.operator == "simulated":
        yield "a simulated operator opened the breakers that wait for a hand"


def _instruments(history: History, start: date, end: date) -> Iterator[str]:
    for name, (first, last) in history.spans_of_candles().items():
        if (first - start).days > LATE_DAYS or (end - last).days > LATE_DAYS:
            yield f"{name}: candles only from {first} to {last}; windows before and after trade without it"


def _choices(windows: Sequence[TestedWindow], anchors: Sequence[TestedWindow]) -> Iterator[str]:
    for name, rows in (("rolling", windows), ("anchored", anchors)):
        for row in rows:
            if row.number is None:
                yield f"{name} window {row.oos_start}: {row.why_not}; it counts as not accepted, its days as cash"
            for text in row.differences:
                yield f"{name} window {row.oos_start}: kernel and engine disagree: {text}"
    yield from _idle(windows)
    few = [row for row in windows if row.oos_trades is not None and row.oos_trades < FEW_TRADES]
    if few:
        fewest = min(row.oos_trades or 0 for row in few)
        yield (
            f"{len(few)} of {len(windows)} windows had fewer than {FEW_TRADES} trades out of sample (the fewest: "
            f"{fewest}): their Sharpe ratios are mostly noise"
        )


def _idle(windows: Sequence[TestedWindow]) -> Iterator[str]:
    idle = [row for row in windows if row.is_idle_days is not None and row.is_idle_days > IDLE_DAYS]
    if idle:
        longest = max(row.is_idle_days or 0 for row in idle)
        yield (
            f"in {len(idle)} of {len(windows)} samples the choice stopped trading {IDLE_DAYS} days or more before the "
            f"end (up to {longest} days), as a breaker that waits for a hand makes it: its Sharpe ratio says little of "
            "the time after; --set risk.operator=simulated resets them"
        )
