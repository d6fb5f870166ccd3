"""Run a back-test; see ``--help``. With no arguments: the bundled sample."""

import sys

import _path  # type: ignore[import-not-found]  # noqa: F401  (puts the repository root on sys.path)

from research.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
