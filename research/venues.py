"""The simulated venues of a run: account, fills, fees, rollover (Spec 3.5.2, D34, D35)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from nautilus_trader.backtest import BacktestEngine
from nautilus_trader.execution import MakerTakerFeeModel
from nautilus_trader.model import AccountType, Currency, Money, OmsType, Venue

from configs.run import RunConfig
from execution.fills import BarFillModel, FillBars
from execution.funding import RolloverModule
from monitoring.guard import Fault
from research.account import Account
from research.run_data import Series
from risk.messages import Market


def venue_of(instrument_id: str) -> str:
    """Return the venue part of an instrument id.

    >>> venue_of("BTCUSDT-PERP.BINANCE")
    'BINANCE'
    """
    return instrument_id.rpartition(".")[2]


def fill_bars(series: Sequence[Series], markets: Mapping[str, Market]) -> dict[str, FillBars]:
    """Return what the fill model looks at, per instrument."""
    return {
        one.instrument_id: FillBars(
            one.fill.ts_open_ns + one.fill_ns,
            one.fill.open,
            one.fill.volume if markets[one.instrument_id].real_volume else None,
        )
        for one in series
    }


def add_venues(
    engine: BacktestEngine,
    venues: Sequence[Venue],
    *,
    config: RunConfig,
    currency: Currency,
    fills: BarFillModel,
    modules: Mapping[str, RolloverModule],
    bar_execution: bool,
) -> None:
    """Add every venue, each with the whole starting balance."""
    costs = config.costs
    for venue in venues:
        module = modules.get(str(venue))
        engine.add_venue(
            venue,
            OmsType.NETTING,
            AccountType.MARGIN,
            [Money(config.account.starting_balance, currency)],
            base_currency=currency,
            default_leverage=Decimal(1),
            fill_model=fills,
            fee_model=MakerTakerFeeModel(_decimal(costs.maker_frac), _decimal(costs.taker_frac)),
            modules=[module] if module is not None else None,
            bar_execution=bar_execution,
            bar_adaptive_high_low_ordering=True,
            reject_stop_orders=False,  # a stop that the market is through already fills: it does not vanish
        )


def rollover_modules(
    venues: Sequence[Venue],
    *,
    config: RunConfig,
    currency: Currency,
    markets: Mapping[str, Market],
    account: Account,
    fault: Fault,
) -> dict[str, RolloverModule]:
    """Return the module of each venue that has FX to roll over or shares to borrow."""
    found = {}
    for venue in map(str, venues):
        names = [name for name in markets if venue_of(name) == venue]
        fx = [name for name in names if markets[name].asset_class == "fx"]
        shares = [name for name in names if markets[name].asset_class == "equity"]
        if fx or shares:
            module = found[venue] = RolloverModule()
            rollover, borrow = config.costs.rollover_fx_daily_frac, config.costs.borrow_equity_daily_frac
            module.attach(
                long_daily_frac=dict.fromkeys(fx, rollover) | dict.fromkeys(shares, 0.0),
                short_daily_frac=dict.fromkeys(fx, rollover) | dict.fromkeys(shares, borrow),
                fx=frozenset(fx),
                currency=currency,
                unit_value=account.unit_value,
                on_paid=account.roll,
                fault=fault,
            )
    return found


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.10f}")
