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
