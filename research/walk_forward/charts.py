"""The arrays behind the page's charts."""

from research.report.payload import Payload
from research.walk_forward.result import Stability
from research.walk_forward.study import Study
from research.walk_forward.tables import KINDS
from research.walk_forward.verdict import MIN_KEPT_FRAC

NAN = float("nan")
DAY_MS = 86_400_000


def build_payload(study: Study) -> Payload:
    """Return the stitched curves, the Sharpe ratios in and out of every window, and the choices over the windows."""
    result, payload = study.result, Payload()
    runs = dict(zip(KINDS, (result.windows, result.anchored.windows), strict=True))
    payload.meta = {
        "kinds": list(KINDS),
        "kept": MIN_KEPT_FRAC,
        "names": [str(window.oos_start) for window in result.windows],
        "parameters": [_steps(one) for one in result.stability],
        "anchored": [_steps(one) for one in result.anchored.stability],
    }
    for kind, curve in study.stitched.items():
        payload.add(f"{kind}.ts", curve.days * DAY_MS)
        payload.add(f"{kind}.growth", curve.equity - 1.0)
        payload.add(f"{kind}.in", [_number(window.is_sharpe) for window in runs[kind]])
        payload.add(f"{kind}.out", [_number(window.oos_sharpe) for window in runs[kind]])
    return payload


def _steps(one: Stability) -> dict[str, object]:
    """Return a parameter with the place of each choice among its values; None where nothing was chosen."""
    places = [None if value is None else one.values.index(value) for value in one.chosen]
    return {"key": one.key, "values": [str(value) for value in one.values], "chosen": places}


def _number(value: float | None) -> float:
    return NAN if value is None else value
