"""Put the repository root on ``sys.path``, so that ``python scripts/x.py`` works from any folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
