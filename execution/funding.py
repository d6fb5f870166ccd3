"""What holding a position costs (Spec 3.5.2, D34): funding of perpetuals, rollover of FX, borrowing of shares.

Funding is settled by the engine itself from ``FundingRateUpdate`` data; rollover and borrowing by the module here. Both
are charged to every position that is open at the moment, as venues do: stricter than "held over 8 h".
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from nautilus_trader.backtest import SimulationModule
from nautilus_trader.model import Currency, FundingRateUpdate, InstrumentId, Money

from catalog.candles import FloatArray, IntArray
from monitoring.guard import Fault

HOUR_NS = 3_600_000_000_000
FUNDING_PERIOD_NS = 8 * HOUR_NS
DAY_NS = 24 * HOUR_NS
NOTICE_NS = 1_000_000_000
ROLLOVER_HOUR = 21  # 17:00 New York in summer
WEDNESDAY = 3  # days since Sunday 1969-12-28, modulo 7


def funding_schedule(
    ts_ns: IntArray, rate: FloatArray, start_ns: int, end_ns: int, configured_frac: float
) -> tuple[IntArray, FloatArray]:
    """Return settlement times and rates of a span: real ones, and the configured rate where there are none.

    Parameters
    ----------
    ts_ns, rate : arrays of one length
        Real settlements, oldest first; may be empty.
    start_ns, end_ns : int
        Span, ``(start, end]``.
    configured_frac : float
        Rate per 8 h for the boundaries (00, 08, 16 UTC) without a real settlement within an hour.

    Returns
    -------
    tuple of arrays
        Times (ns) and rates (fraction of notional; positive: longs pay), oldest first.
    """
    grid = np.arange(start_ns // FUNDING_PERIOD_NS + 1, end_ns // FUNDING_PERIOD_NS + 1) * FUNDING_PERIOD_NS
    real = (ts_ns > start_ns) & (ts_ns <= end_ns)
    real_ns, real_rate = np.round(ts_ns[real] / 6e10).astype(np.int64) * 60_000_000_000, rate[real]
    near = np.searchsorted(real_ns, grid)
    padded = np.r_[np.int64(-(2**62)), real_ns, np.int64(2**62)]
    distance = np.minimum(np.abs(grid - padded[near]), np.abs(padded[np.minimum(near + 1, len(padded) - 1)] - grid))
    missing = grid[distance > HOUR_NS]
    times = np.r_[real_ns, missing]
    rates = np.r_[real_rate, np.full(len(missing), configured_frac)]
    order = np.argsort(times, kind="stable")
    return times[order], rates[order]


def funding_updates(instrument_id: InstrumentId, times: IntArray, rates: FloatArray) -> list[FundingRateUpdate]:
    """Return the engine's updates: each announced a second before it is settled."""
    return [
        FundingRateUpdate(
            instrument_id,
            Decimal(f"{rate:.10f}"),
            int(time) - NOTICE_NS,
            int(time) - NOTICE_NS,
            next_funding_ns=int(time),
        )
        for time, rate in zip(times, rates, strict=True)
    ]


def nights(day: int, *, fx: bool) -> int:
    """Return how many nights a rollover on a day counts: FX settles two days later, so Wednesday counts three."""
    weekday = (day + 4) % 7  # 0 is Sunday
    if weekday in (0, 6):
        return 0
    if fx:
        return 3 if weekday == WEDNESDAY else 1
    return 3 if weekday == WEDNESDAY + 2 else 1


class RolloverModule(SimulationModule):
    """Charge FX rollover and share borrowing once a day, at 21:00 UTC, on open positions."""

    def attach(
        self,
        *,
        long_daily_frac: Mapping[str, float],
        short_daily_frac: Mapping[str, float],
        fx: frozenset[str],
        currency: Currency,
        unit_value: Callable[[str], float],
        on_paid: Callable[[str, float], None],
        fault: Fault,
    ) -> None:
        """Hand over what the engine's constructor has no room for.

        ``unit_value`` returns account money per unit of quantity at the present price, ``on_paid`` takes each charge.
        """
        self._frac = {1: dict(long_daily_frac), -1: dict(short_daily_frac)}
        self._fx = fx
        self._currency = currency
        self._unit_value = unit_value
        self._on_paid = on_paid
        self._fault = fault
        self._next_ns = 0

    def process(self, ts_now: int, context: Any) -> list[Money] | None:
        """Return the account adjustments that are due."""
        if ts_now < self._next_ns:
            return None
        day, due_before = divmod(ts_now - ROLLOVER_HOUR * HOUR_NS, DAY_NS)
        first_day = day + int(due_before > 0) if self._next_ns == 0 else self._next_ns // DAY_NS
        self._next_ns = (day + 1) * DAY_NS + ROLLOVER_HOUR * HOUR_NS
        try:  # every day since the last time: a session that ends before 21:00 has no moment of its own to charge at
            return self._charge(range(first_day, day + 1), context.positions)
        except Exception as error:  # noqa: BLE001 - the engine would swallow it; the runner stops on a fault
            self._fault.trip(error)
            return None

    def _charge(self, days: range, positions: list[Any]) -> list[Money] | None:
        charges = []
        for position in positions:
            instrument_id = str(position.instrument_id)
            if not position.is_open or instrument_id not in self._frac[1]:
                continue
            side = 1 if position.signed_qty > 0 else -1
            count = sum(nights(day, fx=instrument_id in self._fx) for day in days)
            value = abs(position.signed_qty) * self._unit_value(instrument_id)
            paid = value * self._frac[side][instrument_id] * count
            if paid > 0.0:
                money = Money(-paid, self._currency)
                self._on_paid(instrument_id, -float(money))
                charges.append(money)
        return charges or None
