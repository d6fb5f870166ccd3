"""Compare engine and sweep on the same bars, or, with --live RUN, a live run with its back-test; see ``--help``."""

import sys

import _path  # type: ignore[import-not-found]  # noqa: F401  (puts the repository root on sys.path)

if any(argument.partition("=")[0] == "--live" for argument in sys.argv[1:]):
    from live.parity.command import main
else:
    from research.parity.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
