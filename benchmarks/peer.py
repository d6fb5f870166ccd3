"""The peer: backtesting.py in an environment of its own, on the same signal candles."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from catalog.candles import COLUMNS, Candles

PACKAGE = "backtesting==0.6.6"
SCRIPT = Path(__file__).with_name("peer_breakout.py")
SWEEP_PACKAGE = "vectorbt==0.28.1 plotly==5.24.1"
SWEEP_SCRIPT = Path(__file__).with_name("peer_signals.py")
SWEEP_NOTE = (
    "vectorbt from_signals on the same 15 min bars: close beyond the channel with a volume filter, trailing stop, fees "
    "and slippage, all money in one position; no trend filter, score, targets, sizing, limits or breakers"
)
INSTALL_SECS, RUN_SECS = 600, 1800
NOTE = (
    "backtesting.py on the same one-minute bars, judged at the same 15 min closes: HTF EMA, Donchian, ATR, volume and "
    "RSI rules, 1.5 ATR stop, 3 ATR target, 0.1 % fees, 1 % risk, out after 24 h. It has no limit entry (market at the "
    "next open), partial fill, second target, break-even, trail, slippage, journal or decision record and no limit but "
    "one position; its indicators are computed over the whole array at once, outside the clock."
)


def run_peer(fill: Candles, signal: Candles, signal_ns: int, cache: Path, repeat: int) -> dict[str, Any]:
    """Return the peer's figures, or null figures with the reason: a machine without PyPI still gets its line."""
    try:
        python = _environment(cache)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "candles.npz"
            columns = {f"fill_{name}": getattr(fill, name) for name in COLUMNS}
            columns |= {f"signal_{name}": getattr(signal, name) for name in COLUMNS}
            np.savez(path, allow_pickle=False, signal_ns=np.int64(signal_ns), **columns)
            found = _call([str(python), str(SCRIPT), str(path), str(repeat)], RUN_SECS)
    except (OSError, subprocess.SubprocessError) as error:
        return {"peer": None, "peer_note": f"not measured: {_reason(error)}"}
    figures: dict[str, Any] = json.loads(found.splitlines()[-1])
    return {
        "peer": round(len(fill) / figures["secs"]),
        "peer_trades": figures["trades"],
        "peer_versions": figures["versions"],
        "peer_note": NOTE,
    }


def run_peer_sweep(candles: Candles, cache: Path, sets: int) -> dict[str, Any]:
    """Return what vectorbt does with the same candles, or null figures with the reason."""
    try:
        python = _environment(cache, SWEEP_PACKAGE)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "candles.npz"
            np.savez(path, allow_pickle=False, **{name: getattr(candles, name) for name in COLUMNS})
            found = _call([str(python), str(SWEEP_SCRIPT), str(path), str(sets)], RUN_SECS)
    except (OSError, subprocess.SubprocessError) as error:
        return {"peer": None, "peer_note": f"not measured: {_reason(error)}"}
    figures: dict[str, Any] = json.loads(found.splitlines()[-1])
    return {
        "peer": round(figures["bars"] * figures["sets"] / figures["secs"]),
        "peer_trades_per_set": figures["trades"] / figures["sets"],
        "peer_versions": figures["versions"],
        "peer_note": SWEEP_NOTE,
    }


def _environment(cache: Path, package: str = PACKAGE) -> Path:
    """Return the interpreter of the peer's environment, made on first use; a half-made one is finished."""
    folder = cache / f"peer-{package.partition(' ')[0].replace('==', '-')}"
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.is_file():
        print(f"installing {package} into {folder}", file=sys.stderr)
        _call([sys.executable, "-m", "venv", "--clear", str(folder)], INSTALL_SECS)
        _call([str(python), "-m", "pip", "install", "--quiet", *package.split()], INSTALL_SECS)
        done.touch()
    return python


def _call(command: list[str], timeout_secs: int) -> str:
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=timeout_secs, env=clean)
    return done.stdout


def _reason(error: Exception) -> str:
    said = getattr(error, "stderr", None) or str(error)
    lines = (said.decode(errors="replace") if isinstance(said, bytes) else said).strip().splitlines()
    return lines[-1][:300] if lines else type(error).__name__
