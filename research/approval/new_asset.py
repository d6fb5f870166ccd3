"""A new asset must have earned its place: six months of a run on it alone (Spec 11.1, D40)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from configs.run import RunConfig
from errors import ConfigError, DataError
from research.approval.record import Row
from research.approval.run import Run, judge_run
from research.approval.sameness import same_code
from research.identity import trading_part

if TYPE_CHECKING:
    import pandas as pd

MONTHS = 6
MIN_SHARPE = 1.0
MAX_DRAWDOWN_FRAC = 0.15


def runs_by_asset(runs: Sequence[Run], config: RunConfig) -> dict[str, Run]:
    """Return the runs on a single asset, by asset.

    Raises
    ------
    ConfigError
        A run is on several instruments, on one that is not to be approved, or on one that has a run already.
    """
    found: dict[str, Run] = {}
    for run in runs:
        names = ", ".join(run.config.instruments)
        if len(run.config.instruments) != 1 or names not in config.instruments:
            allowed = ", ".join(config.instruments)
            raise ConfigError(f"--new-asset-run {run.folder}: must be a run on one of {allowed} alone, was on {names}")
        if names in found:
            raise ConfigError(f"--new-asset-run {run.folder}: {names} has {found[names].folder} already: give one")
        found[names] = run
    return found


def judge_new_assets(
    config: RunConfig, code: str, whole: Run, runs: Mapping[str, Run], known: frozenset[str]
) -> list[Row]:
    """Return the rows of every instrument that no earlier approval covers.

    Parameters
    ----------
    whole : Run
        The run that is judged; it serves for an asset too when it is on that asset alone.
    runs : mapping of instrument id to Run
        Runs on one asset each.
    known : frozenset of str
        Instruments of earlier approvals.
    """
    rows: list[Row] = []
    for name in sorted(set(config.instruments) - known):
        run = runs.get(name) or (whole if whole.config.instruments == (name,) else None)
        if run is None:
            limit = "a run on it alone (--new-asset-run), or an earlier approval (--earlier)"
            rows.append(Row(requirement=f"new asset {name}", observed="no run", limit=limit, passed=False))
            continue
        if run is not whole:
            rows += judge_run(run, f"new asset {name}") + _same(name, run, config, code, whole)
        rows += _last_months(name, run)
    return rows


def _same(name: str, run: Run, config: RunConfig, code: str, whole: Run) -> list[Row]:
    same = _but_instruments(run.config) == _but_instruments(config)
    data = run.data[name] == whole.data.get(name)
    shown = ["the same" if one else "another" for one in (same, data)]
    return [
        Row(
            requirement=f"new asset {name}: configuration",
            observed=shown[0],
            limit="the same but for instruments",
            passed=same,
        ),
        Row(requirement=f"new asset {name}: candles", observed=shown[1], limit="the same", passed=data),
        same_code(f"new asset {name}", run.metrics.code_hash, code),
    ]


def _but_instruments(config: RunConfig) -> dict[str, object]:
    return {key: value for key, value in trading_part(config).items() if key != "instruments"}


def _last_months(name: str, run: Run) -> list[Row]:
    """Return Sharpe and drawdown of the last six calendar months of a run, by the formulas of its own report.

    Notes
    -----
    The equity at the beginning of the six months is what the first day is measured against, and the first peak.
    """
    import pandas as pd  # noqa: PLC0415 - heavy: --help must not wait for it

    from research.run_metrics import equity_numbers  # noqa: PLC0415

    equity = _read_equity(run)
    last = equity["ts"].iloc[-1]
    begin = last - pd.DateOffset(months=MONTHS)
    before, inside = equity[equity["ts"] <= begin], equity[equity["ts"] > begin]
    start = float(before["equity"].iloc[-1]) if len(before) else run.config.account.starting_balance
    numbers = equity_numbers(inside, start, run.metrics.annual_days)
    first = pd.Timestamp(run.metrics.data[name].first)
    sharpe, drawdown_frac = numbers["sharpe"], numbers["max_drawdown_frac"]
    span = f"{begin:%Y-%m-%d} to {last:%Y-%m-%d}"
    return [
        Row(
            requirement=f"new asset {name}: length",
            observed=f"{first:%Y-%m-%d} to {last:%Y-%m-%d}",
            limit=f"at least {MONTHS} months",
            passed=bool(first <= begin),
        ),
        _row(f"new asset {name}: Sharpe {span}", sharpe, f"{sharpe:.3f}", f"> {MIN_SHARPE}", MIN_SHARPE, above=True),
        _row(
            f"new asset {name}: drawdown {span}",
            drawdown_frac,
            f"{drawdown_frac:.2%}",
            f"< {MAX_DRAWDOWN_FRAC:.0%}",
            MAX_DRAWDOWN_FRAC,
            above=False,
        ),
    ]


def _row(requirement: str, value: float, shown: str, limit: str, bound: float, *, above: bool) -> Row:
    defined = value == value  # NaN is neither above nor below, and JSON cannot hold it  # noqa: PLR0124
    return Row(
        requirement=requirement,
        observed=shown if defined else "undefined",
        limit=limit,
        passed=value > bound if above else value < bound,
        value=value if defined else None,
        bound=bound,
    )


def _read_equity(run: Run) -> "pd.DataFrame":
    import pandas as pd  # noqa: PLC0415

    path = run.folder / "equity.parquet"
    try:
        equity = pd.read_parquet(path, columns=["ts", "equity"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    stamped = isinstance(equity["ts"].dtype, pd.DatetimeTZDtype) and equity["ts"].is_monotonic_increasing
    if len(equity) == 0 or not stamped or equity.isna().any(axis=None):
        raise DataError(f"{path}: must have rows, oldest first, each with a UTC stamp and an equity")
    return equity
