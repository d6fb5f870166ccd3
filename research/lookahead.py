"""Does any signal depend on the future? Re-run on data cut short and compare (Spec 3.5.2)."""

from collections.abc import Sequence

import msgspec
import numpy as np

from configs.run import RunConfig
from monitoring.journal import iso_utc
from research.inputs import Inputs, load_inputs
from research.simulation import simulate
from risk.messages import Signal

CUTS = 5


class LookaheadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the comparison found: nothing, or the first signal that differs."""

    cuts_ns: tuple[int, ...]
    compared: int
    difference: str

    @property
    def clean(self) -> bool:
        """Return whether every earlier signal was the same."""
        return self.difference == ""

    def text(self) -> str:
        """Return the verdict in words."""
        if not self.clean:
            return f"look-ahead: {self.difference}"
        cuts = ", ".join(iso_utc(ns)[:16] for ns in self.cuts_ns)
        return f"no look-ahead: {self.compared} signals are the same with the data cut at {cuts}"


def check_lookahead(config: RunConfig, cuts: int = CUTS) -> LookaheadReport:
    """Run on the whole data and on data cut at several moments; compare every signal before each cut.

    The cuts fall right behind signals, where a rule that looks ahead would show, and are spread over the run.
    """
    inputs = load_inputs(config)
    whole = signals_of(inputs)
    cuts_ns = _choose_cuts(whole, inputs, cuts)
    compared = 0
    for cut_ns in cuts_ns:
        found = signals_of(load_inputs(_cut(config, inputs, cut_ns)))
        expected = [signal for signal in whole if signal.ts_ns <= cut_ns]
        compared += len(expected)
        difference = first_difference(expected, found, cut_ns)
        if difference:
            return LookaheadReport(cuts_ns=cuts_ns, compared=compared, difference=difference)
    return LookaheadReport(cuts_ns=cuts_ns, compared=compared, difference="")


def _cut(config: RunConfig, inputs: Inputs, cut_ns: int) -> RunConfig:
    """Return the configuration with its data ending at ``cut_ns``: every candle is loaded and resampled anew."""
    begun = [one.instrument_id for one in inputs.series if int(one.fill.ts_open_ns[0]) + one.fill_ns <= cut_ns]
    account = msgspec.structs.replace(config.account, currency=inputs.account)
    return msgspec.structs.replace(config, instruments=tuple(begun), end=iso_utc(cut_ns)[:19], account=account)


def signals_of(inputs: Inputs) -> list[Signal]:
    """Return every signal of a run; without the configuration's hash, which the cut itself changes."""
    return [msgspec.structs.replace(signal, config_hash="") for signal in simulate(inputs).recorder.signals]


def first_difference(expected: Sequence[Signal], found: Sequence[Signal], cut_ns: int) -> str:
    """Return the first signal that is not the same in both, in words; empty when all are."""
    for one, other in zip(expected, found, strict=False):
        if one != other:
            early = min(one, other, key=lambda signal: (signal.ts_ns, signal.instrument_id))
            return f"{early.signal_id} at {iso_utc(early.ts_ns)} changes when the data ends at {iso_utc(cut_ns)}"
    if len(expected) != len(found):
        longer = max(expected, found, key=len)
        extra = longer[min(len(expected), len(found))]
        where = "only with the whole data" if len(expected) > len(found) else "only with the data cut short"
        return f"{extra.signal_id} at {iso_utc(extra.ts_ns)} is there {where} (cut at {iso_utc(cut_ns)})"
    return ""


def _choose_cuts(signals: Sequence[Signal], inputs: Inputs, cuts: int) -> tuple[int, ...]:
    """Return moments at which signals arose, spread evenly; evenly spaced bar closes when there are none."""
    times = sorted({signal.ts_ns for signal in signals})
    if not times:
        one = inputs.series[0]
        times = (one.fill.ts_open_ns + one.fill_ns).tolist()
    picks = np.linspace(0, len(times) - 1, cuts + 2)[1:-1].astype(int)
    return tuple(sorted({times[pick] for pick in picks}))
