"""What holds in every run, whatever happens: seeded random markets, scripted signals, every way of feeding them."""

import itertools

import numpy as np
import pytest
from handmade import (
    BTC,
    ETH,
    HOUR,
    MINUTE,
    SHARE,
    START,
    USDJPY,
    Candles,
    Say,
    join,
    make_config,
    make_inputs,
    play,
    run,
)

from execution.trade import Phase
from research.simulation import Simulation

STEP = {"1m": MINUTE, "15m": 15 * MINUTE}
DECIMALS = {BTC: 2, ETH: 2, SHARE: 2, USDJPY: 3}


def random_market(seed, count, interval, *, start_ns=START, price=100.0, volatility=0.004, decimals=2):
    """Return candles of a random walk whose opens leap now and then, with thin bars among the thick."""
    draw = np.random.default_rng(seed)
    moves = draw.normal(0.0, volatility, count)
    leaps = np.where(draw.random(count) < 0.05, draw.normal(0.0, 4 * volatility, count), 0.0)
    close = price * np.exp(np.cumsum(moves + leaps))
    before = np.r_[price, close[:-1]] * np.exp(leaps)
    high = np.maximum(before, close) * (1.0 + np.abs(draw.normal(0.0, volatility / 2, count)))
    low = np.minimum(before, close) * (1.0 - np.abs(draw.normal(0.0, volatility / 2, count)))
    volume = np.where(draw.random(count) < 0.3, 300.0, 50_000.0)
    prices = [np.round(values, decimals) for values in (before, high, low, close)]
    return Candles(start_ns + np.arange(count, dtype=np.int64) * STEP[interval], *prices, volume)


def random_says(seed, bars):
    draw = np.random.default_rng(seed + 1000)
    return {int(n): Say(int(draw.choice([-1, 1])), int(draw.choice([4, 5])), float(draw.uniform(0.3, 2.0)))
            for n in np.flatnonzero(draw.random(bars) < 0.25)}  # fmt: skip


def random_run(seed, names, interval, **settings):
    """Return a run with a closure and a hole in it."""
    count = 60 if interval == "15m" else 600
    data, says = {}, {}
    for number, name in enumerate(names):
        own = {"decimals": DECIMALS[name], "price": 150.0 if name == USDJPY else 100.0}
        parts = [random_market(seed * 10 + number + 100 * k, count, interval, start_ns=START + ns, **own)
                 for k, ns in enumerate((0, 30 * HOUR, 90 * HOUR))]  # fmt: skip
        data[name] = join(*parts)
        says[name] = random_says(seed * 10 + number, 3 * count * STEP[interval] // (15 * MINUTE))
    settings = {"risk": {"breakers": False}} | settings  # thin bars slip: a breaker would end most of these runs early
    return play(data, says, interval=interval, atr=lambda n: 0.5 + n % 7 / 5, **settings)


SETTINGS = {
    "plain": {},
    "stop_limit": {"venue": {"stop_order": "stop_limit"}},
    "backstop": {"venue": {"stop_order": "stop_limit", "backstop": True}},
    "market entries": {"entry": {"on_timeout": "market"}},
    "short holds": {"exits": {"max_hold_secs": 5400}, "costs": {"touch_fill_probability": 0.5}},
}


@pytest.mark.parametrize("interval", ["15m", "1m"])
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize(
    ("names", "currency"), [((BTC, ETH), "USDT"), ((SHARE, USDJPY), "USD")], ids=["one venue", "two venues, yen"]
)
def test_every_run_adds_up_and_leaves_nothing_behind(names, currency, settings, interval):
    played = random_run(1, names, interval, account={"starting_balance": 30_000.0, "currency": currency},
                        data={"max_gap_hours": 40.0}, **settings)  # fmt: skip
    simulation, recorder = played.simulation, played.simulation.recorder
    assert len(played.trades) > 5

    # money: what the trades say is what the account has
    net = sum(trade["net_pnl"] for trade in played.trades)
    tolerance = 1e-6 if currency == "USDT" else 1e-4  # yen are booked whole, and converted a moment apart
    assert played.final_equity - 30_000.0 == pytest.approx(net, abs=30_000.0 * tolerance)
    for trade in played.trades:
        assert trade["net_pnl"] == pytest.approx(trade["gross_pnl"] - trade["fees"] - trade["funding"])
        assert min(trade["fees"], trade["mae_r"], trade["mfe_r"]) >= 0.0

    # answers: every signal has one decision; every approved one became a trade or a missed entry
    answered = sorted(d.signal.signal_id for d in recorder.decisions)
    assert answered == sorted({s.signal_id for s in recorder.signals})
    assert len(recorder.signals) == len(answered)
    approved = sorted(d.signal.signal_id for d in recorder.decisions if d.approved)
    ended = [t.plan.signal_id for t, _ in simulation.log.closed] + [m.signal_id for m in simulation.log.missed]
    assert sorted(ended) == approved

    # nothing is left: no order, position, reservation, risk
    assert simulation.strategy.cache.orders_open() == []
    assert simulation.strategy.cache.positions_open() == []
    assert simulation.strategy.desk.open_trades() == []
    assert simulation.book.heat() == 0.0
    assert simulation.book.read(0).positions == ()
    assert recorder.equity_rows[-1].open_positions == 0


@pytest.mark.parametrize("interval", ["15m", "1m"])
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_every_trade_keeps_its_promises(settings, interval):
    played = random_run(2, (BTC, ETH), interval, data={"max_gap_hours": 40.0}, **settings)
    simulation = played.simulation
    ends_ns = {one.instrument_id: one.ends_ns for one in simulation.inputs.series}
    closed_ns = {one.instrument_id: one.fill.ts_open_ns + one.fill_ns for one in simulation.inputs.series}
    hold_ns = simulation.inputs.config.exits.max_hold_secs * 10**9
    for trade, _ in simulation.log.closed:
        plan = trade.plan
        assert trade.phase is Phase.CLOSED
        assert trade.remaining == 0.0
        assert 0.0 < trade.filled <= plan.quantity + 1e-9
        assert plan.signal_ns < trade.entry_ns <= trade.exit_ns
        assert plan.side * (trade.stop - trade.stop_initial) >= 0.0  # only ever tightened
        path = [point.stop for point in simulation.log.stops if point.trade_id == plan.trade_id]
        anchored_once = trade.filled == plan.quantity and plan.entry_on_timeout == "cancel"  # else at each further fill
        assert path == sorted(path, reverse=plan.side < 0) or not anchored_once
        # nothing across a hole, nothing inside one
        assert not [end for end in ends_ns[plan.instrument_id] if trade.entry_ns < end < trade.exit_ns - 2]
        for ts_ns in (trade.entry_ns, trade.exit_ns):
            bar_end = closed_ns[plan.instrument_id]
            after = bar_end[min(int(np.searchsorted(bar_end, ts_ns - 20 * 10**9)), len(bar_end) - 1)]
            assert after - STEP[interval] <= ts_ns <= after + 16 * 10**9
        if trade.exit_reason == "MAX_HOLD":
            assert trade.exit_ns > trade.entry_ns + hold_ns


def test_one_position_per_instrument_at_any_time():
    played = random_run(3, (BTC, ETH), "15m")
    for name in (BTC, ETH):
        spans = sorted((t["entry_ts"], t["exit_ts"]) for t in played.trades if t["instrument_id"] == name)
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_heat_never_exceeds_its_limit_at_a_decision():
    played = random_run(4, (BTC, ETH), "15m", risk={"max_heat_frac": 0.015})
    for decision in played.simulation.recorder.decisions:
        if decision.approved:
            assert decision.heat_after <= 0.015 * decision.equity * (1.0 + 1e-9)


@pytest.mark.parametrize("interval", ["15m", "1m"])
def test_same_run_twice_is_the_same(interval):
    first, second = (random_run(5, (ETH, BTC), interval) for _ in range(2))
    assert first.trades == second.trades
    assert first.journal == second.journal


# --- no look-ahead ----------------------------------------------------------------------------------------------------

QUICK = {
    "donchian_bars": 3, "ema_fast_bars": 2, "ema_slow_bars": 3, "atr_bars": 2, "rsi_bars": 2, "volume_ma_bars": 2,
    "bollinger_bars": 2, "atr_ratio_min_frac": 0.0, "atr_ratio_max_frac": 1.0, "require_volume": False, "min_score": 3,
}  # fmt: skip


@pytest.fixture(scope="module", params=["15m", "1m"])
def whole_run(request):
    """Return two markets, and a run of the real rules over them."""
    interval = request.param
    count = 400 if interval == "15m" else 6000
    volatility = 0.004 if interval == "15m" else 0.001
    data = {name: random_market(seed, count, interval, volatility=volatility) for seed, name in ((7, BTC), (8, ETH))}
    return data, interval, real_run(data, interval)


def real_run(data, interval):
    """Return a run of the real rules."""
    inputs = make_inputs(data, make_config(list(data), strategy=QUICK, risk={"breakers": False}), interval=interval)
    return run(inputs, lambda journal: Simulation(inputs, journal))


@pytest.mark.parametrize("share", [0.35, 0.6, 0.9])
def test_data_cut_short_gives_the_same_signals_decisions_and_closed_trades(whole_run, share):
    data, interval, whole = whole_run
    signals, decisions = whole.simulation.recorder.signals, whole.simulation.recorder.decisions
    assert len(signals) > 50
    assert len(whole.trades) > 10
    cut_ns = signals[int(share * len(signals))].ts_ns
    shorter = {name: one.take(one.ts_open_ns + STEP[interval] <= cut_ns) for name, one in data.items()}
    part = real_run(shorter, interval)
    recorder = part.simulation.recorder
    assert recorder.signals == [one for one in signals if one.ts_ns <= cut_ns]
    assert recorder.decisions == [one for one in decisions if one.ts_ns <= cut_ns]
    early = [one for one in whole.trades if one["exit_ts"] < cut_ns]
    assert [one for one in part.trades if one["exit_ts"] < cut_ns] == early
    rows = [(r.ts_ns, r.equity, r.cash) for r in whole.simulation.recorder.equity_rows if r.ts_ns < cut_ns]
    assert [(r.ts_ns, r.equity, r.cash) for r in recorder.equity_rows if r.ts_ns < cut_ns] == rows
