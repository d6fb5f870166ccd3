"""Which trades two runs share: the same instrument, signal time and side."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from research.run_metrics import to_ns

KEYS = ["instrument_id", "signal_ns", "side", "nth"]
PRICES = ("entry_px", "stop_initial", "exit_px")
SAME_FRAC = 1e-9
SAME_AVERAGE_FRAC = 2e-4


@dataclass(frozen=True, slots=True)
class Matching:
    """The trades of two runs, sorted out; frames are oldest signal first.

    Parameters
    ----------
    only_first, only_second : DataFrame
        Trades that the other run does not have, columns of ``trades.parquet``.
    both : DataFrame
        Shared trades; each column of ``trades.parquet`` with ``_1`` and ``_2`` behind it, and ``differs``: which of
        entry, stop, exit, reason, time are not the same, as text ("" when all are).
    """

    only_first: pd.DataFrame
    only_second: pd.DataFrame
    both: pd.DataFrame

    @property
    def differing(self) -> pd.DataFrame:
        """Return the shared trades with another price, exit reason or exit time."""
        return self.both[self.both["differs"] != ""]


def match_trades(first: pd.DataFrame, second: pd.DataFrame) -> Matching:
    """Return which trades of ``trades.parquet`` two runs share.

    Notes
    -----
    Matched by instrument, signal time and side; several trades of one signal are matched in their order of entry.
    Quantities and money follow from each account's equity and are not looked at: prices (to a part in 1e9), exit reason
    and exit time are. An exit in parts is an average over lots: where the quantities differ, rounding to lots moves it
    by itself, so that there it must differ by more than 2 bps.
    """
    one, two = _keyed(first), _keyed(second)
    both = one.merge(two, on=KEYS, how="inner", suffixes=("_1", "_2")).sort_values(KEYS[1], kind="stable")
    both = both.assign(differs=_differs(both))
    return Matching(_without(one, two), _without(two, one), both.reset_index(drop=True))


def _keyed(trades: pd.DataFrame) -> pd.DataFrame:
    keyed = trades.assign(
        signal_ns=to_ns(trades["signal_ts"]),
        instrument_id=trades["instrument_id"].astype(str),
        side=trades["side"].astype(str),
    ).sort_values("entry_ts", kind="stable")
    return keyed.assign(nth=keyed.groupby(KEYS[:3], observed=True).cumcount())


def _without(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    found = own.merge(other[KEYS], on=KEYS, how="left", indicator=True)
    return found[found["_merge"] == "left_only"].sort_values("signal_ns", kind="stable", ignore_index=True)


def _differs(both: pd.DataFrame) -> list[str]:
    unequal = {name: _unequal(both[f"{column}_1"], both[f"{column}_2"])
               for name, column in zip(("entry", "stop", "exit"), PRICES, strict=True)}  # fmt: skip
    resized = _unequal(both["quantity_1"], both["quantity_2"])
    unequal["exit"] &= ~resized | _unequal(both["exit_px_1"], both["exit_px_2"], SAME_AVERAGE_FRAC)
    unequal["reason"] = (both["exit_reason_1"].astype(str) != both["exit_reason_2"].astype(str)).to_numpy()
    unequal["time"] = to_ns(both["exit_ts_1"]) != to_ns(both["exit_ts_2"])
    rows = np.array(list(unequal.values()), dtype=np.bool_).reshape(len(unequal), len(both)).T
    return [", ".join(name for name, is_other in zip(unequal, row, strict=True) if is_other) for row in rows]


def _unequal(one: "pd.Series[float]", two: "pd.Series[float]", frac: float = SAME_FRAC) -> npt.NDArray[np.bool_]:
    a, b = one.to_numpy(np.float64), two.to_numpy(np.float64)
    return np.asarray(~np.isclose(a, b, rtol=frac, atol=0.0, equal_nan=True), dtype=np.bool_)
