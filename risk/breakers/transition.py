"""``transition(state, event, limits) -> state``, and what a change of state means (Spec 5.4, 5.5)."""

import math
from collections.abc import Callable, Iterator
from functools import partial, singledispatch

from compiled import Record, Records, compiled_bare
from risk.breakers.account import elapse, judge, observe_equity, settle
from risk.breakers.api_errors import ban_api, judge_api
from risk.breakers.catalogue import BY_NAME, HALTS, LOSS_STREAK, Breaker
from risk.breakers.events import (
    ApiBanned,
    ApiCounted,
    EquitySeen,
    Event,
    HandKill,
    HandReset,
    OrderFilled,
    TradeEnded,
    TradeOpened,
)
from risk.breakers.hands import carry_out, refuse
from risk.breakers.loss_streak import count_trade, judge_result
from risk.breakers.slippage import judge_slippage
from risk.breakers.state import DAY_NS, copy_of
from risk.messages import BreakerEvent

type Step = Callable[[], object]
type Kind = str

WARNINGS = (
    ("daily_warned", "daily_loss", "daily_warning_frac"),
    ("weekly_warned", "weekly_loss", "weekly_alert_frac"),
    ("api_warned", "api_errors", "api_alert_frac"),
)


def transition(state: Records, event: Event, limits: Records) -> tuple[Records, tuple[BreakerEvent, ...]]:
    """Return the state after an event and what the change means; the state before is left as it was.

    What a hand wishes and ``hands.refuse`` refuses changes nothing.
    """
    after = copy_of(state)
    found: list[BreakerEvent] = []
    for step in _steps(event, after, limits):
        before = _signature(after)
        step()
        if _signature(after) != before:
            found += _meaning(before, after, limits, event)
    return after, tuple(found)


@singledispatch
def _steps(event: Event, _state: Records, _limits: Records) -> Iterator[Step]:
    raise TypeError(f"no transition of the breakers for {type(event).__name__}")


@_steps.register
def _(event: EquitySeen, state: Records, limits: Records) -> Iterator[Step]:
    if not math.isfinite(event.equity):
        return
    stages = (observe_equity,) if _is_within_a_day(state, event.ts_ns) else (elapse, judge, settle)
    for stage in stages:  # at a midnight, or when a week's wait is over, a breaker can close and open at one moment
        yield partial(stage, state, limits, event.ts_ns, event.equity)


@_steps.register
def _(event: TradeOpened, state: Records, _limits: Records) -> Iterator[Step]:
    yield partial(count_trade, state, event.ts_ns)


@_steps.register
def _(event: TradeEnded, state: Records, limits: Records) -> Iterator[Step]:
    yield partial(judge_result, state, limits, event.net)


@_steps.register
def _(event: OrderFilled, state: Records, limits: Records) -> Iterator[Step]:
    yield partial(judge_slippage, state, limits, event.expected_frac, event.actual_frac)


@_steps.register
def _(event: ApiCounted, state: Records, limits: Records) -> Iterator[Step]:
    yield partial(judge_api, state, limits, event.requests, event.errors)


@_steps.register
def _(_event: ApiBanned, state: Records, _limits: Records) -> Iterator[Step]:
    yield partial(ban_api, state)


@_steps.register(HandReset)
@_steps.register(HandKill)
def _(event: HandReset | HandKill, state: Records, limits: Records) -> Iterator[Step]:
    if not refuse(state, limits, event):
        yield partial(carry_out, state, event)


@compiled_bare
def _is_within_a_day(states: Records, ts_ns: int) -> bool:
    """Return whether a look can only close breakers, not open any."""
    s = states[0]
    return bool(s.known == 1 and s.weekly_loss == 0 and ts_ns % DAY_NS != 0 and ts_ns // DAY_NS == s.day)


@compiled_bare
def _signature(
    states: Records,
) -> tuple[int, int, int, int, int, int, int, int, int, int, int, int, int, int]:
    """Return what a change must be told of: closed breakers, warnings, approval, the weekly wait; and the day."""
    s = states[0]
    return (
        s.kill_switch,
        s.drawdown,
        s.suspension,
        s.weekly_loss,
        s.daily_loss,
        s.api_errors,
        s.slippage,
        s.daily_warned,
        s.weekly_warned,
        s.api_warned,
        s.weekly_until_ns,
        s.weekly_approved_ns,
        int(s.reduced_left > 0),
        s.day,
    )


SIGNATURE = (
    *(breaker.name for breaker in HALTS),
    *(field for field, _, _ in WARNINGS),
    "weekly_until_ns",
    "weekly_approved_ns",
    "reduced",
    "day",
)


def _meaning(signature: tuple[int, ...], after: Records, limits: Records, event: Event) -> Iterator[BreakerEvent]:
    before = dict(zip(SIGNATURE, signature, strict=True))
    now = dict(zip(SIGNATURE, _signature(after), strict=True))
    state, lim = after[0], limits[0]
    for field, name, limit in WARNINGS:
        if now[field] and not before[field]:
            yield _event(event.ts_ns, BY_NAME[name], "WARNING", BY_NAME[name].observed(state), float(lim[limit]))
    for breaker in HALTS:
        kind = _kind(breaker, before, now, event)
        if kind:
            yield _told(breaker, kind, state, lim, event, before["day"])
    if before["reduced"] != now["reduced"]:
        kind = "TRIPPED" if now["reduced"] else "OPENED"
        yield _event(event.ts_ns, LOSS_STREAK, kind, float(state.losses), LOSS_STREAK.limit_in(lim))


def _kind(breaker: Breaker, before: dict[str, int], now: dict[str, int], event: Event) -> Kind:
    name = breaker.name
    if now[name] > before[name] or (name == "weekly_loss" and now["weekly_until_ns"] > before["weekly_until_ns"]):
        return "TRIPPED"
    if now[name] < before[name]:
        return "RESET" if isinstance(event, HandReset) else "OPENED"
    if name == "weekly_loss" and now["weekly_approved_ns"] > before["weekly_approved_ns"]:
        return "APPROVED"
    return ""


def _told(breaker: Breaker, kind: Kind, state: Record, limits: Record, event: Event, day: int) -> BreakerEvent:
    hand = event if isinstance(event, HandReset | HandKill) else None
    ts_ns = event.ts_ns
    if kind == "OPENED" and breaker.name == "daily_loss":
        ts_ns = int(day + 1) * DAY_NS  # the midnight that ended the day, however late it is noticed
    elif kind == "OPENED" and breaker.name == "weekly_loss":
        ts_ns = max(int(state.weekly_until_ns), int(state.weekly_approved_ns))
    observed = float(breaker.tripped(state))
    return _event(ts_ns, breaker, kind, observed, breaker.limit_in(limits), hand)


def _event(
    ts_ns: int, breaker: Breaker, kind: Kind, observed: float, limit: float, hand: HandReset | HandKill | None = None
) -> BreakerEvent:
    return BreakerEvent(
        ts_ns=ts_ns,
        breaker=breaker.name,
        kind=kind,  # type: ignore[arg-type]  # one of the five, by construction
        observed=float(observed),
        limit=limit,
        operator=hand.operator if hand else "",
        reason=hand.reason if hand else "",
    )
