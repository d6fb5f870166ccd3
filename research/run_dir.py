"""Where a run's files go: written aside, then put in place at once, so that no run is ever half there."""

import os
import shutil
import tempfile
from pathlib import Path

from errors import ConfigError


class RunDir:
    """A folder under construction.

    Parameters
    ----------
    root : Path
        Folder that holds runs.
    name : str
        ``<config hash>-<start>``. A partial run gets ``-partial`` behind it: it never takes the place of a whole one.
    """

    def __init__(self, root: Path, name: str) -> None:
        self._root = root
        self._name = name
        try:
            root.mkdir(parents=True, exist_ok=True)
            self.path = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=root))
        except OSError as error:
            raise ConfigError(f"--out {root}: cannot be written to ({error.strerror})") from error
        self.path.chmod(0o755)

    def publish(self, *, complete: bool) -> Path:
        """Put the folder in its place, over an earlier run of the same name, and return where it is."""
        final = self._root / (self._name if complete else f"{self._name}-partial")
        for _attempt in range(10):
            old = Path(tempfile.mkdtemp(prefix=f".old-{self._name}-", dir=self._root))
            try:
                if final.exists():
                    final.rename(old / "run")
                self.path.rename(final)
            except OSError:
                continue  # another run of the same configuration was quicker
            finally:
                shutil.rmtree(old, ignore_errors=True)
            return final
        raise ConfigError(f"{final}: cannot be replaced; is it open elsewhere?")

    def discard(self) -> None:
        """Remove the folder under construction."""
        shutil.rmtree(self.path, ignore_errors=True)


def link_newest(root: Path, run: Path) -> None:
    """Make the files of a run reachable directly in ``root`` too, by relative links that are replaced at once."""
    try:
        files = sorted(run.iterdir())
    except FileNotFoundError:
        return  # a twin of this run has just taken its place, and links its own
    for file in files:
        link = root / file.name
        if link.exists() and not link.is_symlink():
            continue
        aside = root / f".{file.name}-{os.getpid()}"
        aside.unlink(missing_ok=True)
        aside.symlink_to(Path(run.name) / file.name)
        aside.replace(link)
