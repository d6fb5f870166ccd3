"""The strategy beside what the same money would have done by itself (Spec 8.4)."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from research import benchmark, equity_curve
from research.attribution.alpha import alpha_error
from research.attribution.series import BONDS, STOCKS, Closes, catalogs_near, find_closes
from research.kpi import json_number
from research.report.prices import PriceSeries
from research.report.run import Run
from research.run_metrics import to_ns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STOCK_SHARE_FRAC = 0.6


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the comparison; every figure is over the days of the run, None where it is not defined.

    Attributes
    ----------
    why_not : str
        Why it is not available; then there are no figures.
    source : str
        Where its prices come from.
    days : int
        Daily returns compared (UTC days, D36).
    alpha_frac, alpha_error_frac, alpha_t
        Of the strategy against it: alpha per year, its standard error (Newey-West), their ratio.
    beta, information_ratio
        Of the strategy against it.
    """

    name: str
    why_not: str = ""
    source: str = ""
    days: int = 0
    sharpe: float | None = None
    total_return_frac: float | None = None
    annual_return_frac: float | None = None
    annual_volatility_frac: float | None = None
    max_drawdown_frac: float | None = None
    alpha_frac: float | None = None
    alpha_error_frac: float | None = None
    alpha_t: float | None = None
    beta: float | None = None
    information_ratio: float | None = None


def benchmarks(run: Run, prices: Mapping[str, PriceSeries]) -> list[Benchmark]:
    """Return the strategy itself, buy-and-hold of its instruments, 60/40 and the S&P 500.

    Parameters
    ----------
    run : Run
        Its configuration names the catalog that is searched for stocks and bonds.
    prices : mapping of instrument id to PriceSeries
        For buy-and-hold.

    Notes
    -----
    None pays costs or is leveraged; prices are as loaded, so dividends and coupons count only in adjusted series. 60/40
    goes back to 60 % stocks and 40 % bonds at the first equity row of every month.
    """
    if run.span_ns is None:
        return [Benchmark(name="Strategy", why_not="the run has no equity rows")]
    ts_ns, start = to_ns(run.equity["ts"]), run.start_equity
    near = catalogs_near(run.config.get("catalog"))
    stock, bond = (find_closes(names, near, run.span_ns) for names in (STOCKS, BONDS))
    held = [(series.ts_ns, series.close) for series in prices.values() if len(series)]

    def hold(closes: Sequence[tuple[Ints, Floats]]) -> Floats:
        return benchmark.hold_equity(ts_ns, closes, start)

    own = _figures(run, "Strategy", "this run", run.equity["equity"].to_numpy(np.float64))
    no_prices = "" if held else "the run's prices are not at hand"
    no_mix = "; ".join(one.why_not for one in (stock, bond) if one.why_not)
    return [
        own,
        _row(run, "Buy and hold", no_prices, f"equal parts of {len(held)} instruments", lambda: hold(held)),
        _row(run, "60/40", no_mix, f"{stock.source}; {bond.source}", lambda: mixed_equity(ts_ns, stock, bond, start)),
        _row(run, "S&P 500", stock.why_not, stock.source, lambda: hold([(stock.ts_ns, stock.close)])),
    ]


def mixed_equity(
    ts_ns: Ints, stock: Closes, bond: Closes, start_equity: float, stock_frac: float = STOCK_SHARE_FRAC
) -> Floats:
    """Return the equity of stocks and bonds, brought back to their shares at the first time of every UTC month.

    Parameters
    ----------
    ts_ns : int64 array of shape (n,)
        Times to value it at, nanoseconds UTC, oldest first.
    stock, bond : Closes
        Valued at their last close; at their first one before that.
    start_equity : float
        Quote units.
    stock_frac : float
        Share of stocks.

    Returns
    -------
    float64 array of shape (n,)
        Quote units.
    """
    growth = [benchmark.hold_equity(ts_ns, [(one.ts_ns, one.close)], 1.0) for one in (stock, bond)]
    months = ts_ns.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    begins = np.flatnonzero(np.append(True, months[1:] != months[:-1]))
    equity, at = np.empty(len(ts_ns)), start_equity
    for begin, end in zip(begins, np.append(begins[1:], len(ts_ns)), strict=True):
        stop = min(end + 1, len(ts_ns))  # up to the next rebalancing, that row included
        parts = [one[begin:stop] / one[begin] for one in growth]
        equity[begin:stop] = at * (stock_frac * parts[0] + (1.0 - stock_frac) * parts[1])
        at = float(equity[stop - 1])
    return equity


def _row(run: Run, name: str, why_not: str, source: str, equity: Callable[[], Floats]) -> Benchmark:
    if why_not:
        return Benchmark(name=name, why_not=why_not)
    values = equity()
    return msgspec.structs.replace(_figures(run, name, source, values), **_against(run, values))


def _figures(run: Run, name: str, source: str, equity: Floats) -> Benchmark:
    rate = float(run.metrics.get("risk_free_frac") or 0.0)
    found = benchmark.buy_and_hold(to_ns(run.equity["ts"]), equity, run.start_equity, run.annual_days, rate)
    return Benchmark(
        name=name,
        source=source,
        days=int(found["days"] or 0),
        sharpe=found["sharpe"],
        total_return_frac=found["total_return_frac"],
        annual_return_frac=found["annual_return_frac"],
        annual_volatility_frac=found["annual_volatility_frac"],
        max_drawdown_frac=found["max_drawdown_frac"],
    )


def _against(run: Run, values: Floats) -> dict[str, float | int | None]:
    """Return what the strategy adds to a benchmark."""
    ts_ns, every_day = to_ns(run.equity["ts"]), run.annual_days == 365
    curves = (run.equity["equity"].to_numpy(np.float64), values)
    ours, theirs = (equity_curve.daily_returns(ts_ns, one, run.start_equity, every_day) for one in curves)
    alpha, beta = benchmark.alpha_beta(ours, theirs, run.annual_days)
    error = alpha_error(ours, theirs, run.annual_days)
    found = {
        "alpha_frac": alpha,
        "alpha_error_frac": error,
        "alpha_t": alpha / error if error > 0.0 else float("nan"),
        "beta": beta,
        "information_ratio": benchmark.information_ratio(ours, theirs, run.annual_days),
    }
    return {key: json_number(value) for key, value in found.items()}
