"""Trades of one signal side by side, given the same decisions: what differs, and why a venue must make it differ."""

from collections.abc import Iterator

from live.parity.decisions import Difference
from live.parity.journal import Fill, Journey, Key, Record
from live.parity.run import LiveRun
from monitoring.journal import iso_utc

STOPS = ("STOP", "BREAKEVEN", "TRAIL")


def compare_trades(run: LiveRun, backtest: Record) -> dict[Key, list[Difference]]:
    """Return the differences of every trade that either had, by its signal."""
    live = {key: one for key, one in run.record.trades.items() if key[1] > run.start_ns}
    keys = sorted(live.keys() | backtest.trades.keys(), key=lambda key: (key[1], key[0]))
    return {key: list(_compare(run, live.get(key), backtest.trades.get(key))) for key in keys}


def _compare(run: LiveRun, a: Journey | None, b: Journey | None) -> Iterator[Difference]:
    if a is None or b is None:
        cause = "the back-test still held the trade before it, whose exit differs" if b is None else ""
        yield Difference(what="trade", live=_state(a), backtest=_state(b), cause=cause)
        return
    if not a.entries or not b.entries:
        if bool(a.entries) != bool(b.entries):
            yield Difference(what="entry", live=_state(a), backtest=_state(b), cause=_why_missed(run, a, b))
        return
    yield from _entry(run, a, b)
    yield from _exit(run, a, b)
    yield from _money(run, a, b)


def _why_missed(run: LiveRun, a: Journey, b: Journey) -> str:
    if not b.entries and b.begun_ns >= run.end_ns:
        return "the candles end here: the back-test has no bar to fill in"
    seconds = run.config.entry.cancel_secs
    if a.entries:
        return (
            f"live the limit followed the best quote ({_px(a.limit_px)}"
            f"{f', then {_px(a.repriced_px)}' if a.repriced_px else ''}); the back-test's rests at the signal's close "
            f"{_px(b.limit_px)} and fills only when the market trades through it (D35)"
        )
    return (
        f"live it was given up after {seconds} s; a bar back-test cannot see {seconds} s inside a bar and lets it work "
        "for the first fill bar"
    )


def _entry(run: LiveRun, a: Journey, b: Journey) -> Iterator[Difference]:
    if a.entries[0].ts_ns != b.entries[0].ts_ns:
        yield Difference(
            what="entry time",
            live=iso_utc(a.entries[0].ts_ns)[11:23],
            backtest=iso_utc(b.entries[0].ts_ns)[11:23],
            cause="the venue fills when a quote comes, the back-test on its fill bars (open, extremes, close)",
        )
    mine, theirs = _price(a.entries), _price(b.entries)
    if mine != theirs:
        limits = f"{_px(a.limit_px)}{f', repriced to {_px(a.repriced_px)}' if a.repriced_px else ''}"
        worst = max(a.side * a.limit_px, a.side * (a.repriced_px or a.limit_px))
        may_chase = run.config.entry.on_timeout == "market"  # then a market order follows the limit
        inside = may_chase or a.side * mine <= worst * (1.0 + 1e-9 * a.side)
        cause = f"live at the best quote ({limits}), the back-test at the signal's close ({_px(b.limit_px)})"
        yield Difference(what="entry price", live=_px(mine), backtest=_px(theirs), cause=cause if inside else "")
    if len(a.entries) != len(b.entries):
        cause = "partial fills: live by the depth of the venue's book, in the back-test by a share of the bar's volume"
        yield Difference(what="entry fills", live=_fills(a.entries), backtest=_fills(b.entries), cause=cause)
    if _sum(a.entries) != _sum(b.entries):
        yield Difference(
            what="quantity",
            live=f"{_sum(a.entries):g}",
            backtest=f"{_sum(b.entries):g}",
            cause="part of the entry was left when it was given up",
        )
    yield from _stop(run, a, b)


def _stop(run: LiveRun, a: Journey, b: Journey) -> Iterator[Difference]:
    """The stop lies as far from the entry in both: another distance has no excuse."""
    if a.stop == b.stop:
        return
    tick = run.markets[a.instrument_id].tick
    apart = abs(abs(_price(a.entries) - a.stop) - abs(_price(b.entries) - b.stop))
    cause = "it is as far from its entry as planned; the entries differ" if apart <= 2.0 * tick else ""
    yield Difference(what="stop", live=_px(a.stop), backtest=_px(b.stop), cause=cause)


def _exit(run: LiveRun, a: Journey, b: Journey) -> Iterator[Difference]:
    mine, theirs = _reason(a), _reason(b)
    if mine != theirs:
        yield Difference(what="exit", live=mine, backtest=theirs, cause=_why_exit(run, a, b, mine, theirs))
        return
    if not a.exits or not b.exits:
        return
    if a.exits[-1].ts_ns != b.exits[-1].ts_ns:
        yield Difference(
            what="exit time",
            live=iso_utc(a.exits[-1].ts_ns)[:23],
            backtest=iso_utc(b.exits[-1].ts_ns)[:23],
            cause="the venue trades when a quote comes, the back-test on its fill bars",
        )
    if _price(a.exits) != _price(b.exits):
        cause = "targets and stops are measured from entries that differ"
        if mine in STOPS:
            cause += "; a stop slips by the venue's book live, by the configured slippage in the back-test"
        yield Difference(what="exit price", live=_px(_price(a.exits)), backtest=_px(_price(b.exits)), cause=cause)


def _why_exit(run: LiveRun, a: Journey, b: Journey, mine: str, theirs: str) -> str:
    if mine == "open":
        return "the live run was stopped with the trade open; the back-test closes what is open when its candles end"
    if theirs == "SHUTDOWN" and b.exits and b.exits[-1].ts_ns >= run.end_ns - 1:
        return "the back-test closes what is open when its candles end"
    if (a.stop, _price(a.entries)) != (b.stop, _price(b.entries)):
        return "stop and targets are measured from entries that differ: one was reached, the other not"
    return ""


def _money(run: LiveRun, a: Journey, b: Journey) -> Iterator[Difference]:
    if a.result is None or b.result is None:
        return
    if a.result["fees"] != b.result["fees"]:
        costs = run.config.costs
        live, test = (_rate(one) for one in (a, b))
        cause = (
            f"schedules: the venue charged {live:.4%} of what was traded, the back-test {test:.4%} "
            f"(configured: maker {costs.maker_frac:.4%}, taker {costs.taker_frac:.4%})"
        )
        yield Difference(what="fees", live=_money_of(a, "fees"), backtest=_money_of(b, "fees"), cause=cause)
    if a.result["funding"] != b.result["funding"]:
        cause = "live the venue books funding into the balance, not into the trade"
        yield Difference(what="funding", live=_money_of(a, "funding"), backtest=_money_of(b, "funding"), cause=cause)
    if a.result["net"] != b.result["net"]:
        cause = "the sum of what is above"
        yield Difference(what="net", live=_money_of(a, "net"), backtest=_money_of(b, "net"), cause=cause)


def _rate(one: Journey) -> float:
    traded = sum(fill.quantity * fill.price for fill in (*one.entries, *one.exits))
    return float(one.result["fees"]) / traded if one.result is not None and traded > 0.0 else 0.0


def _money_of(one: Journey, name: str) -> str:
    return f"{one.result[name]:+.4f}" if one.result is not None else "-"


def _reason(one: Journey) -> str:
    return "open" if one.result is None else str(one.result["reason"])


def _state(one: Journey | None) -> str:
    if one is None:
        return "none"
    if one.entries:
        return f"entered {_sum(one.entries):g} at {_px(_price(one.entries))}"
    return "missed" if one.missed else "working"


def _sum(fills: list[Fill]) -> float:
    return round(sum(fill.quantity for fill in fills), 9)


def _price(fills: list[Fill]) -> float:
    return sum(fill.quantity * fill.price for fill in fills) / sum(fill.quantity for fill in fills)


def _fills(fills: list[Fill]) -> str:
    return " + ".join(f"{fill.quantity:g}" for fill in fills)


def _px(price: float) -> str:
    return f"{price:.10g}"
