"""Drawdown from the equity peak: everything is closed (Spec 5.5; D29)."""

from compiled import Record, compiled_bare
from risk.breakers.ratio import ratio


@compiled_bare
def judge_drawdown(s: Record, l: Record, equity: float) -> None:  # noqa: E741
    """Raise the peak, or shut down when equity has fallen too far below it; then the peak waits for a hand."""
    if s.drawdown == 1:
        return
    s.peak = max(s.peak, equity)
    if s.peak - equity >= l.max_drawdown_frac * s.peak:
        s.drawdown = 1
        s.drawdown_observed = ratio(s.peak - equity, s.peak)
