"""Approve a configuration for live trading, on finished research; see ``--help``."""

import sys

import _path  # type: ignore[import-not-found]  # noqa: F401  (puts the repository root on sys.path)

from research.approval.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
