"""Choose parameters on the past and try them on what came after, window by window; see ``--help``."""

import sys

import _path  # type: ignore[import-not-found]  # noqa: F401  (puts the repository root on sys.path)

from research.walk_forward.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
