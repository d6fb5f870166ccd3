"""Whole runs, from candles to files, against lines in git; ``--update-golden`` rewrites them."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.candles import INTERVAL_NS, Candles
from catalog.definition import Definition
from catalog.load import Terms, load_candles
from catalog.sample import load_sample
from catalog.store import Store
from configs.load import load_run
from research.backtest import run_backtest

HERE = Path(__file__).resolve().parent
CONFIGS = HERE.parent.parent / "configs" / "backtest"
START = 1_704_067_200_000_000_000
STAMP, TEXT, NUMBER, WHOLE = pa.timestamp("ns", tz="UTC"), pa.string(), pa.float64(), pa.int64()

# design/architecture.md, word for word: other programs read these files
COLUMNS: dict[str, tuple[str, dict[str, Any]]] = {
    "signals": (
        "ts instrument_id strategy side score entry stop tp1 tp2 close atr atr_ratio rsi volume volume_ma "
        "donchian_upper donchian_lower htf_trend bb_lower bb_mid bb_upper signal_id",
        dict.fromkeys(("instrument_id", "strategy", "side", "signal_id"), TEXT)
        | {"ts": STAMP, "score": WHOLE, "htf_trend": WHOLE},
    ),
    "decisions": (
        "ts signal_id instrument_id approved rule limit observed quantity risk_quote heat_before heat_after equity "
        "sized_by",
        dict.fromkeys(("signal_id", "instrument_id", "rule", "sized_by"), TEXT) | {"ts": STAMP, "approved": pa.bool_()},
    ),
    "trades": (
        "trade_id instrument_id strategy side signal_ts entry_ts entry_px quantity stop_initial tp1 tp2 exit_ts "
        "exit_px exit_reason gross_pnl fees funding slippage net_pnl r_multiple mae_r mfe_r",
        dict.fromkeys(("trade_id", "instrument_id", "strategy", "side", "exit_reason"), TEXT)
        | dict.fromkeys(("signal_ts", "entry_ts", "exit_ts"), STAMP),
    ),
    "equity": ("ts equity cash heat_frac drawdown_frac open_positions", {"ts": STAMP, "open_positions": WHOLE}),
}
KEYS = {"signals": ("ts", "instrument_id"), "decisions": ("ts", "signal_id"), "trades": ("exit_ts", "trade_id")}
REASONS = {"STOP", "BREAKEVEN", "TRAIL", "TP2", "MAX_HOLD", "SHUTDOWN", "MANUAL"}

DEFINITIONS = {
    "AAAUSDT-PERP.BINANCE": Definition(kind="perpetual", base="AAA", quote="USDT", tick="0.01", lot="0.001"),
    "BBBUSDT-PERP.BINANCE": Definition(kind="perpetual", base="BBB", quote="USDT", tick="0.0001", lot="1"),
    "CCCUSDT.BINANCE": Definition(kind="spot", base="CCC", quote="USDT", tick="0.1", lot="0.0001", min_notional="10"),
}


def random_walk(seed: int, price: float, decimals: int, bars: int = 3000) -> Candles:
    """Return a market whose trends turn every few hundred bars, so that both sides trade, with bursts of volume."""
    draw = np.random.default_rng(seed)
    drift = np.repeat(draw.choice([-1.0, 1.0], bars // 100 + 1) * 0.0006, 100)[:bars]
    close = price * np.exp(np.cumsum(draw.normal(drift, 0.004)))
    opens = np.r_[price, close[:-1]]
    high = np.maximum(opens, close) * (1.0 + np.abs(draw.normal(0.0, 0.002, bars)))
    low = np.minimum(opens, close) * (1.0 - np.abs(draw.normal(0.0, 0.002, bars)))
    volume = np.round(1e7 / price * np.exp(draw.normal(0.0, 0.6, bars)) + 1.0, 0)
    prices = [np.round(values, decimals) for values in (opens, high, low, close)]
    ts_ns = START + np.arange(bars, dtype=np.int64) * INTERVAL_NS["15m"]
    return Candles(ts_ns, prices[0], prices[1], prices[2], prices[3], volume)


@pytest.fixture(scope="session")
def walks(tmp_path_factory) -> Path:
    """Return a run over three random walks that went through the catalog."""
    folder = tmp_path_factory.mktemp("walks")
    store = Store(folder / "catalog", create=True)
    for seed, (name, definition), price, decimals in zip(
        (1, 2, 3), DEFINITIONS.items(), (50.0, 2.0, 3000.0), (2, 4, 1), strict=True
    ):
        candles = random_walk(seed, price, decimals)
        load_candles(store, name, "15m", candles, source="walk", sha256=str(seed), terms=Terms(definition=definition))
    config = folder / "walks.toml"
    config.write_text(f"catalog = '{store.path}'\ninstruments = {list(DEFINITIONS)}\n[data]\nwarmup = 'none'\n")
    return run_backtest(load_run(config), folder / "runs").path


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Path:
    """Return the run of ``make backtest``."""
    folder = tmp_path_factory.mktemp("sample")
    store = load_sample(folder / "catalog")
    config = load_run(CONFIGS / "sample.toml", fixed={"catalog": str(store.path)})
    return run_backtest(config, folder / "runs").path


def text_of(value: Any) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def lines_of(path: Path, name: str) -> list[str]:
    """Return a table as sorted lines of ``column=value``, without what is empty."""
    table = pq.read_table(path / f"{name}.parquet")
    stamps = [field.name for field in table.schema if field.type == STAMP]
    for stamp in stamps:
        at = table.schema.get_field_index(stamp)
        table = table.set_column(at, stamp, table[stamp].cast(pa.string()))
    rows = sorted(table.to_pylist(), key=lambda row: tuple(row[key] for key in KEYS[name]))
    return [
        f"{name[:-1]} " + " ".join(f"{key}={text_of(value)}" for key, value in row.items() if value not in ("", None))
        for row in rows
    ]


def read_rows(path: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path / f"{name}.parquet").to_pylist()
    return rows


@pytest.mark.parametrize("run", ["walks", "sample"])
def test_run_gives_the_lines_that_are_in_git(run, request):
    path = request.getfixturevalue(run)
    names = ("signals", "decisions", "trades") if run == "walks" else ("decisions", "trades")  # a few hundred lines
    lines = [line for name in names for line in lines_of(path, name)]
    golden = HERE / f"{run}.txt"
    if request.config.getoption("--update-golden"):
        golden.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert lines == golden.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("run", ["walks", "sample"])
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_and_types_are_those_of_the_interface(run, name, request):
    names, kinds = COLUMNS[name]
    schema = pq.read_schema(request.getfixturevalue(run) / f"{name}.parquet")
    assert schema.names == names.split()
    assert {field.name: field.type for field in schema} == {one: kinds.get(one, NUMBER) for one in names.split()}


def test_walks_trade_both_sides_and_say_no(walks):
    trades, decisions = read_rows(walks, "trades"), read_rows(walks, "decisions")
    assert {trade["side"] for trade in trades} == {"LONG", "SHORT"}
    assert {trade["exit_reason"] for trade in trades} <= REASONS
    assert len({trade["exit_reason"] for trade in trades}) >= 3
    assert len({decision["rule"] for decision in decisions}) >= 2


@pytest.mark.parametrize("run", ["walks", "sample"])
def test_equity_rises_by_what_the_trades_earned(run, request):
    path = request.getfixturevalue(run)
    equity = read_rows(path, "equity")
    earned = sum(trade["net_pnl"] for trade in read_rows(path, "trades"))
    assert equity[-1]["equity"] - 50_000.0 == pytest.approx(earned, abs=0.05)
    assert equity[-1]["open_positions"] == 0


@pytest.mark.parametrize("run", ["walks", "sample"])
def test_every_signal_has_one_decision(run, request):
    path = request.getfixturevalue(run)
    signals = sorted(row["signal_id"] for row in read_rows(path, "signals"))
    assert sorted(row["signal_id"] for row in read_rows(path, "decisions")) == signals
    assert len(set(signals)) == len(signals)


@pytest.mark.parametrize("run", ["walks", "sample"])
@pytest.mark.parametrize("file", ["config.toml", "metrics.json", "report.html", "journal.jsonl", "missed.parquet"])
def test_run_leaves_every_file(run, file, request):
    assert (request.getfixturevalue(run) / file).stat().st_size > 0
