"""Which run did better, in one sentence that does not flatter any of them."""

from collections.abc import Sequence

from research.comparison.figures import common_lines, common_span_ns
from research.comparison.runs import Compared
from research.report.numbers import percent


def verdict(runs: Sequence[Compared]) -> str:
    """Return who makes or loses money, and who did best over the days that all of them cover."""
    gains = [one for one in runs if _return(one) > 0.0]
    return f"{_sum_up(runs, gains)} {_best(runs)}"


def loses(one: Compared) -> bool:
    """Return whether a run ends with less than it started with."""
    return _return(one) < 0.0


def _return(one: Compared) -> float:
    return float(one.run.metrics["other"].get("total_return_frac") or 0.0)


def _sum_up(runs: Sequence[Compared], gains: Sequence[Compared]) -> str:
    all_of = "Both" if len(runs) == 2 else "All of them"
    if len(gains) == len(runs):
        stopped = [_name(one) for one in gains if one.run.metrics.get("shut")]
        return f"{all_of} make money{': ' + ', '.join(stopped) if stopped else ''}."
    if gains:
        others = "the other does" if len(runs) - len(gains) == 1 else "the others do"
        return f"{' and '.join(map(_name, gains))} {'makes' if len(gains) == 1 else 'make'} money, {others} not."
    return f"{all_of} lose money." if all(map(loses, runs)) else "None of them makes money."


def _name(one: Compared) -> str:
    """Return the letter, and since when the run was shut: what it made, it made before."""
    since = min((one.run.metrics.get("shut") or {}).values(), default="")
    return f"{one.letter} (shut down since {since[:10]})" if since else one.letter


def _best(runs: Sequence[Compared]) -> str:
    span = common_span_ns(runs)
    if span is None:
        return "They share no days, so that none can be called the better one."
    line = next(line for line in common_lines(runs, span) if line.name == "Return")
    known = [(value, one.letter) for value, one in zip(line.values, runs, strict=True) if value is not None]
    best = max((value for value, _ in known), default=0.0)
    names = [letter for value, letter in known if value == best]
    if len(names) != 1:
        return "Over their common days they return the same."
    word = "lost least" if best < 0.0 else "did best" if best > 0.0 else "did best by doing nothing"
    rest = ", ".join(f"{letter} {percent(value, plus=True)}" for value, letter in known if letter not in names)
    return f"Over their common days {names[0]} {word}: {percent(best, plus=True)} (against {rest})."
