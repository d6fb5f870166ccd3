"""When a window, and a walk-forward, is accepted (D39), in words too."""

from collections.abc import Sequence

import msgspec

from research.report.numbers import number, percent
from research.walk_forward.windows import SPEC_IN, SPEC_OUT

MIN_KEPT_FRAC = 0.7  # D39


def kept_frac(is_sharpe: float | None, oos_sharpe: float | None) -> float | None:
    """Return the share of the in-sample Sharpe ratio that was left; None where that one is not positive.

    >>> kept_frac(2.0, 1.5), kept_frac(-1.0, 1.0)
    (0.75, None)
    """
    if is_sharpe is None or oos_sharpe is None or is_sharpe <= 0.0:
        return None
    return oos_sharpe / is_sharpe


def is_accepted(is_sharpe: float | None, oos_sharpe: float | None) -> bool:
    """Return whether a window keeps 70 % of a positive in-sample Sharpe ratio (D39); what is not defined does not.

    >>> is_accepted(1.0, 0.7), is_accepted(1.0, 0.69), is_accepted(-1.0, 5.0), is_accepted(1.0, None)
    (True, False, False, False)
    """
    if is_sharpe is None or oos_sharpe is None:
        return False
    return is_sharpe > 0.0 and oos_sharpe >= MIN_KEPT_FRAC * is_sharpe


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What the verdict on all windows needs of one."""

    name: str
    is_sharpe: float | None
    oos_sharpe: float | None
    accepted: bool
    differs: bool = False


def why_not(*, chosen: bool, eligible: str, is_sharpe: float | None, oos_sharpe: float | None, differs: bool) -> str:
    """Return why a window is not accepted; nothing when it is."""
    if not chosen:
        return eligible
    if differs:
        return "kernel and engine disagree"
    if is_sharpe is None or is_sharpe <= 0.0:
        return "in-sample Sharpe not positive"
    if oos_sharpe is None:
        return "no out-of-sample Sharpe: it did not trade"
    return "" if is_accepted(is_sharpe, oos_sharpe) else "kept under 70 % of the in-sample Sharpe"


def sentence(
    windows: Sequence[Judged],
    *,
    accepted: bool,
    stitched_return_frac: float | None,
    short: bool,
    too_good: Sequence[str] = (),
) -> str:
    """Return the verdict on a walk-forward in one to three sentences.

    ``too_good`` are the records that are too good to be true (``research.overfitting.too_good``).
    """
    kept = f"{MIN_KEPT_FRAC:.0%}".replace("%", " %")
    good, every = sum(window.accepted for window in windows), len(windows)
    text = f"{'Accepted' if accepted else 'Not accepted'}: "
    if every == 1:
        text += f"the only window {'kept' if good else 'did not keep'} {kept} of a positive in-sample Sharpe ratio"
    else:
        text += f"{good} of {every} windows kept {kept} of a positive in-sample Sharpe ratio, all must"
    bad = [window for window in windows if not window.accepted and window.oos_sharpe is not None]
    if bad:
        worst = min(bad, key=lambda window: window.oos_sharpe or 0.0)
        text += f"; the worst had {number(worst.is_sharpe)} in and {number(worst.oos_sharpe)} out (from {worst.name})"
    if too_good:
        text += f"; too good to be true: {too_good[0]}"
    elif not accepted and good == every:
        text += "; kernel and engine disagree"
    if stitched_return_frac is not None:
        gained = "gained" if stitched_return_frac > 0.0 else "lost"
        text += f". Out of sample it {gained} {percent(abs(stitched_return_frac))} in all"
    mark = f" Marked short: less than the {SPEC_IN} + {SPEC_OUT} months of D39, it cannot be approved." if short else ""
    return f"{text}.{mark}"
