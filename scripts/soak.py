"""Let a node trade for long on made-up markets; see ``--help``."""

import sys

import _path  # type: ignore[import-not-found]  # noqa: F401  (puts the repository root on sys.path)

from live.soak.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
