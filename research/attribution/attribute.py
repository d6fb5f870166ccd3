"""Everything that says where a run's result comes from, as one document: ``attribution.json``."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from research.attribution.benchmarks import Benchmark, benchmarks
from research.attribution.bucket import FEW_TRADES, LEVEL, Bucket, bucket_of
from research.attribution.cliff import find_cliff
from research.attribution.conditions import Dimension, dimensions
from research.attribution.cost_grid import CostGrid, cost_grid
from research.attribution.findings import Cliff, Constraint
from research.attribution.interval import blocks_of
from research.attribution.traits import traits_of
from research.report.prices import PriceSeries
from research.report.run import Run
from research.run_metrics import to_ns

FILE = "attribution.json"


class Breakdown(msgspec.Struct, frozen=True, kw_only=True):
    """The trades by one dimension; ``is_known`` says whether it is known before an entry."""

    dimension: str
    is_known: bool
    note: str
    buckets: list[Bucket]


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """Where the result comes from; money in ``currency``, None for a number that is not defined.

    Attributes
    ----------
    confidence : float
        Level of every interval of an expectancy.
    few_trades : int
        Groups smaller than this say nothing.
    constraints : list of Constraint
        Those of ``cliff``, at hand for who deploys.
    """

    run: str
    currency: str
    confidence: float = LEVEL
    few_trades: int = FEW_TRADES
    constraints: list[Constraint]
    cliff: Cliff
    benchmarks: list[Benchmark]
    breakdowns: list[Breakdown]
    costs: CostGrid


def attribute(run: Run, prices: Mapping[str, PriceSeries]) -> Attribution:
    """Return the attribution of a run; the same for the same run, catalogs and version.

    Parameters
    ----------
    run : Run
        Read back from its files.
    prices : mapping of instrument id to PriceSeries
        For buy-and-hold; may be empty.
    """
    traits = traits_of(run.trades, run.signals)
    groups = dimensions(traits)
    cliff = find_cliff(traits, groups)
    net, r = (traits[name].to_numpy(np.float64) for name in ("net_pnl", "r_multiple"))
    blocks, _ = blocks_of(to_ns(traits["signal_ts"]))

    def bucket(dimension: Dimension, label: str) -> Bucket:
        mask = dimension.mask(label)
        return bucket_of(label, net[mask], r[mask], blocks[mask])

    breakdowns = [
        Breakdown(
            dimension=one.name,
            is_known=one.is_known,
            note=one.note,
            buckets=[bucket(one, label) for label in one.present()],
        )
        for one in groups
    ]
    return Attribution(
        run=run.name,
        currency=run.currency,
        constraints=cliff.constraints,
        cliff=cliff,
        benchmarks=benchmarks(run, prices),
        breakdowns=breakdowns,
        costs=cost_grid(run.trades),
    )


def write_attribution(run_dir: Path, found: Attribution) -> Path:
    """Write ``attribution.json`` into a run's folder and return its path."""
    path = run_dir / FILE
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    return path
