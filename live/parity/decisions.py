"""Signals must be identical; decisions too, but where a limit looks at quotes or at an account that differs."""

from typing import Any

import msgspec

from live.parity.journal import Journey, Key, Record
from live.parity.run import LiveRun
from monitoring.journal import iso_utc

NAMES = ("config_hash",)  # of a live system it names the venue too
QUOTES = {
    "spread": "candles have no spread",
    "unknown_spread": "candles have no spread",
    "stale_data": "candles have no quotes that could be old",
    "correlation": "hourly closes are the last quote's middle live, the last candle's close in a back-test",
}
NO_QUOTE = "no quote"  # how the halt of a stale stream begins
ACCOUNT = frozenset(
    (
        "one_position", "max_positions", "asset_class_positions", "trades_per_day", "portfolio_heat", "heat_share",
        "minimum_quantity", "minimum_notional", "correlation", "daily_loss", "suspension", "weekly_loss", "drawdown",
        "slippage", "loss_streak", "review_required",
    )
)  # fmt: skip


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which live and back-test differ; without a cause it is a fault."""

    what: str
    live: str
    backtest: str
    cause: str = ""

    def line(self) -> str:
        """Return it as text."""
        return f"{self.what}: live {self.live}, back-test {self.backtest}; {self.cause or 'NOT EXPLAINED'}"


def compare_signals(run: LiveRun, backtest: Record) -> list[Difference]:
    """Return every signal that only one has, and every value that differs: exactly, no tolerance."""
    live = {key: one for key, one in run.record.signals.items() if run.start_ns < key[1] <= run.end_ns}
    found = []
    for key in sorted(live.keys() | backtest.signals.keys(), key=lambda key: (key[1], key[0])):
        a, b = live.get(key), backtest.signals.get(key)
        if a is None or b is None:
            note = "; its bar was lost by the stream and fetched: no signal live" if run.is_repaired(key) else ""
            found.append(Difference(what=f"signal {_name(key)}{note}", live=_is(a), backtest=_is(b)))
            continue
        for name in sorted(a.keys() | b.keys()):
            if name not in NAMES and a.get(name) != b.get(name):
                what = f"signal {_name(key)} {name}"
                found.append(Difference(what=what, live=repr(a.get(name)), backtest=repr(b.get(name))))
    return found


def compare_decisions(run: LiveRun, backtest: Record) -> list[Difference]:
    """Return every decision on a common signal that differs, with its cause."""
    found = []
    for key in sorted(run.record.signals.keys() & backtest.signals.keys(), key=lambda key: (key[1], key[0])):
        a, b = run.record.decisions.get(key), backtest.decisions.get(key)
        if a is None or b is None:
            found.append(Difference(what=f"decision {_name(key)}", live=_is(a), backtest=_is(b)))
        elif _answer(a) != _answer(b):
            cause = _cause(key, a, b, run.record.trades, backtest.trades)
            found.append(Difference(what=f"decision {_name(key)}", live=_said(a), backtest=_said(b), cause=cause))
    return found


def _cause(
    key: Key, a: dict[str, Any], b: dict[str, Any], live: dict[Key, Journey], backtest: dict[Key, Journey]
) -> str:
    rules = [one["rule"] for one in (a, b) if not one["approved"]]
    for rule in rules:
        if rule in QUOTES:
            return f"{rule}: {QUOTES[rule]}"
    if a["rule"] == "readiness":
        note = str(a["checks"][-1][4])
        return f"data age: entries were halted ({note})" if note.startswith(NO_QUOTE) else ""
    earlier = [one for one in live.keys() | backtest.keys() if one[1] < key[1]]
    other = [one for one in earlier if _differ(live.get(one), backtest.get(one))]
    may_differ = all(rule in ACCOUNT for rule in rules) if rules else a["equity"] != b["equity"]
    if other and may_differ:
        last = max(other, key=lambda one: one[1])
        return f"{rules[0] if rules else 'size'}: the accounts differ since the trade of {_name(last)}"
    return ""


def _differ(a: Journey | None, b: Journey | None) -> bool:
    return a is None or b is None or (a.entries, a.exits, a.result) != (b.entries, b.exits, b.result)


def _answer(details: dict[str, Any]) -> tuple[Any, ...]:
    return details["approved"], details["rule"], details["quantity"]


def _said(details: dict[str, Any]) -> str:
    if details["approved"]:
        return f"approved {details['quantity']:g} (equity {details['equity']:.2f})"
    return f"refused by {details['rule']} ({details['observed']}, limit {details['limit']})"


def _is(found: object) -> str:
    return "none" if found is None else "there"


def _name(key: Key) -> str:
    return f"{key[0]} {iso_utc(key[1])[:16]}"
