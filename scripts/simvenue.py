"""Run a simulated exchange on loopback; see ``--help``."""

import importlib.util
import sys

import _path  # type: ignore[import-not-found]  # noqa: F401  (puts the repository root on sys.path)

if importlib.util.find_spec("aiohttp") is None:
    sys.exit("error: the simulated exchange needs aiohttp: install the extra 'simvenue' (make test does)")

from simvenue.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
