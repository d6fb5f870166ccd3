"""What a simulation is made of: configuration, candles, instruments, funding."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from catalog.definition import Definition
from catalog.instruments import is_perpetual
from catalog.sample import load_sample
from catalog.store import Store
from configs.run import RunConfig
from errors import ConfigError
from research.run_data import Series, load_series
from risk.messages import Market
from risk.rates import Pair, Rates

SAMPLE_DIR = Path(__file__).resolve().parent.parent / "catalogs" / "sample"


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that goes into one run; mappings are by instrument id."""

    config: RunConfig
    series: Sequence[Series]
    instruments: dict[str, Any]
    markets: dict[str, Market]
    pairs: dict[str, Pair]
    account: str
    funding: dict[str, tuple[Any, Any]]


def open_store(config: RunConfig) -> Store:
    """Return the catalog of a run; the bundled sample is built on first use."""
    return load_sample(SAMPLE_DIR) if config.catalog == "sample" else Store(Path(config.catalog))


def load_inputs(config: RunConfig) -> Inputs:
    """Return what a run is made of.

    Raises
    ------
    ConfigError
        An instrument is not in the catalog, the span is empty, or money cannot be converted.
    DataError
        The catalog cannot be read, or has no candles for the signal bars.
    """
    store = open_store(config)
    series = load_series(store, config)
    definitions = {name: store.definition(name) for name in config.instruments}
    pairs = {name: Pair(one.base, one.quote) for name, one in definitions.items()}
    instruments = {name: store.instrument(name) for name in config.instruments}
    return Inputs(
        config=config,
        series=series,
        instruments=instruments,
        markets={name: market_of(name, one) for name, one in definitions.items()},
        pairs=pairs,
        account=account_currency(config, pairs),
        funding={name: store.funding(name) for name in config.instruments if is_perpetual(instruments[name])},
    )


def market_of(instrument_id: str, definition: Definition) -> Market:
    """Return what gate and desk must know of an instrument."""
    info = definition.info()
    return Market(
        instrument_id=instrument_id,
        asset_class=info["asset_class"],
        tick=float(definition.tick),
        lot=float(definition.lot),
        min_quantity=float(definition.min_qty or 0.0),
        min_notional=float(definition.min_notional or 0.0),
        multiplier=float(definition.multiplier),
        allow_short=info["allow_short"],
        real_volume=info["volume_unit"] != "ticks",
        continuous=info["asset_class"] == "crypto",
        impact=definition.impact,
    )


def account_currency(config: RunConfig, pairs: dict[str, Pair]) -> str:
    """Return the account's currency: configured, else the one that all settle in, else USD.

    Raises
    ------
    ConfigError
        A result in some currency cannot be converted with the instruments of the run.
    """
    quotes = {pair.quote for pair in pairs.values()}
    account = config.account.currency or (quotes.pop() if len(quotes) == 1 else "USD")
    rates = Rates(account, pairs, lambda _name: 1.0)
    for name, pair in pairs.items():
        if not rates.has(pair.quote):
            raise ConfigError(
                f"instruments: {name} settles in {pair.quote}, the account is in {account}, and no instrument of the "
                f"run converts them; set account.currency or add {pair.quote}{account} to instruments"
            )
    return account
