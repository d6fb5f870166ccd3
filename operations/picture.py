"""Every limit with its present value, cap and headroom, from the memory of a system (Spec 2.6, 5.5, 5.6)."""

import math
from typing import Literal

import msgspec

from errors import StateError
from execution.trade import Trade
from execution.trade_memory import KeptTrade, load_trades
from memory.memory import Memory
from risk.board import BreakerBoard
from risk.book import OpenRisk
from risk.breakers.catalogue import BY_NAME
from risk.facts import Facts, load_facts
from risk.limits.heat import heat_cap, share_cap
from risk.officer import load_reservations
from risk.requests import REQUEST, Request
from risk.shared_records import OwnerStatus
from risk.tiers import tier_of

type Unit = Literal["frac", "count", "money"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One limit: what it is now, what it may be, what is left; ``closed``: a breaker that refuses entries."""

    name: str
    unit: Unit
    value: float
    cap: float
    closed: bool = False
    note: str = ""

    @property
    def headroom(self) -> float:
        """Return what is left to the cap."""
        return self.cap - self.value


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """An open or working trade. Risk in account currency."""

    trade_id: str
    instrument_id: str
    side: int
    phase: str
    quantity: float
    entry: float
    stop: float
    risk: float
    notional: float


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it."""

    name: str
    currency: str
    running: bool
    breakers_on: bool
    seen_ns: int
    equity: float
    peak: float
    day_open: float
    week_open: float
    size_factor: float
    breakers: tuple[Row, ...]
    limits: tuple[Row, ...]
    per_entry: dict[str, float]
    positions: tuple[Position, ...]
    reservations: dict[str, float]
    waiting: tuple[Request, ...]
    owners: tuple[OwnerStatus, ...]
    ledger_fault: str


def take_picture(memory: Memory, *, running: bool) -> Picture:
    """Return what the memory says.

    Raises
    ------
    StateError
        It has never been used, or cannot be read.
    """
    facts = load_facts(memory)
    board = BreakerBoard(facts.config, every_day=facts.every_day, memory=memory)
    state = board.state[0]
    positions = tuple(_position(kept) for kept in load_trades(memory).values())
    reservations = {signal_id: one.risk for signal_id, one in load_reservations(memory).items()}
    owners, fault = _owners(facts)
    requests = [msgspec.json.decode(body, type=Request) for body in memory.all(REQUEST).values()]
    return Picture(
        name=facts.name,
        currency=facts.currency,
        running=running,
        breakers_on=facts.config.breakers,
        seen_ns=int(state.seen_ns),
        equity=float(state.equity) if state.known else math.nan,
        peak=float(state.peak),
        day_open=float(state.day_open),
        week_open=float(state.week_open),
        size_factor=board.size_factor,
        breakers=_breakers(board),
        limits=_limits(facts, board, positions, reservations),
        per_entry=_per_entry(facts),
        positions=positions,
        reservations=reservations,
        waiting=tuple(sorted(requests, key=lambda one: one.ts_ns)),
        owners=owners,
        ledger_fault=fault,
    )


def _owners(facts: Facts) -> tuple[tuple[OwnerStatus, ...], str]:
    """Return who shares the account, and why that is not known."""
    if facts.ledger.backend == "process":
        return (), ""
    from risk.shared_ledger import RedisLedger  # noqa: PLC0415 - only where several processes share an account

    try:
        return tuple(RedisLedger(facts.ledger).owners()), ""
    except StateError as error:
        return (), str(error)


def _position(kept: KeptTrade) -> Position:
    trade, rate = kept.trade, kept.costs.rate
    unit = trade.plan.multiplier * rate
    return Position(
        trade_id=trade.plan.trade_id,
        instrument_id=trade.plan.instrument_id,
        side=trade.plan.side,
        phase=str(trade.phase),
        quantity=trade.remaining,
        entry=trade.entry_px,
        stop=trade.stop,
        risk=_open_risk(trade) * rate,
        notional=trade.remaining * trade.entry_px * unit,
    )


def _open_risk(trade: Trade) -> float:
    if trade.remaining == 0.0:
        return 0.0
    held = OpenRisk(
        signal_id=trade.plan.signal_id,
        instrument_id=trade.plan.instrument_id,
        strategy=trade.plan.strategy,
        side=trade.plan.side,
        entry=trade.entry_px,
        stop=trade.stop,
        quantity=trade.remaining,
    )
    return held.quote_risk(trade.plan.multiplier)


def _breakers(board: BreakerBoard) -> tuple[Row, ...]:
    rows = []
    for check in board.checks():
        breaker = BY_NAME[check.rule]
        unit: Unit = "frac" if breaker.limit.endswith("_frac") else "count"
        note = f"opens: {breaker.reset}" if not check.passed else breaker.action
        rows.append(
            Row(name=check.rule, unit=unit, value=check.observed, cap=check.limit, closed=not check.passed, note=note)
        )
    streak, state = BY_NAME["loss_streak"], board.state[0]
    left = int(state.reduced_left)
    note = f"size halved for {left} more trades" if left else streak.action
    rows.append(
        Row(name=streak.name, unit="count", value=float(state.losses), cap=streak.limit_in(board.limits[0]), note=note)
    )
    return tuple(rows)


def _limits(
    facts: Facts, board: BreakerBoard, positions: tuple[Position, ...], reservations: dict[str, float]
) -> tuple[Row, ...]:
    config, state = facts.config, board.state[0]
    equity = float(state.equity)
    tier = tier_of(equity)
    classes = [facts.asset_classes.get(one.instrument_id) for one in positions]
    heat = sum(one.risk for one in positions) + sum(reservations.values())
    largest = max([one.risk for one in positions] + list(reservations.values()), default=0.0)
    share = share_cap(equity, config.max_heat_frac, config.max_share_of_heat_frac)
    rows = [
        Row(name="portfolio_heat", unit="money", value=heat, cap=heat_cap(equity, config.max_heat_frac)),
        Row(name="heat_share", unit="money", value=largest, cap=share, note="largest position"),
        Row(
            name="max_positions",
            unit="count",
            value=float(len(positions)),
            cap=float(config.max_positions or (tier.max_positions if tier else 0)),
        ),
        Row(
            name="trades_per_day",
            unit="count",
            value=float(board.trades_on(int(state.seen_ns))),
            cap=float(config.max_trades_per_day),
        ),
    ]
    for name in sorted(set(facts.asset_classes.values())):
        limits = config.of_class(name)
        held = sum(1 for one in classes if one == name)
        rows.append(
            Row(name=f"asset_class_positions {name}", unit="count", value=float(held), cap=float(limits.max_positions))
        )
        value = max((one.notional for one, kind in zip(positions, classes, strict=True) if kind == name), default=0.0)
        rows.append(Row(name=f"leverage {name}", unit="money", value=value, cap=equity * limits.max_leverage))
    return tuple(rows)


def _per_entry(facts: Facts) -> dict[str, float]:
    """Return the limits that are asked of each entry and have no present value."""
    config = facts.config
    return {
        "min_reward_to_risk": config.min_reward_to_risk,
        "max_correlation": config.max_correlation,
        "max_spread_multiple": config.max_spread_multiple,
        "max_data_age_secs": config.max_data_age_secs,
        "max_volume_24h_frac": config.max_volume_24h_frac,
        "max_adv_frac": config.max_adv_frac,
    }
