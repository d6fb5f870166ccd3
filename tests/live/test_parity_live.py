"""Live equals back-test: a node trades on a simulated venue, then the back-test of the same candles is compared."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.persistence import ParquetDataCatalog

from adapters.binance.usdm import BinanceUsdm
from catalog.load import load_candles
from catalog.store import Store
from live.parity.command import main
from live.parity.journal import read_events
from live.parity.replay import from_venue
from live.parity.run import read_run
from live.stage import ROOT, Place, simulated_venue

CONFIG = ROOT / "configs" / "live" / "demo.toml"
LIVELY = {
    "strategy.donchian_bars": "2",
    "strategy.volume_multiple": "0.1",
    "strategy.min_score": "2",
    "strategy.require_volume": "false",
    "strategy.atr_ratio_min_frac": "0.0",
    "strategy.rsi_long_max": "95",
    "strategy.rsi_long_min": "30",
}  # a signal every few bars


def trade(place: Place, state: Path, symbols: tuple[str, ...], signals: int) -> None:
    """Let a node trade until it has answered so many signals."""
    values = {
        **place.addresses(),
        **LIVELY,
        "live.state_dir": str(state),
        "live.record": "true",
        "live.record_catalog": str(state / "recorded"),
        "instruments": ",".join(f"{symbol}-PERP.BINANCE" for symbol in symbols),
    }
    settings = [part for key, value in values.items() for part in ("--set", f"{key}={value}")]
    command = [sys.executable, str(ROOT / "scripts" / "live.py"), str(CONFIG), *settings, "--seconds", "600"]
    journal = state / "journal.jsonl"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and (not journal.exists() or count(journal) < signals):
            time.sleep(0.2)
        process.terminate()
        said = process.communicate(timeout=60)[1]
    assert (process.returncode, said) == (0, "")


def count(journal: Path) -> int:
    """Return how many answers to signals a journal tells; none before some bars have closed."""
    text = journal.read_text()
    answers = text.count('"RISK_APPROVED"') + text.count('"RISK_REJECTED"')
    return answers if text.count('"EQUITY"') >= 3 else 0


def venue_arguments(symbols: tuple[str, ...], speed: int) -> list[str]:
    named = [part for symbol in symbols for part in ("--instrument", symbol)]
    return [*named, "--prices", "seed:7", "--from", "2024-06-04T17:35", "--speed", str(speed), "--steps", "20"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Place]]:
    """Yield the state of a short run; the venue is still up."""
    folder = tmp_path_factory.mktemp("parity")
    symbols = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT")
    with simulated_venue(folder, venue_arguments(symbols, 400)) as place:
        trade(place, folder / "state", symbols, 3)
        yield folder / "state", place


def rewritten(source: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Return a copy of a run whose journal lines went through ``change``."""
    target.mkdir()
    for path in source.glob("config-*.toml"):
        (target / path.name).write_bytes(path.read_bytes())
    lines = [json.loads(line) for line in (source / "journal.jsonl").read_text().splitlines()]
    for line in lines:
        change(line)
    (target / "journal.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return target


def test_signals_of_a_live_run_are_those_of_the_back_test(run, capsys):
    code = main(["--live", str(run[0])])
    said = capsys.readouterr().out
    assert code == 0, said
    assert "bars taken live: identical" in said
    assert ": identical" in next(line for line in said.splitlines() if line.startswith("signals: "))
    counts = next(line for line in said.splitlines() if line.startswith("signals: ")).split()
    assert int(counts[1]) == int(counts[3]) >= 2
    assert "NOT EXPLAINED" not in said
    assert "trades, the back-test given the live decisions: " in said


def test_candles_of_a_catalog_do_where_the_venue_is_gone(run, tmp_path, capsys):
    client, found = BinanceUsdm(run[1].http), read_run(run[0])
    store = Store(tmp_path / "catalog", create=True)
    for name, (first_ns, _) in found.warm_ns.items():
        for interval, start_ns in (("15m", first_ns), ("1m", found.start_ns)):
            candles = from_venue(client)(name, interval, start_ns, found.end_ns)
            load_candles(store, name, interval, candles, source="a", sha256=interval)
    assert main(["--live", str(run[0]), "--url", "http://127.0.0.1:9", "--catalog", str(store.path)]) == 0
    assert "equal: signals identical" in capsys.readouterr().out


def test_signal_with_another_value_is_a_fault(run, tmp_path, capsys):
    def change(line: dict[str, Any]) -> None:
        if line["event_type"] in ("SIGNAL_LONG", "SIGNAL_SHORT"):
            line["details"]["rsi"] += 1e-9

    assert main(["--live", str(rewritten(run[0], tmp_path / "run", change))]) == 1
    said = capsys.readouterr().out
    assert " rsi: live " in said
    assert "NOT EXPLAINED" in said


def test_decision_without_a_cause_is_a_fault(run, tmp_path, capsys):
    def change(line: dict[str, Any]) -> None:
        if line["event_type"] in ("RISK_APPROVED", "RISK_REJECTED"):
            line["details"] |= {"approved": False, "rule": "minimum_quantity" if first else "short_selling"}
            first.clear()

    first = [True]
    assert main(["--live", str(rewritten(run[0], tmp_path / "run", change))]) == 1
    assert "NOT EXPLAINED" in capsys.readouterr().out


def test_bar_that_is_not_the_candle_is_a_fault(run, tmp_path, capsys):
    def change(line: dict[str, Any]) -> None:
        if line["event_type"] == "BAR_TAKEN":
            line["details"]["high"] += 0.1

    assert main(["--live", str(rewritten(run[0], tmp_path / "run", change))]) == 1
    assert "DIFFERENT: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("event", "message"),
    [("RESTORED", "began with open trades"), ("CONFIG_RELOADED", "configuration was changed at")],
)
def test_run_that_no_back_test_can_repeat_is_refused(run, tmp_path, capsys, event, message):
    def change(line: dict[str, Any]) -> None:
        if line["event_type"] == "EQUITY":
            line["event_type"] = event

    assert main(["--live", str(rewritten(run[0], tmp_path / "run", change))]) == 2
    assert message in capsys.readouterr().err


def test_run_without_a_bar_close_is_refused(run, tmp_path, capsys):
    def change(line: dict[str, Any]) -> None:
        if line["event_type"] == "EQUITY":
            line["event_type"] = "OTHER"

    assert main(["--live", str(rewritten(run[0], tmp_path / "run", change))]) == 2
    assert "no bar close that every instrument saw" in capsys.readouterr().err


def test_folder_without_a_run_is_refused(tmp_path, capsys):
    assert main(["--live", str(tmp_path)]) == 2
    assert "no journal" in capsys.readouterr().err


def test_venue_that_is_gone_is_told_with_the_way_out(run, capsys):
    assert main(["--live", str(run[0]), "--url", "http://127.0.0.1:9"]) == 2
    assert "--catalog DIR" in capsys.readouterr().err


def test_what_was_recorded_is_read_by_the_engine_and_is_the_market_that_was_traded_on(run):
    events = list(read_events(run[0] / "journal.jsonl"))
    figures = [one.details for one in events if one.event_type == "RECORDER_FIGURES"][-1]
    catalog = ParquetDataCatalog(str(run[0] / "recorded"))
    trades, quotes = catalog.query_trade_ticks(), catalog.query_quote_ticks()
    assert len(trades) + len(quotes) == figures["written"] > 200
    assert (figures["dropped"], figures["failed"]) == (0, 0)
    assert all(quote.bid_price < quote.ask_price for quote in quotes)
    bars = [(one.asset, one.details) for one in events if one.event_type == "BAR_TAKEN"]
    name, bar = bars[-1]  # recorded from its first trade on
    prices = [
        float(trade.price)
        for trade in trades
        if str(trade.instrument_id) == name and bar["close_ns"] - 900_000_000_000 <= trade.ts_event < bar["close_ns"]
    ]
    assert (max(prices), min(prices), prices[-1]) == (bar["high"], bar["low"], bar["close"])


@pytest.mark.long
def test_hours_of_five_markets_give_the_same_signals(tmp_path, capsys):
    symbols = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "LTCUSDT")
    with simulated_venue(tmp_path, venue_arguments(symbols, 120)) as place:
        trade(place, tmp_path / "state", symbols, 25)
        code = main(["--live", str(tmp_path / "state")])
    said = capsys.readouterr().out
    assert code == 0, said
    assert int(next(line for line in said.splitlines() if line.startswith("signals: ")).split()[1]) >= 20
