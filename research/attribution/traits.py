"""What was known of each trade when its signal came: the trade and its signal in one row."""

import numpy as np
import pandas as pd

from research.attribution.regime import regimes

KEYS = ("signal_ts", "instrument_id", "side")
FROM_SIGNAL = ("score", "atr_ratio", "rsi", "volume", "volume_ma", "close", "bb_mid", "atr")


def traits_of(trades: pd.DataFrame, signals: pd.DataFrame) -> pd.DataFrame:
    """Return the trades, oldest signal first, with what their signals knew.

    Parameters
    ----------
    trades, signals : DataFrame
        Rows of ``trades.parquet`` and ``signals.parquet``; columns that an older run did not write become NaN.

    Returns
    -------
    DataFrame
        Columns of ``trades``, and ``score``, ``atr_ratio`` (fraction), ``rsi_with_side`` (points: the RSI for a long,
        100 minus it for a short), ``volume_ratio`` (signal bar over its average), ``trend_atr`` (distance of the close
        from the 20-bar mean towards the trade's side, ATRs) and ``regime`` (`regimes`). NaN where no signal is found.
    """
    known = signals.reindex(columns=["ts", "instrument_id", "side", *FROM_SIGNAL]).rename(columns={"ts": "signal_ts"})
    numbers = known[list(FROM_SIGNAL)].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    known = known[list(KEYS)].join(numbers).sort_values("signal_ts", kind="stable")
    known["regime"] = regimes(known["instrument_id"].astype(str).tolist(), known["atr_ratio"].to_numpy())
    known = known.drop_duplicates(list(KEYS), keep="last")
    own = trades.drop(columns=[name for name in (*FROM_SIGNAL, "regime") if name in trades])
    both = own.merge(known, on=list(KEYS), how="left").sort_values("signal_ts", kind="stable", ignore_index=True)
    toward = np.where(both["side"] == "LONG", 1.0, -1.0)
    return both.assign(
        rsi_with_side=50.0 + toward * (both["rsi"] - 50.0),
        volume_ratio=both["volume"] / both["volume_ma"].where(both["volume_ma"] > 0.0),
        trend_atr=toward * (both["close"] - both["bb_mid"]) / both["atr"].where(both["atr"] > 0.0),
    )
