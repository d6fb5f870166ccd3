"""The command as people type it."""

import subprocess
import sys
from pathlib import Path

import pytest

from catalog.cli import main
from catalog.sample import load_sample
from catalog.store import Store

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = str(ROOT / "scripts" / "load_catalog.py")
HEADER = "ts,open,high,low,close,volume"


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "SOLUSDT-15m.csv"
    lines = [f"2024-01-01 {n // 4:02}:{n % 4 * 15:02},100.5,101.25,99.75,{100 + n / 100},3.5" for n in range(40)]
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def load(csv, tmp_path, *more: str) -> int:
    return main(["file", str(csv), "--instrument", "SOLUSDT-PERP.BINANCE", "--catalog", str(tmp_path / "c"), *more])


def test_script_runs_from_any_folder_and_help_imports_nothing_heavy(tmp_path):
    code = f"import sys, runpy; sys.argv = ['x', '--help']; sys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
    code += f"try: runpy.run_path({SCRIPT!r}, run_name='__main__')\nexcept SystemExit: pass\n"
    code += "print({'numpy', 'pandas', 'pyarrow', 'nautilus_trader', 'rich'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0].startswith("usage: load_catalog.py")
    assert done.stdout.splitlines()[-1] == "set()"


def test_file_loads_and_says_what_to_type_next(csv, tmp_path, capsys):
    assert load(csv, tmp_path, "--interval", "15m") == 0
    out, err = capsys.readouterr()
    assert "SOLUSDT-15m.csv       40       0        40     0         0   40       0" in out
    assert "prices: as in the source, not adjusted" in out
    assert "next: python scripts/load_catalog.py check --catalog" in out
    assert "inferred" in err
    assert len(Store(tmp_path / "c").candles("SOLUSDT-PERP.BINANCE", "15m")) == 40


def test_file_interval_is_told_from_the_spacing(csv, tmp_path, capsys):
    assert load(csv, tmp_path) == 0
    assert "interval: 15m, told from the spacing" in capsys.readouterr().out


def test_file_twice_says_unchanged(csv, tmp_path, capsys):
    load(csv, tmp_path)
    load(csv, tmp_path)
    assert "unchanged, all rows were already in" in capsys.readouterr().out


def test_list_and_check_of_a_good_catalog(csv, tmp_path, capsys):
    load(csv, tmp_path)
    assert main(["list", "--catalog", str(tmp_path / "c")]) == 0
    assert main(["check", "--catalog", str(tmp_path / "c")]) == 0
    out = capsys.readouterr().out
    assert "SOLUSDT-PERP.BINANCE  15m       2024-01-01 00:15  2024-01-01 10:00    40" in out
    assert "1 series, all well" in out


def test_check_of_a_damaged_catalog_exits_1(csv, tmp_path, capsys):
    load(csv, tmp_path)
    next((tmp_path / "c").glob("data/bars/*/*.parquet")).unlink()
    assert main(["check", "--catalog", str(tmp_path / "c")]) == 1
    assert "is missing; load its sources again" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--interval", "15min"], "--interval: unknown '15min'; did you mean '15m'?"),
        (["--interval", "1h"], "its candles are 15 min apart (median), --interval says 1h"),
        (["--calendar", "XNYSE"], "--calendar: unknown calendar 'XNYSE'; did you mean 'XNYS'?"),
        (["--timezone", "Mars/Base"], "--timezone: unknown 'Mars/Base'"),
        (["--factors", "none.csv"], "none.csv: cannot be read"),
        (["--funding"], "needed: a stamp (ts) and funding_rate"),
    ],
)
def test_file_mistakes_are_one_line_and_exit_2(csv, tmp_path, capsys, more, message):
    assert load(csv, tmp_path, *more) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert message in err
    assert "Traceback" not in err
    assert not list((tmp_path / "c").glob("tidebreak/*"))


def test_file_unknown_option_exits_2(csv, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        load(csv, tmp_path, "--intervall", "15m")
    assert stopped.value.code == 2
    assert "unrecognized arguments: --intervall" in capsys.readouterr().err


def test_file_ctrl_c_exits_130_and_changes_nothing(csv, tmp_path, capsys, monkeypatch):
    def interrupt(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("catalog.load.stage_series", interrupt)
    assert load(csv, tmp_path) == 130
    assert "stopped" in capsys.readouterr().err
    assert Store(tmp_path / "c").instrument_ids() == []
    assert not list((tmp_path / "c").glob(".staging-*"))


def test_sample_builds_once_and_is_adjusted(tmp_path):
    store = load_sample(tmp_path)
    assert store.instrument_ids() == ["AAPL.US", "GOOG.US", "IBM.US", "MSFT.US"]
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    again = load_sample(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")} == files
    for instrument_id in store.instrument_ids():
        close = again.candles(instrument_id, "1d").close
        moves = close[1:] / close[:-1]
        assert moves.min() > 0.45, f"{instrument_id}: looks like a split"  # AAPL fell 52 % on 2000-09-29
        assert moves.max() < 1.5
        assert again.gaps_ns(instrument_id, "1d") == []
    assert again.candles("AAPL.US", "1d").close[-1] == pytest.approx(430.47)
