"""Why the rules said nothing at all on a day: no data, not warm yet, or no breakout."""

from configs.run import RunConfig
from research.why.history import History
from research.why.run_facts import RunFacts
from research.why.texts import clock, lasted
from risk.breakers.state import DAY_NS


def quiet_reason(history: History, facts: RunFacts, instrument_id: str, begin_ns: int) -> str:
    """Return why there was neither a breakout nor a signal on the day that begins at a moment, as half a sentence."""
    end_ns = begin_ns + DAY_NS
    config, span = facts.config, facts.data_ns.get(instrument_id)
    if config is not None and instrument_id not in config.instruments:
        return f"the run does not trade {instrument_id}"
    if span is not None and end_ns <= span[0]:
        return f"the candles of {instrument_id} begin {clock(span[0])}"
    if span is not None and begin_ns >= span[1]:
        return f"the candles of {instrument_id} end {clock(span[1])}"
    begun_ns = span[0] if span is not None else history.begin_ns
    first_ns = first_event_ns(history, instrument_id)
    if config is not None and (first_ns is None or end_ns < first_ns):
        reason = _warming_up(config, begun_ns, end_ns)
        if reason:
            return reason
    bars = f"the {config.strategy.donchian_bars} bars" if config is not None else "the bars"
    return f"no close left the channel of {bars} before it, or the market was closed"


def first_event_ns(history: History, instrument_id: str) -> int | None:
    """Return when the rules first said anything of an instrument."""
    stamps = [one.what.ts_ns for one in history.signals.values() if one.what.instrument_id == instrument_id]
    stamps += [one.ts_ns for one in history.near if one.instrument_id == instrument_id]
    return min(stamps, default=None)


def warm_up_ns(config: RunConfig) -> int:
    """Return how long the rules watch a market that never closes before they may speak (D10)."""
    p = config.strategy
    bars = max(p.donchian_bars + 1, p.atr_bars, p.rsi_bars + 1, p.volume_ma_bars, p.bollinger_bars)
    return max(bars * config.timeframe.signal_ns, p.ema_slow_bars * config.timeframe.htf_ns)


def _warming_up(config: RunConfig, begun_ns: int, end_ns: int) -> str:
    """Return that the rules were warming up, or may have been; empty when they surely were not.

    Where markets close overnight it takes longer than the bars alone; with history it may take nothing at all.
    """
    needs = f"{config.strategy.ema_slow_bars} bars of {config.timeframe.htf} come first (D10)"
    warm_ns = begun_ns + warm_up_ns(config)
    if config.data.warmup == "none" and end_ns < warm_ns:
        return f"the rules were warming up, until {clock(warm_ns)} at the earliest: {needs}"
    if end_ns < warm_ns:
        return (
            f"no close left the channel, or the rules were warming up still: {needs}, from before {clock(begun_ns)} "
            f"where the catalog has them, else {lasted(warm_ns - begun_ns)} from then on"
        )
    return (
        f"no close left the channel, or the rules were warming up still: nothing was seen before, and {needs}, which "
        "takes longer where markets close"
    )
