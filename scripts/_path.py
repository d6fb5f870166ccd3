"""Put the repository root on ``sys.path``, so that ``python scripts/x.py`` works from any folder."""

import importlib.util
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if sys.version_info < (3, 13) or importlib.util.find_spec("msgspec") is None:
    sys.exit(
        "error: this is not the project's environment; run 'make backtest' once, then .venv/bin/python scripts/..."
    )
