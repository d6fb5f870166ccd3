"""Hands on a running or stopped system: what an operator sees and does."""
