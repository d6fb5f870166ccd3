"""Reorder and resample the trades of a run: drawdown to plan for, ruin, capital for an income; see ``--help``."""

import sys

import _path  # type: ignore[import-not-found]  # noqa: F401  (puts the repository root on sys.path)

from research.monte_carlo.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
