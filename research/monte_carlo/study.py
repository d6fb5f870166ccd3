"""A whole Monte Carlo: three methods over the trades of one run, and what they say together."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from errors import ConfigError
from research.identity import code_hash
from research.monte_carlo.block_length import choose_block_trades
from research.monte_carlo.cautions import FEW_TRADES
from research.monte_carlo.paths import Floats, Method, Paths, make_paths, measure_one
from research.monte_carlo.plan import Income, Plan
from research.monte_carlo.read import RunTrades
from research.monte_carlo.summary import RUIN_LEVEL_FRAC, Pace, Summary, distributions, summarise
from research.monte_carlo.verdict import Verdict, judge


class OwnOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The trades in the order they happened, and the run with its open positions at mark beside them."""

    final_return_frac: float
    max_drawdown_frac: float
    sharpe: float
    recovery_trades: float
    recovery_days: float
    recovered: bool
    run_total_return_frac: float
    run_max_drawdown_frac: float


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """What is written to ``monte_carlo.json``; NaN becomes null. ``code_hash`` names the sources that made it."""

    kind: Literal["monte_carlo"] = "monte_carlo"
    config_hash: str
    code_hash: str
    run: str
    run_name: str
    data: dict[str, str]
    trades_sha256: str
    currency: str
    start_equity: float
    annual_days: int
    complete: bool
    reliable: bool
    warnings: tuple[str, ...]
    paths: int
    seed: int
    trades: int
    years: float
    trades_per_year: float
    block_trades: float
    block_rule: str
    ruin_level_frac: float
    own_order: OwnOrder
    methods: dict[str, Summary]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """A study and the paths behind it, for the page; ``fracs`` are the trade returns in the run's order."""

    study: Study
    fracs: Floats
    paths: dict[str, Paths]
    pace: Pace


def run_study(run: RunTrades, plan: Plan) -> Outcome:
    """Make the paths of every method and judge them.

    Raises
    ------
    ConfigError
        Blocks are asked to be longer than the run has trades.
    """
    block_trades, rule = _block_trades(run, plan)
    pace = Pace(trades=len(run.fracs), years=run.years)
    paths = {
        method.name.lower(): make_paths(
            run.fracs, method, paths=plan.paths, seed=plan.seed, block_trades=block_trades
        )
        for method in Method
    }  # fmt: skip
    methods = {
        name: summarise(one.records, pace, plan.milestones, _incomes(name, plan), run.start_equity)
        for name, one in paths.items()
    }
    study = Study(
        config_hash=run.config_hash,
        code_hash=code_hash(),
        run=str(run.folder.resolve()),
        run_name=run.name,
        data=run.data,
        trades_sha256=run.trades_sha256,
        currency=run.currency,
        start_equity=run.start_equity,
        annual_days=run.annual_days,
        complete=run.complete,
        reliable=len(run.fracs) >= FEW_TRADES,
        warnings=run.warnings,
        paths=plan.paths,
        seed=plan.seed,
        trades=pace.trades,
        years=pace.years,
        trades_per_year=pace.trades_per_year,
        block_trades=block_trades,
        block_rule=rule,
        ruin_level_frac=RUIN_LEVEL_FRAC,
        own_order=_own_order(run, pace),
        methods=methods,
        verdict=judge(methods, trades=pace.trades, years=pace.years, complete=run.complete),
    )
    return Outcome(study=study, fracs=run.fracs, paths=paths, pace=pace)


def _block_trades(run: RunTrades, plan: Plan) -> tuple[float, str]:
    if plan.block_trades is None:
        few = len(run.fracs) < FEW_TRADES
        return choose_block_trades(run.fracs), "trades ** (1/3)" if few else "Politis & White (2004)"
    if plan.block_trades > len(run.fracs):
        raise ConfigError(
            f"--block-trades must be from 1 to {len(run.fracs)}, the trades of the run, was {plan.block_trades:g}"
        )
    return plan.block_trades, "given"


def _incomes(name: str, plan: Plan) -> tuple[Income, ...]:
    """Return the incomes to be judged: reordering has but one mean, so that it cannot say how sure an income is."""
    return () if name == "reorder" else plan.incomes


def _own_order(run: RunTrades, pace: Pace) -> OwnOrder:
    record = measure_one(run.fracs)
    values = {name: float(found[0]) for name, found in distributions(record, pace).items()}
    return OwnOrder(
        **values,
        recovered=bool(record["recovered"][0]),
        run_total_return_frac=run.total_return_frac,
        run_max_drawdown_frac=run.max_drawdown_frac,
    )
