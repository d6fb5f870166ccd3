"""From the inputs of a run to the arrays that the sweep reads."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from catalog.instruments import currency, is_perpetual
from catalog.precision import quantise
from compiled import Records, compiled, record_of
from errors import ConfigError
from execution.funding import DAY_NS, HOUR_NS, ROLLOVER_HOUR, funding_schedule, nights
from research.inputs import Inputs
from research.market_view import stale_bars
from research.run_data import Series
from research.sweep.records import BAR, CARRY, MARKET, Data, Floats, Ints
from research.venues import venue_of
from risk.rates import Rates
from risk.returns import HourlyReturns, correlate

CLASSES = ("crypto", "fx", "equity", "future")


def check_supported(inputs: Inputs) -> None:
    """Refuse what the sweep does not simulate.

    Raises
    ------
    ConfigError
        Fills on other bars than the signal's, or orders that no real configuration uses.
    """
    config = inputs.config
    for one in inputs.series:
        if one.fill_ns != one.signal_ns:
            raise ConfigError(
                f"data.fills: the sweep fills on signal bars ({config.timeframe.signal}); {one.instrument_id} would "
                f'fill on {one.fill_interval} candles: set data.fills = "signal"'
            )
    wanted = {
        "entry.on_timeout": (config.entry.on_timeout, "cancel"),
        "venue.stop_order": (config.venue.stop_order, "stop_market"),
        "costs.touch_fill_probability": (config.costs.touch_fill_probability, 0.0),
    }
    for key, (value, allowed) in wanted.items():
        if value != allowed:
            raise ConfigError(f"{key}: the sweep allows {allowed!r}, was {value!r}")
    if config.entry.cancel_secs * 1_000_000_000 >= inputs.series[0].signal_ns:
        raise ConfigError(f"entry.cancel_secs must be under one signal bar, was {config.entry.cancel_secs}")


def build(inputs: Inputs) -> Data:
    """Return the arrays of a run's whole span.

    Raises
    ------
    ConfigError
        See ``check_supported``.
    """
    check_supported(inputs)
    series = inputs.series
    close_ns = [one.fill.ts_open_ns + one.fill_ns for one in series]
    times = np.unique(np.concatenate(close_ns))
    first = np.r_[0, np.cumsum([len(one) for one in close_ns])].astype(np.int64)
    rows, latest = _rows(times, close_ns, first)
    ends = np.zeros(rows.shape, np.bool_)
    for i, one in enumerate(series):
        ends[np.searchsorted(times, np.array(one.ends_ns, np.int64)), i] = True
    hour0, common, alike = _correlations(inputs)
    days = times // DAY_NS
    carry = [_carry(inputs, one) for one in series]
    markets = _markets(inputs)
    markets["first_row"] = first[:-1]
    carry_first = np.r_[0, np.cumsum([len(one) for one in carry])]
    markets["first_carry"], markets["end_carry"] = carry_first[:-1], carry_first[1:]
    return Data(
        markets=markets,
        bars=np.concatenate([_bars(inputs, one) for one in series]).view(BAR),
        carries=np.concatenate(carry).view(CARRY),
        bar_ns=series[0].signal_ns,
        times=times,
        rows=rows,
        latest=latest,
        ends=ends,
        days=days - days[0],
        hour0=hour0,
        common=common,
        alike=alike,
    )


def _bars(inputs: Inputs, series: Series) -> Records:
    instrument, fill = inputs.instruments[series.instrument_id], series.fill
    seen = quantise(fill, instrument.price_precision, instrument.size_precision)
    bars = np.zeros(len(fill), BAR)
    bars["close_ns"] = fill.ts_open_ns + series.fill_ns
    for name in ("open", "high", "low", "close", "volume"):
        bars[name] = getattr(seen, name)
    bars["fill_open"], bars["fill_volume"] = fill.open, fill.volume
    bars["age_secs"] = _ages(series)
    return bars


def _rows(times: Ints, close_ns: Sequence[Ints], first: Ints) -> tuple[Ints, Ints]:
    rows = np.full((len(times), len(close_ns)), -1, np.int64)
    latest = np.full(rows.shape, -1, np.int64)
    for i, one in enumerate(close_ns):
        at = np.searchsorted(one, times, side="right") - 1
        latest[:, i] = np.where(at >= 0, first[i] + at, -1)
        rows[np.searchsorted(times, one), i] = first[i] + np.arange(len(one))
    return rows, latest


def _ages(series: Series) -> Floats:
    ages = stale_bars(series)
    age_secs = np.zeros(len(series.fill))
    close_ns = series.fill.ts_open_ns + series.fill_ns
    known = np.array(sorted(ages), np.int64)
    at = np.searchsorted(close_ns, known)
    for row, ns in zip(at.tolist(), known.tolist(), strict=True):
        if row < len(close_ns) and close_ns[row] == ns:
            age_secs[row] = ages[ns]
    return age_secs


def _markets(inputs: Inputs) -> Records:
    names = list(inputs.markets)
    rates = Rates(inputs.account, inputs.pairs, lambda _name: 1.0)
    routes = {name: rates.route(inputs.pairs[name].quote) for name in names}
    sources = {route[0] for route in routes.values() if route is not None}
    records = []
    for name in names:
        market, instrument, route = inputs.markets[name], inputs.instruments[name], routes[name]
        limits = inputs.config.risk.of_class(market.asset_class)
        values = {
            "tick": market.tick,
            "lot": market.lot,
            "price_scale": 10.0**instrument.price_precision,
            "order_scale": 10.0 ** decimals_in(str(instrument.price_increment)),
            "size_scale": 10.0**instrument.size_precision,
            "quote_scale": 10.0 ** currency(inputs.pairs[name].quote).precision,
            "min_quantity": market.min_quantity,
            "min_notional": market.min_notional,
            "multiplier": market.multiplier,
            "impact": market.impact,
            "allow_short": market.allow_short,
            "real_volume": market.real_volume,
            "continuous": market.continuous,
            "asset_class": CLASSES.index(market.asset_class),
            "class_positions": limits.max_positions,
            "max_leverage": limits.max_leverage,
            "rate_of": -1 if route is None else names.index(route[0]),
            "rate_inverse": route is not None and route[1],
            "venue": [venue_of(other) for other in names].index(venue_of(name)),
            "place": sorted(names).index(name),
            "is_source": name in sources,
        }
        records.append(record_of(MARKET, values))
    return np.concatenate(records).view(MARKET)


def decimals_in(increment: str) -> int:
    """Return how many decimals a price increment has, trailing zeros apart.

    >>> decimals_in("0.10"), decimals_in("0.00010"), decimals_in("5")
    (1, 4, 0)
    """
    return len(increment.partition(".")[2].rstrip("0"))


def _carry(inputs: Inputs, series: Series) -> Records:
    """Return when a position pays, how much, and what kind of payment it is."""
    name, costs = series.instrument_id, inputs.config.costs
    asset_class = inputs.markets[name].asset_class
    start_ns, end_ns = int(series.fill.ts_open_ns[0]), int(series.fill.ts_open_ns[-1]) + series.fill_ns
    if is_perpetual(inputs.instruments[name]) and name in inputs.funding:
        times, rates = funding_schedule(*inputs.funding[name], start_ns, end_ns, costs.funding_8h_frac)
        carries = np.zeros(len(times), CARRY)
        rounded = np.array([float(f"{rate:.10f}") for rate in rates])
        carries["ns"], carries["long_frac"], carries["short_frac"] = times, rounded, -rounded
        return carries
    fx = asset_class == "fx"
    days = np.arange(start_ns // DAY_NS, end_ns // DAY_NS + 1) if asset_class in ("fx", "equity") else np.empty(0, int)
    carries = np.zeros(len(days), CARRY)
    counts = np.array([nights(int(day), fx=fx) for day in days], np.float64)
    carries["ns"] = days * DAY_NS + ROLLOVER_HOUR * HOUR_NS
    carries["long_frac"] = counts * (costs.rollover_fx_daily_frac if fx else 0.0)
    carries["short_frac"] = counts * (costs.rollover_fx_daily_frac if fx else costs.borrow_equity_daily_frac)
    carries["kind"] = 1
    return carries


def _correlations(inputs: Inputs) -> tuple[int, npt.NDArray[np.int32], Floats]:
    """Return common hours and correlation of every pair at the end of every hour (D16)."""
    names = [one.instrument_id for one in inputs.series]
    n = len(names)
    first_ns = min(int(one.fill.ts_open_ns[0]) for one in inputs.series)
    last_ns = max(int(one.fill.ts_open_ns[-1]) + one.fill_ns for one in inputs.series)
    hour0 = first_ns // HOUR_NS - 1
    hours = last_ns // HOUR_NS - hour0 + 1 if n > 1 else 0
    common, alike = np.zeros((hours, n, n), np.int32), np.full((hours, n, n), np.nan)
    if n == 1:
        return hour0, common, alike
    returns = HourlyReturns(names, inputs.config.risk.correlation_days)
    closes = sorted(
        (int(ns), i, float(close))
        for i, one in enumerate(inputs.series)
        for ns, close in zip(one.hour_close_ns, one.hour_close, strict=True)
    )
    at = 0
    for h in range(hours):
        end_ns = (hour0 + h + 1) * HOUR_NS
        while at < len(closes) and closes[at][0] <= end_ns:
            returns.push(names[closes[at][1]], closes[at][0], closes[at][2])
            at += 1
        every_pair(*returns.tables(end_ns), hour0 + h, common[h], alike[h])
    return hour0, common, alike


@compiled
def every_pair(hours: Ints, returns: Floats, sums: Floats, last_hour: int, common: Ints, alike: Floats) -> None:
    """Write the common hours and the correlation of every pair."""
    for a in range(hours.shape[0]):
        for b in range(a):
            count, value = correlate(hours, returns, sums, a, b, last_hour)
            common[a, b] = common[b, a] = count
            alike[a, b] = alike[b, a] = value
