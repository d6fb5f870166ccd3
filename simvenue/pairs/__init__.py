"""Spot pairs: balances with locks, orders that wait for a price, order lists. Nothing here speaks a wire format."""
