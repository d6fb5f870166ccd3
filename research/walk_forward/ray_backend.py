"""The cores of a Ray cluster (extra ``ray``): tasks are pure functions, so that a lost one is simply done again."""

import functools
import importlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from configs.run import RunConfig
from errors import ConfigError, DataError
from research.identity import ROOT, code_hash
from research.walk_forward.backend import Take
from research.walk_forward.history import Done, History, Job
from research.walk_forward.journal import Span
from research.walk_forward.space import Space

TASK_JOBS = 8
RETRIES = 20  # of one task, each after a worker or a node was lost
AHEAD = 4  # tasks in flight per core: results wait nowhere for long


class RayBackend:
    """Run jobs on the cluster that ``ray.init()`` finds (``RAY_ADDRESS``), else on this machine.

    Every node needs this code and the catalog at the same path; a node with other code or candles is refused.

    Raises
    ------
    ConfigError
        Ray is not installed, or the cluster cannot be reached.
    """

    def __init__(self, config: RunConfig, space: Space, data: str, jobs: int | None = None) -> None:
        try:
            ray: Any = importlib.import_module("ray")  # an extra
        except ImportError as error:
            raise ConfigError('--backend ray: Ray is not installed: pip install "tidebreak[ray]"') from error
        self._ray = ray
        self._started = not ray.is_initialized()
        if self._started:
            try:
                ray.init(**_settings(jobs))
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise ConfigError(f"--backend ray: no cluster ({error}); RAY_ADDRESS says where it is") from error
        self._task: Any = ray.remote(max_retries=RETRIES, num_cpus=1)(do_jobs)
        self._shared = ray.put((msgspec.json.encode(_at_home(config)), msgspec.json.encode(space), data, code_hash()))

    def run(self, jobs: Sequence[Job], longest: Span, take: Take) -> None:
        """Do all jobs; ``take`` is called in this thread with the results of one after the other, in any order."""
        parts = [list(jobs[first : first + TASK_JOBS]) for first in range(0, len(jobs), TASK_JOBS)]
        room = AHEAD * max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        running: list[Any] = []
        while parts or running:
            while parts and len(running) < room:
                running.append(self._task.remote(self._shared, parts.pop(0), longest))
            ready, running = self._ray.wait(running, num_returns=1)
            for done in self._results(ready[0]):
                take(done)

    def _results(self, reference: Any) -> list[list[Done]]:
        try:
            found: list[list[Done]] = self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            cause = error.as_instanceof_cause()
            raise (cause if isinstance(cause, ConfigError | DataError) else error) from error
        return found

    def close(self) -> None:
        """Leave the cluster."""
        if self._started:
            self._ray.shutdown()


def _settings(jobs: int | None) -> dict[str, Any]:
    """Return how to start Ray here or join a cluster: its workers find the code where it is here."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    found: dict[str, Any] = {"runtime_env": {"env_vars": {"PYTHONPATH": path}}, "log_to_driver": False}
    found |= {"logging_level": "ERROR"}
    return found if "RAY_ADDRESS" in os.environ else found | {"num_cpus": jobs, "include_dashboard": False}


def _at_home(config: RunConfig) -> RunConfig:
    """Return a configuration whose catalog is found from any folder."""
    if config.catalog == "sample":
        return config
    return msgspec.structs.replace(config, catalog=str(Path(config.catalog).resolve()))


def do_jobs(shared: tuple[bytes, bytes, str, str], jobs: list[Job], longest: Span) -> list[list[Done]]:
    """Return the results of some jobs, on whichever machine this is called."""
    history, space = _history(*shared)
    found = [history.work(space, job, longest) for job in jobs]
    history.sweep.forget()
    return found


@functools.lru_cache(maxsize=1)
def _history(config: bytes, space: bytes, data: str, code: str) -> tuple[History, Space]:
    """Return what a worker keeps between tasks.

    Raises
    ------
    ConfigError, DataError
        This machine has other code or other candles than the one that asks.
    """
    if code_hash() != code:
        raise ConfigError("--backend ray: a node has other code; install the same version on all")
    history = History(msgspec.json.decode(config, type=RunConfig))
    if history.data != data:
        raise DataError("--backend ray: a node has other candles; give all the same catalog")
    return history, msgspec.json.decode(space, type=Space)
