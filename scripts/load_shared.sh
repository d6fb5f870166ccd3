#!/usr/bin/env bash
# Load the candles behind configs/backtest/*.toml from ../shared/data into catalogs/{crypto,fx,equities}.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:-../shared/data}
load() { .venv/bin/python scripts/load_catalog.py file "$@"; }
for coin in BTC ETH; do
    load "$data/crypto/${coin}USDT-BINANCEPERP-15m.parquet" --instrument "${coin}USDT-PERP.BINANCE" --interval 15m --catalog catalogs/crypto
    load "$data/funding/${coin}USDT-BINANCEPERP-funding.parquet" --instrument "${coin}USDT-PERP.BINANCE" --funding --catalog catalogs/crypto
done
for coin in BTC ETH ADA BNB DOGE LTC; do
    load "$data/crypto/${coin}USDT-BINANCEPERP-1h.parquet" --instrument "${coin}USDT-PERP.BINANCE" --interval 1h --catalog catalogs/crypto
done
for pair in EURUSD USDJPY; do
    load "$data/fx/$pair-MT5-1h.parquet" --instrument "$pair.FX" --interval 1h --catalog catalogs/fx
done
for share in AAPL IBM SPY; do
    load "$data/equity/$share-USLEAN-1h.parquet" --instrument "$share.US" --interval 1h --catalog catalogs/equities \
        --factors "$data/equity/corporate-actions/${share,,}.factor_files.csv"
done

# Coarser candles for the swing configurations, made of the hourly ones: the sweep fills on signal bars.
coarse=$(mktemp -d)
trap 'rm -rf "$coarse"' EXIT
.venv/bin/python - "$data" "$coarse" <<'PYTHON'
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, ".")
from catalog.candles import INTERVAL_NS, Candles
from catalog.resample import resample

data, out = map(Path, sys.argv[1:])
pairs = [data / f"fx/{name}-MT5-1h.parquet" for name in ("EURUSD", "USDJPY")]
for path in [*data.glob("crypto/*USDT-BINANCEPERP-1h.parquet"), *pairs]:
    frame = pd.read_parquet(path)
    columns = [frame[name].to_numpy(np.float64) for name in ("open", "high", "low", "close", "volume")]
    candles = Candles(frame["ts"].to_numpy("datetime64[ns]").astype(np.int64), *columns)
    for interval in ("4h", "1d"):
        made = resample(candles, INTERVAL_NS["1h"], INTERVAL_NS[interval])
        table = {name: getattr(made, name) for name in ("open", "high", "low", "close", "volume")}
        stamps = pd.to_datetime(made.ts_open_ns, utc=True)
        pd.DataFrame({"ts": stamps, **table}).to_parquet(out / f"{path.name.split('-')[0]}-{interval}.parquet")
PYTHON
for interval in 4h 1d; do
    for coin in BTC ETH ADA BNB DOGE LTC; do
        load "$coarse/${coin}USDT-$interval.parquet" --instrument "${coin}USDT-PERP.BINANCE" --interval $interval \
            --catalog catalogs/crypto
    done
    for pair in EURUSD USDJPY; do
        load "$coarse/$pair-$interval.parquet" --instrument "$pair.FX" --interval $interval --catalog catalogs/fx
    done
done
