"""Do all pieces speak of one thing: the configuration to be approved, the same candles, the present code?"""

from configs.run import RunConfig
from research.approval.monte_carlo import MonteCarlo
from research.approval.record import Row
from research.approval.run import Run
from research.approval.walk_forward import WalkForward
from research.identity import data_hash, trading_hash

UNKNOWN = "not recorded"


def judge_sameness(config: RunConfig, code: str, steps: WalkForward, paths: MonteCarlo, run: Run) -> list[Row]:
    """Return the rows that tie walk-forward, Monte Carlo and run to a configuration and to the present code.

    Notes
    -----
    Candles are compared instrument by instrument. The Monte Carlo need not name a configuration or a code of its own:
    it is tied to the run, by the run's hash and by the sha256 of its trades, and holds what the run holds.
    """
    wanted = trading_hash(config)
    rows = [
        _equal("walk-forward: configuration", steps.trading_hash, wanted),
        _equal("run: configuration", trading_hash(run.config), wanted),
        same_code("walk-forward", steps.code_hash, code),
        same_code("run", run.metrics.code_hash, code),
        _equal("run: instruments", ", ".join(sorted(run.data)), ", ".join(sorted(config.instruments))),
        _same_data("walk-forward", steps.data, run.data),
        _same_data("Monte Carlo", paths.data, run.data),
        _of_this_run(paths, run),
    ]
    if paths.trading_hash is not None:
        rows.append(_equal("Monte Carlo: configuration", paths.trading_hash, wanted))
    if paths.code_hash is not None:
        rows.append(same_code("Monte Carlo", paths.code_hash, code))
    return rows


def same_code(name: str, observed: str | None, present: str) -> Row:
    """Return whether a piece was made by the present code; one that does not say so does not pass."""
    return _equal(f"{name}: code", UNKNOWN if observed is None else observed[:12], present[:12], observed == present)


def _same_data(name: str, observed: dict[str, str], wanted: dict[str, str]) -> Row:
    differing = sorted(key for key in observed.keys() | wanted.keys() if observed.get(key) != wanted.get(key))
    shown = f"differs: {', '.join(differing)}" if differing else data_hash(observed)[:12]
    return _equal(f"{name}: candles", shown, f"the run's, {data_hash(wanted)[:12]}", not differing and bool(wanted))


def _of_this_run(paths: MonteCarlo, run: Run) -> Row:
    own = paths.config_hash == run.metrics.config_hash and paths.trades_sha256 == run.trades_sha256
    trades = UNKNOWN if paths.trades_sha256 is None else paths.trades_sha256[:12]
    return _equal(
        "Monte Carlo: of this run",
        f"run {paths.config_hash}, trades {trades}",
        f"run {run.metrics.config_hash}, trades {run.trades_sha256[:12]}",
        own,
    )


def _equal(requirement: str, observed: str, limit: str, passed: bool | None = None) -> Row:
    return Row(
        requirement=requirement, observed=observed, limit=limit, passed=observed == limit if passed is None else passed
    )
