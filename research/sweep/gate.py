"""The gate of the sweep: every limit of ``risk.review`` in its order, on the same numbers (Spec 4.2.3)."""

import math

import numpy as np

from compiled import Records, compiled_bare
from execution.exits import round_outward, stop_distance, target_distance
from research.sweep.money import equity, rate_of, to_even
from research.sweep.records import FOREVER, RULES, Data, Ints, World
from risk.breakers.loss_streak import size_factor, trades_on
from risk.limits.heat import heat_cap, is_within_share, share_cap
from risk.limits.reward import is_rewarding, reward_to_risk
from risk.limits.venue_minimum import is_large_enough
from risk.returns import HOUR_NS
from risk.sizing import (
    atr_scalar,
    leverage_quantity,
    position_risk,
    risk_budget,
    risk_quantity,
    round_down,
    ticked_distance,
)
from risk.tiers import tier_limits, tier_row

KILL = RULES.index("kill_switch")
DRAWDOWN = RULES.index("drawdown")
SUSPENSION = RULES.index("suspension")
WEEKLY = RULES.index("weekly_loss")
DAILY = RULES.index("daily_loss")
SLIPPAGE = RULES.index("slippage")
UNKNOWN = RULES.index("unknown_number")
STALE = RULES.index("stale_data")
REVIEW = RULES.index("review_required")
SHORT = RULES.index("short_selling")
REWARD = RULES.index("reward_to_risk")
ONE = RULES.index("one_position")
POSITIONS = RULES.index("max_positions")
CLASS = RULES.index("asset_class_positions")
DAY = RULES.index("trades_per_day")
ALIKE = RULES.index("correlation")
UNKNOWN_ALIKE = RULES.index("unknown_correlation")
MIN_QUANTITY = RULES.index("minimum_quantity")
MIN_NOTIONAL = RULES.index("minimum_notional")
SHARE = RULES.index("heat_share")
HEAT = RULES.index("portfolio_heat")


@compiled_bare
def shut_by(w: World) -> int:
    """Return the rule number of the gravest closed breaker, 0 when all are open."""
    s = w.state[0]
    if w.setup[0].breakers == 0:
        return 0
    if s.drawdown == 1:
        return DRAWDOWN
    if s.suspension == 1:
        return SUSPENSION
    if s.weekly_loss == 1:
        return WEEKLY
    if s.daily_loss == 1:
        return DAILY
    return SLIPPAGE if s.slippage == 1 else 0


@compiled_bare
def open_heat(w: World) -> float:
    """Return open plus reserved risk, account currency (D19)."""
    total = 0.0
    reserved = 0.0
    for i in range(w.markets.size):
        t = w.trades[i]
        if t.active == 0:
            continue
        left = t.filled - t.exited
        if left > 0.5 * w.markets[i].lot:
            entry = t.entry_value / t.filled
            total += position_risk(t.side, entry, t.stop, left, w.markets[i].multiplier) * rate_of(w, i)
        reserved += t.reserved
    return total + reserved


@compiled_bare
def is_known(value: float) -> bool:
    """Return whether a number can be used: finite and above 0 (D32)."""
    return bool(math.isfinite(value) and value > 0.0)


@compiled_bare
def too_alike(d: Data, w: World, i: int, peers: Ints, count: int, now_ns: int) -> int:
    """Return the rule that refuses an instrument beside its peers, 0 when none does (D16)."""
    hour = now_ns // HOUR_NS - 1 - d.hour0
    worst = -np.inf
    for n in range(count):
        j = peers[n]
        if j == i:
            continue
        if hour < 0 or hour >= d.common.shape[0]:
            return UNKNOWN_ALIKE
        if d.common[hour, i, j] < w.setup[0].min_common_hours or math.isnan(d.alike[hour, i, j]):
            return UNKNOWN_ALIKE
        worst = max(worst, d.alike[hour, i, j])
    return 0 if worst <= w.setup[0].max_correlation else ALIKE


@compiled_bare
def refusal_before_size(  # noqa: PLR0911 - one return a rule, in the gate's order
    d: Data,
    w: World,
    breakouts: Records,
    opinions: Records,
    b: int,
    capital: float,
    stop: float,
    tp1: float,
    peers: Ints,
    count: int,
    now_ns: int,
) -> int:
    """Return the first rule that refuses an entry before it is sized, 0 when none does."""
    s = w.setup[0]
    found, o = breakouts[b], opinions[b]
    i, side = found.instrument, found.side
    m = w.markets[i]
    shut = shut_by(w)
    if shut != 0:
        return shut
    known = is_known(capital) and is_known(rate_of(w, i)) and is_known(o.atr) and is_known(found.atr_baseline)
    known = known and is_known(o.close) and is_known(ticked_distance(o.close, stop, m.tick))
    if m.real_volume == 1:
        known = known and is_known(found.average_daily_volume)
        if m.continuous == 1:
            known = known and is_known(found.volume_24h)
    if not known:
        return UNKNOWN
    if not w.bars[found.row].age_secs <= s.max_data_age_secs:
        return STALE
    if tier_row(capital) < 0:
        return REVIEW
    if side < 0 and m.allow_short == 0:
        return SHORT
    if not is_rewarding(reward_to_risk(side, o.close, stop, tp1), s.min_reward_to_risk):
        return REWARD
    if w.trades[i].active == 1:
        return ONE
    return refusal_by_count(d, w, i, capital, peers, count, now_ns)


@compiled_bare
def refusal_by_count(d: Data, w: World, i: int, capital: float, peers: Ints, count: int, now_ns: int) -> int:
    """Return which count or likeness refuses an entry, 0 when none does."""
    s = w.setup[0]
    held = 0
    of_class = 0
    working = 0
    for j in range(w.markets.size):
        if w.trades[j].active == 1:
            held += 1
            of_class += int(w.markets[j].asset_class == w.markets[i].asset_class)
            working += int(w.trades[j].working == 1 and w.trades[j].filled == 0.0)
    most = s.max_positions if s.max_positions > 0 else tier_limits(capital)[1]
    if held >= most:
        return POSITIONS
    if of_class >= w.markets[i].class_positions:
        return CLASS
    if trades_on(w.state, now_ns) + working >= s.max_trades_per_day:
        return DAY
    return too_alike(d, w, i, peers, count, now_ns)


@compiled_bare
def sized(w: World, breakouts: Records, opinions: Records, b: int, capital: float, distance: float) -> float:
    """Return the quantity of an entry (D17, D18, D30)."""
    s = w.setup[0]
    found, o = breakouts[b], opinions[b]
    i = found.instrument
    m = w.markets[i]
    factor = size_factor(w.state, w.limits) if s.breakers == 1 else 1.0
    risk_frac = (s.risk_frac if s.risk_frac > 0.0 else tier_limits(capital)[0]) * factor
    scalar = atr_scalar(found.atr_baseline, o.atr, s.max_atr_scalar)
    budget = risk_budget(capital, risk_frac, scalar, s.max_heat_frac * s.max_share_of_heat_frac)
    unit_value = rate_of(w, i) * m.multiplier
    quantity = min(
        risk_quantity(budget, distance, unit_value), leverage_quantity(capital, m.max_leverage, o.close, unit_value)
    )
    if m.real_volume == 1:
        volume = found.volume_24h if m.continuous == 1 else found.average_daily_volume
        quantity = min(quantity, s.max_volume_24h_frac * volume)
        quantity = min(quantity, s.max_adv_frac * found.average_daily_volume)
    return round_down(quantity, m.lot)


@compiled_bare
def decide(
    d: Data,
    w: World,
    breakouts: Records,
    opinions: Records,
    b: int,
    score: int,
    peers: Ints,
    count: int,
    now_ns: int,
) -> bool:
    """Answer one signal; approved, its entry begins to work. Return whether it was."""
    s = w.setup[0]
    found, o = breakouts[b], opinions[b]
    i, side = found.instrument, found.side
    m = w.markets[i]
    capital = equity(w)
    away = stop_distance(o.close, o.atr, s.stop_atr, s.stop_floor_frac)
    stop = o.close - side * away
    tp1 = o.close + side * target_distance(away, o.atr, s.tp1_atr, s.tp1_r)
    tp2 = o.close + side * target_distance(away, o.atr, s.tp2_atr, s.tp2_r)
    before = open_heat(w)
    rule = refusal_before_size(d, w, breakouts, opinions, b, capital, stop, tp1, peers, count, now_ns)
    quantity = 0.0
    risk = 0.0
    if rule == 0:
        distance = ticked_distance(o.close, stop, m.tick)
        quantity = sized(w, breakouts, opinions, b, capital, distance)
        risk = quantity * distance * rate_of(w, i) * m.multiplier
        if not is_large_enough(quantity, max(m.lot, m.min_quantity)):
            rule = MIN_QUANTITY
        elif quantity * o.close * m.multiplier < m.min_notional:
            rule = MIN_NOTIONAL
        elif not is_within_share(risk, share_cap(capital, s.max_heat_frac, s.max_share_of_heat_frac)):
            rule = SHARE
        elif before + risk > heat_cap(capital, s.max_heat_frac):
            rule = HEAT
    number = w.account[0].decided % w.decided.size
    w.account[0].decided += 1
    note(w, number, i, side, score, now_ns, rule, quantity if rule == 0 else 0.0, capital, before)
    c = w.decided[number]
    c.entry, c.stop, c.tp1, c.tp2 = o.close, stop, tp1, tp2
    if rule != 0:
        return False
    begin(w, i, side, o.close, stop, tp1, tp2, quantity, risk, found.average_daily_volume, now_ns)
    w.quotes[i].decision = number
    return True


@compiled_bare
def note(
    w: World,
    number: int,
    i: int,
    side: int,
    score: int,
    now_ns: int,
    rule: int,
    quantity: float,
    capital: float,
    before: float,
) -> None:
    """Write a decision down."""
    c = w.decided[number]
    c.instrument = i
    c.side = side
    c.score = score
    c.signal_ns = now_ns
    c.rule = rule
    c.missed = 0
    c.quantity = quantity
    c.equity = capital
    c.heat_before = before


@compiled_bare
def begin(
    w: World,
    i: int,
    side: int,
    entry: float,
    stop: float,
    tp1: float,
    tp2: float,
    quantity: float,
    risk: float,
    adv: float,
    now_ns: int,
) -> None:
    """Let an entry work: a nanosecond after the bar close at which it was signalled."""
    s, m = w.setup[0], w.markets[i]
    t = w.trades[i]
    t.active, t.side, t.signal_ns, t.working = 1, side, now_ns, 1
    t.repriced, t.closing, t.waiting, t.runt, t.taker = 0, 0, 0, 0, 0
    t.entry_ns, t.exit_ns, t.exit_reason, t.stop_set_ns = 0, 0, 0, 0
    t.tp1_row, t.tp2_row, t.carry = -1, -1, 0
    t.reprice_due_ns = now_ns + 1 + s.reprice_ns
    t.timeout_ns = now_ns + 1 + s.cancel_ns
    t.hold_ns = FOREVER
    t.due_ns = min(t.reprice_due_ns, t.timeout_ns)
    t.number = w.account[0].decided
    t.quantity = quantity
    t.limit_px = to_even(round_outward(entry, m.tick, side), m.order_scale)
    t.distance, t.tp1_distance, t.tp2_distance = abs(entry - stop), abs(tp1 - entry), abs(tp2 - entry)
    t.adv, t.reserved, t.fill_px = adv, risk, 0.0
    t.filled, t.held, t.entry_value, t.exited, t.exit_value = 0.0, 0.0, 0.0, 0.0, 0.0
    t.stop, t.trigger, t.stop_initial, t.best_close = 0.0, 0.0, 0.0, np.nan
    t.tp1_filled, t.tp1_px, t.tp1_left, t.tp1_total = 0.0, 0.0, 0.0, 0.0
    t.tp2_filled, t.tp2_px, t.tp2_left, t.tp2_total = 0.0, 0.0, 0.0, 0.0
    t.tp1_in_bar, t.tp2_in_bar, t.rate = 0.0, 0.0, 1.0
    t.tp1_taker, t.tp2_taker = 0, 0
    t.gross, t.fees, t.slippage, t.received, t.rolled = 0.0, 0.0, 0.0, 0.0, 0.0
    w.account[0].active += 1
