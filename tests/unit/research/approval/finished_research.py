"""Finished research by hand: folders of a walk-forward, a Monte Carlo and runs, good until a test spoils them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from configs.dump import to_toml
from configs.run import RunConfig
from research.identity import code_hash, trading_hash

BTC, ETH = "BTCUSDT-PERP.BINANCE", "ETHUSDT-PERP.BINANCE"
SHA = {BTC: "b" * 64, ETH: "e" * 64}
DAY = pd.Timedelta(days=1)
BEGIN = pd.Timestamp("2024-01-01", tz="UTC")
DAYS = 366  # 2024
GOOD = np.tile([0.02, -0.01], DAYS // 2)  # Sharpe far above 1, drawdown 1 %


def make_config(*instruments: str, **values: Any) -> RunConfig:
    return msgspec.convert({"name": "candidate", "instruments": instruments or (BTC, ETH), **values}, RunConfig)


class Research:
    """Folders under ``root``; ``edit`` changes one value of one file."""

    def __init__(self, root: Path, config: RunConfig | None = None) -> None:
        self.root = root
        self.config = config or make_config()
        self.code = code_hash()
        self.file = root / "candidate.toml"
        self.file.write_text(to_toml(self.config), encoding="utf-8")
        self.run = self.write_run("run", msgspec.structs.replace(self.config, start="2024-01-01", end="2025-01-01"))
        self.walk_forward = self._write("wf/walk_forward.json", self._walk_forward())
        self.monte_carlo = self._write("mc/monte_carlo.json", self._monte_carlo())
        self.assets = [self.write_asset_run(name) for name in self.config.instruments]

    def write_asset_run(self, name: str, returns: Any = GOOD, **values: Any) -> Path:
        config = msgspec.structs.replace(self.config, instruments=(name,), **values)
        return self.write_run(f"run-{name[:3]}", config, returns)

    def write_run(self, name: str, config: RunConfig, returns: Any = GOOD) -> Path:
        folder = self.root / name
        folder.mkdir(exist_ok=True)
        (folder / "config.toml").write_text(to_toml(config), encoding="utf-8")
        (folder / "trades.parquet").write_bytes(b"trades of " + name.encode())
        stamps = [BEGIN + DAY * (day + 1) for day in range(len(returns))]
        equity = config.account.starting_balance * np.cumprod(1.0 + np.asarray(returns))
        pd.DataFrame({"ts": pd.DatetimeIndex(stamps), "equity": equity}).to_parquet(folder / "equity.parquet")
        span = {"first": f"{BEGIN:%Y-%m-%dT%H:%M:%SZ}", "last": f"{stamps[-1]:%Y-%m-%dT%H:%M:%SZ}"}
        metrics = {
            "config_hash": config.hash,
            "complete": True,
            "data": {one: span | {"sha256": SHA[one]} for one in config.instruments},
            "warnings": [],
            "shut": {},
            "annual_days": 365,
            "code_hash": self.code,
        }
        self._write(f"{name}/metrics.json", metrics)
        return folder

    def _walk_forward(self) -> dict[str, Any]:
        return {
            "kind": "walk_forward",
            "trading_hash": trading_hash(self.config),
            "config_hash": "0123456789ab",
            "data": {name: SHA[name] for name in self.config.instruments},
            "code_hash": self.code,
            "certificate": {"fresh": True, "hash": "c" * 64},
            "short": False,
            "accepted": True,
            "windows": [window(2019, 1.5, 1.2), window(2020, 2.0, 1.4)],
            "anchored": {"is_sharpe": 1.0, "oos_sharpe": 0.9},
            "stitched": {"sharpe": 1.3, "max_drawdown_frac": 0.1, "total_return_frac": 0.4},
            "search": {"trials": 1000},
        }

    def _monte_carlo(self) -> dict[str, Any]:
        trades = hashlib.sha256((self.run / "trades.parquet").read_bytes()).hexdigest()
        ruin = {"ruin": {"frac": 0.01, "ci_low": 0.008, "ci_high": 0.0121}}
        return {
            "config_hash": json.loads((self.run / "metrics.json").read_text())["config_hash"],
            "data": {name: SHA[name] for name in self.config.instruments},
            "paths": 10_000,
            "trades_sha256": trades,
            "methods": {"reorder": ruin, "resample": ruin, "block": ruin},
        }

    def _write(self, name: str, values: dict[str, Any]) -> Path:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
        return path.parent

    def edit(self, name: str, dotted: str, value: Any) -> None:
        """Set one value, keys parted by ``/``; ``...`` removes it."""
        path = self.root / name
        values = json.loads(path.read_text(encoding="utf-8"))
        *tables, last = [int(key) if key.isdigit() else key for key in dotted.split("/")]
        table = values
        for key in tables:
            table = table[key]
        if value is ...:
            del table[last]
        else:
            table[last] = value
        path.write_text(json.dumps(values), encoding="utf-8")

    def arguments(self, *more: str) -> list[str]:
        return [
            str(self.file), "--walk-forward", str(self.walk_forward), "--monte-carlo", str(self.monte_carlo),
            "--run", str(self.run), "--operator", "A. Trader", "--reason", "reviewed", "--out",
            str(self.root / "approvals"), *(["--new-asset-run", *map(str, self.assets)] if self.assets else []), *more,
        ]  # fmt: skip


def window(year: int, is_sharpe: float | None, oos_sharpe: float | None) -> dict[str, Any]:
    return {
        "is_start": f"{year}-01-01",
        "is_end": f"{year + 3}-01-01",
        "oos_start": f"{year + 3}-01-01",
        "oos_end": f"{year + 3}-07-01",
        "is_sharpe": is_sharpe,
        "oos_sharpe": oos_sharpe,
        "ratio": None,
        "parameters": {"strategy.donchian_bars": 20},
    }
