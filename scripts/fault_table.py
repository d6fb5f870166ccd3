"""Run every fault at every stage of a trade against the simulated venue; print the table."""

import sys

import _path  # type: ignore[import-not-found]  # noqa: F401  (puts the repository root on sys.path)

from tests.live.harness.command import table

if __name__ == "__main__":
    sys.exit(table(sys.argv[1:]))
