"""Drive trades through faults that seeds draw; replay one with --seed N."""

import sys

import _path  # type: ignore[import-not-found]  # noqa: F401  (puts the repository root on sys.path)

from tests.live.harness.command import seeds

if __name__ == "__main__":
    sys.exit(seeds(sys.argv[1:]))
