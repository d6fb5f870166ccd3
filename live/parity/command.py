"""The command line of ``scripts/parity.py --live RUN``."""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from research.process_edge import FAILED, run_to_exit_code

if TYPE_CHECKING:
    from live.parity.decisions import Difference
    from live.parity.replay import Fetch, Replayed
    from live.parity.run import LiveRun


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="parity.py --live",
        description="Run the back-test of what a live run saw, same candles, configuration and account, and compare "
        "signals, decisions and trades. Exit code 0: signals are identical, and decisions but where a limit looks at "
        "quotes or at an account that traded otherwise; 1: something differs without such a cause.",
        epilog="example: python scripts/parity.py --live state/demo",
    )
    found.add_argument("--live", type=Path, required=True, metavar="RUN", help="state folder of a live run")
    found.add_argument("--catalog", type=Path, metavar="DIR", help="candles that the venue replayed, of the signal's "
                       "interval and of 1m (default: ask the venue)")  # fmt: skip
    found.add_argument("--url", metavar="URL", help="where the venue answers now (default: as configured)")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    return run_to_exit_code(lambda: _go(options))


def _go(options: argparse.Namespace) -> int:
    from errors import StateError, VenueError  # noqa: PLC0415 - heavy: --help must not wait for it
    from live.parity.replay import replay  # noqa: PLC0415
    from live.parity.run import read_run  # noqa: PLC0415

    run = read_run(options.live)
    with tempfile.TemporaryDirectory(prefix="tidebreak-parity-") as folder:
        try:
            replayed = replay(run, _candles(options, run), Path(folder))
        except VenueError as error:
            raise StateError(f"no candles from the venue ({error}); name a catalog: --catalog DIR") from error
    return _tell(run, replayed)


def _candles(options: argparse.Namespace, run: "LiveRun") -> "Fetch":
    from live.parity.replay import from_catalog, from_venue  # noqa: PLC0415

    if options.catalog is not None:
        from catalog.store import Store  # noqa: PLC0415

        return from_catalog(Store(options.catalog))
    from adapters.binance.usdm import LIVE_URL, BinanceUsdm  # noqa: PLC0415

    return from_venue(BinanceUsdm(options.url or run.config.live.http_url or LIVE_URL))


def _tell(run: "LiveRun", replayed: "Replayed") -> int:
    from live.parity.decisions import compare_decisions, compare_signals  # noqa: PLC0415
    from live.parity.trades import compare_trades  # noqa: PLC0415
    from monitoring.journal import iso_utc  # noqa: PLC0415

    backtest, wrong = replayed.own, replayed.other_bars
    print(f"compared: bars that close after {iso_utc(run.start_ns)[:16]} up to {iso_utc(run.end_ns)[:16]}")
    _section(f"candles: {len(run.bars)} bars taken live", wrong)
    signals = compare_signals(run, backtest)
    seen = [key for key in run.record.signals if run.start_ns < key[1] <= run.end_ns]
    answered = [key for key in run.record.decisions if run.start_ns < key[1] <= run.end_ns]
    _section(f"signals: {len(seen)} live, {len(backtest.signals)} back-test", _lines(signals))
    decisions = compare_decisions(run, backtest)
    _section(f"decisions: {len(answered)} live, {len(backtest.decisions)} back-test", _lines(decisions))
    trades = compare_trades(run, replayed.given)
    entered = [sum(bool(one.entries) for one in record.trades.values()) for record in (run.record, replayed.given)]
    print(
        f"trades, the back-test given the live decisions: {len(run.record.trades)} live ({entered[0]} entered), "
        f"{len(replayed.given.trades)} back-test ({entered[1]} entered)"
    )
    for (name, ts_ns), found in trades.items():
        print(f"  trade {name} {iso_utc(ts_ns)[:16]}: {'differs' if found else 'the same'}")
        for one in found:
            print(f"    {one.line()}")
    faults = [one for one in (*signals, *decisions) if not one.cause]
    if wrong or faults:
        print(f"DIFFERENT: {len(wrong)} candles, {len(faults)} signals or decisions without a cause")
        return FAILED
    print(f"equal: signals identical, decisions identical but for {len(decisions)} that are explained above")
    return 0


def _lines(differences: "list[Difference]") -> list[str]:
    return [one.line() for one in differences]


def _section(title: str, lines: list[str]) -> None:
    print(f"{title}: {'identical' if not lines else f'{len(lines)} differences'}")
    for line in lines:
        print(f"  {line}")
