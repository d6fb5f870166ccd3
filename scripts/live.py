#!/usr/bin/env python3
"""Trade one venue: ``python scripts/live.py CONFIG``."""

import sys

import _path  # noqa: F401 - must be first: it puts the repository on the path

from live.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
