"""The machine code of a decision and a trade is loaded before the node starts."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import time
from live.warm import warm
{before}
began = time.perf_counter()
warm()
print(time.perf_counter() - began)
"""


def seconds_of_a_dry_run(before: str) -> float:
    """Return how long a decision and its trade take in a fresh process."""
    command = [sys.executable, "-c", SCRIPT.format(before=before)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_decision_and_trade_after_warming_up_wait_for_nothing() -> None:
    assert seconds_of_a_dry_run("warm()") < 0.1


def test_first_decision_and_trade_of_a_cold_process_would_wait() -> None:
    assert seconds_of_a_dry_run("") > 0.25
