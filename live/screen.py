"""What a live system does, on the terminal: prices, decisions, positions, breakers, alerts."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.panel import Panel
from rich.table import Table

from monitoring.journal import iso_utc

if TYPE_CHECKING:
    from execution.trade import Trade
    from live.system import LiveSystem

ROWS = 8
SIDES = {1: "long", -1: "short"}


def picture(system: "LiveSystem") -> Group:
    """Return the whole screen as it is now."""
    return Group(_head(system), _prices(system), _positions(system), _decisions(system), _alerts(system))


def _head(system: "LiveSystem") -> Panel:
    equity, cash = system.account.balance()
    tally, halts = system.scribe.tally, system.halts.all()
    heat = system.book.heat() / equity if equity > 0.0 else float("nan")
    closed = [check.rule for check in system.gate.officer.board.checks() if not check.passed]
    lines = (
        f"{system.config.name} ({system.config.live.environment})  market time "
        f"{iso_utc(system.clock.timestamp_ns())[:19]}  state {system.state}",
        f"equity {equity:,.2f}  cash {cash:,.2f}  heat {heat:.2%}  bars {tally.bars}  approved {tally.approved}  "
        f"refused {tally.rejected}  closed {tally.closed}  net {tally.net:+,.2f}",
        f"breakers: {', '.join(closed) or 'all open'}   entries: {'; '.join(halts) or 'allowed'}",
    )
    return Panel("\n".join(lines), title="tidebreak")


def _prices(system: "LiveSystem") -> Table:
    table = Table("instrument", "bid", "ask", "spread bps", "age s", title="prices", expand=True)
    now_ns = system.clock.timestamp_ns()
    for name in system.config.instruments:
        quote = system.account.quote(name)
        if quote is None:
            table.add_row(name, "-", "-", "-", "-")
            continue
        age_secs = system.view.data_age_secs(name, now_ns)
        spread_bps = 1e4 * system.view.spread_frac(name)
        table.add_row(name, str(quote.bid_price), str(quote.ask_price), f"{spread_bps:.2f}", f"{age_secs:.1f}")
    return table


def _positions(system: "LiveSystem") -> Table:
    columns = ("trade", "side", "phase", "filled", "left", "entry", "stop", "TP1", "TP2")
    table = Table(*columns, title="trades", expand=True)
    for trade in system.strategy.desk.open_trades() if system.state == "running" else []:
        table.add_row(*_row(trade))
    return table


def _row(trade: "Trade") -> tuple[str, ...]:
    plan, entry = trade.plan, trade.entry_px or trade.limit_px
    return (
        plan.trade_id,
        SIDES[plan.side],
        trade.phase,
        f"{trade.filled:g}/{plan.quantity:g}",
        f"{trade.remaining:g}",
        f"{entry:g}",
        f"{trade.stop:g}" if trade.filled else "-",
        f"{entry + plan.side * plan.tp1_distance:g}",
        f"{entry + plan.side * plan.tp2_distance:g}",
    )


def _decisions(system: "LiveSystem") -> Table:
    table = Table("time", "instrument", "side", "answer", "rule", "observed", "limit", title="decisions", expand=True)
    for one in list(system.scribe.decisions)[-ROWS:]:
        signal = one.signal
        table.add_row(
            iso_utc(one.ts_ns)[:16],
            signal.instrument_id,
            SIDES[signal.side],
            f"[green]{one.quantity:g}[/]" if one.approved else "[red]refused[/]",
            "" if one.approved else one.rule,
            f"{one.observed:.4g}",
            f"{one.limit:.4g}",
        )
    return table


def _alerts(system: "LiveSystem") -> Table:
    table = Table("time", "alert", "instrument", "details", title="alerts", expand=True)
    for one in list(system.scribe.alerts)[-ROWS:]:
        table.add_row(iso_utc(one.ts_ns)[:19], one.name, one.instrument_id, one.details)
    return table
