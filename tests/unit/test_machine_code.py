"""Machine code is that of the sources as they are now, those that a rule calls included."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import machine_code

ROOT = Path(__file__).resolve().parents[2]
CALLER = """
from compiled import compiled
from risk.callee import limit

@compiled
def caller() -> float:
    return limit() * 2.0
"""
CALLEE = """
from compiled import compiled

@compiled
def limit() -> float:
    return {}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a small tree of sources with a rule that calls a rule of another file."""
    for name in ("compiled.py", "machine_code.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "risk").mkdir()
    (tmp_path / "risk" / "caller.py").write_text(CALLER)
    return tmp_path


def ask(tree: Path, value: str) -> tuple[str, set[str]]:
    (tree / "risk" / "callee.py").write_text(CALLEE.format(value))
    done = subprocess.run(
        [sys.executable, "-c", "from risk.caller import caller; print(caller())"],
        cwd=tree, capture_output=True, text=True, check=True,
        env={"PATH": "", "HOME": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},  # its own cache is too coarse
    )  # fmt: skip
    return done.stdout.strip(), {path.name for path in (tree / ".numba_cache").iterdir()}


def test_rule_that_calls_a_changed_rule_of_another_file_is_compiled_anew(tree: Path) -> None:
    assert ask(tree, "1.0")[0] == "2.0"
    assert ask(tree, "3.0")[0] == "6.0"
    assert ask(tree, "1.0")[0] == "2.0"


def test_code_of_the_same_sources_is_kept_and_of_old_ones_only_a_few(tree: Path) -> None:
    _, first = ask(tree, "1.0")
    assert ask(tree, "1.0")[1] == first
    for number in range(machine_code.KEPT + 1):
        _, kept = ask(tree, f"{number}.5")
    assert len(kept) <= machine_code.KEPT + 1


def test_fingerprint_is_that_of_the_sources() -> None:
    assert machine_code.fingerprint() == machine_code.fingerprint()
    assert len(machine_code.fingerprint()) == 16
