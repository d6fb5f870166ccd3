"""Where machine code of rules is kept: in a folder that is named by every source it can have come from.

numba looks only at the file a function is in. A rule that calls a rule of another file holds that one's code too, and
would go on with it after the other file has changed: an account would be traded by rules that nobody can read any more.
"""

import hashlib
import os
import shutil
from pathlib import Path

import numba

ROOT = Path(__file__).resolve().parent
ROOMS = ("execution", "research", "risk", "strategies")  # where rules are
KEPT = 4  # sets of machine code of other sources, as of another branch


def use_folder_of_these_sources() -> None:
    """Tell numba where to keep what it compiles from now on."""
    base = _base()
    mine = base / f"{fingerprint()}-numba{numba.__version__}"
    if not mine.is_dir():
        _forget_the_oldest(base)
    numba.config.CACHE_DIR = str(mine)  # type: ignore[attr-defined]  # numba sets its options by name


def fingerprint() -> str:
    """Return a name for the present text of all sources that rules are made of."""
    digest = hashlib.blake2b(digest_size=8)
    sources = [ROOT / "compiled.py", *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))]
    for path in sorted(sources):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _base() -> Path:
    """Return a folder beside the sources, or the user's own where those cannot be written."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given)
    if os.access(ROOT, os.W_OK):
        return ROOT / ".numba_cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tidebreak" / "numba"


def _forget_the_oldest(base: Path) -> None:
    try:
        old = sorted((path for path in base.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    except OSError:
        return
    for path in old[: max(0, len(old) - KEPT)]:
        shutil.rmtree(path, ignore_errors=True)
