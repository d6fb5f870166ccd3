"""The sweep does what the engine does: random markets with holes, thin volume, jumps, and everything turned."""

import msgspec
import numpy as np
import pytest
from handmade import BTC, ETH, HOUR, MINUTE, SHARE, SPOT, START, USDJPY, make_config, make_inputs

from catalog.candles import Candles
from errors import ConfigError
from research.parity.compare import compare
from research.parity.turned import variations
from research.sweep.sweep import Outcome, Sweep

BARS = 2500
LONG_SEEDS = 60
DOLLARS = {"starting_balance": 50_000.0, "currency": "USD"}
FEW_DAYS = {"strategy": {"ema_slow_bars": 21, "ema_fast_bars": 8, "baseline_days": 3}}
PRICE = {BTC: 100.0, ETH: 7.0, SPOT: 300.0, SHARE: 45.0, USDJPY: 110.0}
TICKS = {BTC: 2, ETH: 2, SPOT: 2, SHARE: 2, USDJPY: 3}


def market(seed: int, name: str) -> Candles:
    """Return a market of turning trends with jumps between bars, thin stretches, and a short and a long hole."""
    draw = np.random.default_rng([seed, sum(name.encode())])
    drift = np.repeat(draw.choice([-1.0, 1.0], BARS // 100 + 1) * 0.0006, 100)[:BARS]
    close = PRICE[name] * np.exp(np.cumsum(draw.normal(drift, 0.005)))
    jumps = np.where(draw.random(BARS) < 0.05, np.exp(draw.normal(0.0, 0.01, BARS)), 1.0)
    opens = np.r_[PRICE[name], close[:-1]] * jumps
    high = np.maximum(opens, close) * (1.0 + np.abs(draw.normal(0.0, 0.002, BARS)))
    low = np.minimum(opens, close) * (1.0 - np.abs(draw.normal(0.0, 0.002, BARS)))
    thin = np.where(np.repeat(draw.random(BARS // 50), 50) < 0.3, 0.1, 1.0)
    volume = np.round(2e6 / PRICE[name] * np.exp(draw.normal(0.0, 0.8, BARS)) * thin + 1.0, 0)
    prices = [np.round(values, TICKS[name]) for values in (opens, high, low, close)]
    ts_ns = START + np.arange(BARS, dtype=np.int64) * 15 * MINUTE
    hole = int(draw.integers(500, 1500))
    kept = np.ones(BARS, np.bool_)
    kept[hole : hole + int(draw.integers(3, 40))] = False
    kept[hole + 200 : hole + 200 + int(draw.integers(100, 140))] = False
    whole = Candles(ts_ns, *prices, volume)
    return whole.take(kept)


def agree(seed: int, names: tuple[str, ...], **settings: object) -> int:
    config = make_config(names, **({"account": {"starting_balance": 50_000.0}} | FEW_DAYS | settings))
    inputs = make_inputs({name: market(seed, name) for name in names}, config)
    sweep = Sweep(inputs)
    trades = 0
    for name, turned in variations(config):
        found = compare(msgspec.structs.replace(inputs, config=turned), sweep)
        assert found.difference is None, f"{name}: {found.difference}"
        trades += found.trades
    return trades


@pytest.mark.parametrize(
    ("seed", "names", "settings"),
    [
        pytest.param(1, (BTC,), {}, id="one-perpetual"),
        pytest.param(2, (ETH, BTC, SPOT), {}, id="three-of-crypto-a-coarse-tick"),
        pytest.param(3, (SHARE,), {}, id="a-share"),
        pytest.param(
            40, (USDJPY,), {"account": {"starting_balance": 50_000.0, "currency": "USD"}}, id="money-converted"
        ),
        pytest.param(132, (SHARE,), {}, id="targets-that-fill-over-many-bars"),
        pytest.param(151, (ETH, BTC, SPOT), {}, id="a-target-that-fills-as-another-entry-is-taken"),
        pytest.param(154, (ETH, BTC), {}, id="two-open-at-the-end"),
    ],
)
def test_sweep_does_what_the_engine_does(seed: int, names: tuple[str, ...], settings: dict[str, object]) -> None:
    assert agree(seed, names, **settings) > 50


@pytest.mark.long
@pytest.mark.parametrize("seed", range(LONG_SEEDS))
def test_sweep_does_what_the_engine_does_on_any_market(seed: int) -> None:
    names = ((BTC,), (ETH, BTC, SPOT), (SHARE,), (USDJPY,), (ETH, BTC))[seed % 5]
    currency = {"account": DOLLARS} if names == (USDJPY,) else {}
    agree(seed + 100, names, **currency)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"entry": {"on_timeout": "market"}}, "entry.on_timeout"),
        ({"venue": {"stop_order": "stop_limit"}}, "venue.stop_order"),
        ({"costs": {"touch_fill_probability": 0.5}}, "touch_fill_probability"),
    ],
)
def test_sweep_refuses_what_it_does_not_simulate(settings: dict[str, object], message: str) -> None:
    inputs = make_inputs({BTC: market(1, BTC)}, make_config([BTC], **settings))
    with pytest.raises(ConfigError, match=message):
        Sweep(inputs)


def test_sweep_refuses_finer_fills() -> None:
    config = make_config([BTC], timeframe={"signal": "1h", "htf": "4h"})
    with pytest.raises(ConfigError, match=r"data\.fills"):
        Sweep(make_inputs({BTC: market(1, BTC)}, config))


def test_part_of_a_history_is_traded_like_a_history_that_ends_there() -> None:
    config = make_config([BTC], **({"account": {"starting_balance": 50_000.0}} | FEW_DAYS))
    candles = market(5, BTC)
    whole = Sweep(make_inputs({BTC: candles}, config))
    end_ns = START + 400 * HOUR
    cut = Sweep(make_inputs({BTC: candles.take(candles.ts_open_ns + 15 * MINUTE <= end_ns)}, config))
    part = whole.run(config, whole.span_of(START, end_ns))
    assert len(part.trades) > 5
    assert part.trades.tobytes() == cut.run(config).trades.tobytes()
    assert np.array_equal(part.equity, cut.run(config).equity)


def test_threads_change_nothing() -> None:
    config = make_config([BTC], **({"account": {"starting_balance": 50_000.0}} | FEW_DAYS))
    sweep = Sweep(make_inputs({BTC: market(6, BTC)}, config))
    configs = [turned for _, turned in variations(config)]
    found: dict[int, dict[int, bytes]] = {}
    for threads in (1, 3):
        seen: dict[int, bytes] = {}

        def keep(number: int, outcome: Outcome, seen: dict[int, bytes] = seen) -> None:
            seen[number] = outcome.trades.tobytes()

        sweep.run_all(configs, sweep.whole, threads, keep)
        found[threads] = seen
    assert found[1] == found[3]
    assert len(found[1]) == len(configs)
