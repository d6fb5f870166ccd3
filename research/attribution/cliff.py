"""Where the strategy stops working (Spec 8.4): conditions that lose, that are worse than the rest, and not by luck."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.attribution import wording
from research.attribution.bucket import Bucket, bucket_of
from research.attribution.conditions import Dimension
from research.attribution.findings import Cliff, Constraint, Scan
from research.attribution.interval import blocks_of
from research.attribution.shuffle import DRAWS, Chance, chance_of
from research.attribution.tested import MEASURES, Condition, group_conditions, threshold_conditions
from research.run_metrics import to_ns

Mask = npt.NDArray[np.bool_]

LUCK_FRAC = 0.05
SEED = 7


@dataclass(frozen=True, slots=True)
class Tested:
    """The trades that have an R, the conditions looked at, and what luck makes of them."""

    traits: pd.DataFrame
    blocks: npt.NDArray[np.int64]
    conditions: list[Condition]
    chance: Chance

    def bucket(self, label: str, mask: Mask) -> Bucket:
        """Return the figures of some of the trades."""
        net, r = (self.traits[name].to_numpy(np.float64)[mask] for name in ("net_pnl", "r_multiple"))
        return bucket_of(label, net, r, self.blocks[mask])

    @property
    def everything(self) -> Mask:
        """Return a mask of all trades."""
        return np.ones(len(self.traits), dtype=np.bool_)


def find_cliff(traits: pd.DataFrame, dimensions: Sequence[Dimension], draws: int = DRAWS, seed: int = SEED) -> Cliff:
    """Return the conditions under which the strategy stops working.

    Parameters
    ----------
    traits : DataFrame
        Of `research.attribution.traits.traits_of`, oldest signal first; trades without an R are left out.
    dimensions : sequence of Dimension
        Of `research.attribution.conditions.dimensions`, for the same trades.
    draws, seed : int
        Of the shuffling.

    Notes
    -----
    A condition is to be avoided when (1) the upper end of its 90 % interval is below 0 and (2) at most 5 % of the
    shufflings make any condition look as bad (`chance_of`). Of a measure only its worst threshold counts. When the
    whole loses (its own upper end is below 0), conditions to avoid are named only if what they leave makes money, else
    conditions that are good by the mirrored rule, else none: there is no condition under which it works.
    """
    kept = np.isfinite(traits["r_multiple"].to_numpy(np.float64))
    frame = traits[kept].reset_index(drop=True)
    blocks, block = blocks_of(to_ns(frame["signal_ts"]))
    conditions = group_conditions([one.only(kept) for one in dimensions])
    for measure in MEASURES:
        conditions += threshold_conditions(frame, measure)
    masks = np.array([one.mask for one in conditions], dtype=np.bool_).reshape(len(conditions), len(frame))
    chance = chance_of(frame["r_multiple"].to_numpy(np.float64), blocks, masks, seed, draws)
    tested = Tested(frame, blocks, conditions, chance)
    overall = tested.bucket("all", tested.everything)
    verdict, constraints, remaining = _judge(tested, overall)
    return Cliff(
        verdict=verdict,
        sentence=wording.verdict_sentence(verdict, overall, remaining, len(conditions)),
        overall=overall,
        remaining=remaining,
        constraints=constraints,
        scans=[_scan(tested, measure.name, measure.column) for measure in MEASURES],
        tested=len(conditions),
        draws=draws,
        seed=seed,
        level=LUCK_FRAC,
        block=block,
    )


def _judge(tested: Tested, overall: Bucket) -> tuple[str, list[Constraint], Bucket | None]:
    if overall.few:
        return "too few", [], None
    avoid = _significant(tested, worse=True)
    allowed = tested.bucket("allowed", ~_union(tested, avoid))
    if overall.high_r is not None and overall.high_r < 0.0:
        return _judge_loser(tested, avoid, allowed)
    proven = overall.low_r is not None and overall.low_r > 0.0
    constraints = [_constraint(tested, number, "avoid") for number in avoid]
    return "makes money" if proven else "unproven", constraints, allowed if constraints else None


def _judge_loser(tested: Tested, avoid: Sequence[int], allowed: Bucket) -> tuple[str, list[Constraint], Bucket | None]:
    if avoid and not allowed.few and (allowed.expectancy_r or 0.0) > 0.0:
        return "loses", [_constraint(tested, number, "avoid") for number in avoid], allowed
    good = _significant(tested, worse=False)
    if not good:
        return "works nowhere", [], None
    return (
        "loses",
        [_constraint(tested, number, "only") for number in good],
        tested.bucket("allowed", _union(tested, good)),
    )


def _significant(tested: Tested, *, worse: bool) -> list[int]:
    """Return the conditions that luck does not explain and that lose (or win) by themselves, the surest first."""
    p = tested.chance.p_worse if worse else tested.chance.p_better
    best: dict[str, int] = {}
    for number in np.argsort(tested.chance.z if worse else -tested.chance.z, kind="stable").tolist():
        one = tested.conditions[number]
        inside = tested.bucket(one.label, one.mask) if p[number] <= LUCK_FRAC else None
        if inside is not None and _is_beyond_zero(inside, worse):
            best.setdefault(one.dimension if one.threshold is not None else one.text, number)
    return list(best.values())


def _is_beyond_zero(bucket: Bucket, worse: bool) -> bool:
    end = bucket.high_r if worse else bucket.low_r
    return end is not None and (end < 0.0 if worse else end > 0.0)


def _union(tested: Tested, numbers: Sequence[int]) -> Mask:
    found = ~tested.everything
    for number in numbers:
        found = found | tested.conditions[number].mask
    return found


def _constraint(tested: Tested, number: int, kind: str) -> Constraint:
    one = tested.conditions[number]
    inside, outside = tested.bucket(one.text, one.mask), tested.bucket("others", ~one.mask)
    p = float((tested.chance.p_worse if kind == "avoid" else tested.chance.p_better)[number])
    sentence = wording.avoid_sentence if kind == "avoid" else wording.only_sentence
    return Constraint(
        kind=kind,
        condition=one.text,
        trades=inside.trades,
        expectancy_r=float(inside.expectancy_r or 0.0),
        ci=(float(inside.low_r or 0.0), float(inside.high_r or 0.0)),
        other_trades=outside.trades,
        other_expectancy_r=float(outside.expectancy_r or 0.0),
        p_adjusted=p,
        sentence=sentence(one.text, inside, outside, p),
    )


def _scan(tested: Tested, name: str, column: str) -> Scan:
    numbers = [number for number, one in enumerate(tested.conditions) if one.dimension == name]
    if not numbers:
        recorded = bool(np.isfinite(tested.traits[column].to_numpy(np.float64)).any())
        return Scan(measure=name, note="too few trades" if recorded else "not recorded by this run")
    worst = min(numbers, key=lambda number: tested.chance.z[number])
    one = tested.conditions[worst]
    inside, outside = tested.bucket(one.label, one.mask), tested.bucket("others", ~one.mask)
    return Scan(
        measure=name,
        condition=one.label,
        trades=inside.trades,
        expectancy_r=inside.expectancy_r,
        other_expectancy_r=outside.expectancy_r,
        p_adjusted=float(tested.chance.p_worse[worst]),
    )
