"""Binance spot answers in SBE (schema 3, version 5), made from the JSON ones; only what the engine's client reads."""
