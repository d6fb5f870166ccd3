"""Instruments of the engine from definitions, and the questions that limits ask about them."""

from decimal import Decimal
from typing import Any

from nautilus_trader.model import (
    AssetClass,
    CryptoPerpetual,
    Currency,
    CurrencyPair,
    CurrencyType,
    Equity,
    FuturesContract,
    InstrumentId,
    Money,
    Price,
    Quantity,
    Symbol,
)

from catalog.definition import Definition
from errors import DataError

FAR_FUTURE_NS = 4_102_444_800_000_000_000  # 2100-01-01: a continuous contract never expires
CRYPTO_DECIMALS = 8


def build(instrument_id: str, definition: Definition) -> Any:
    """Return the engine's instrument for a definition.

    Notes
    -----
    A perpetual becomes ``CryptoPerpetual``, a crypto or FX pair ``CurrencyPair``, a share ``Equity``, a continuous
    front month a ``FuturesContract`` that expires in 2100. What these classes have no field for is in ``info``.
    """
    common: dict[str, Any] = {
        "instrument_id": InstrumentId.from_str(instrument_id),
        "raw_symbol": Symbol(instrument_id.rpartition(".")[0].removesuffix("-PERP")),
        "price_precision": definition.precision,
        "price_increment": Price(float(definition.tick), definition.precision),
        "lot_size": Quantity(float(definition.lot), definition.size_precision),
        "min_quantity": _quantity(definition),
        "margin_init": definition.margin_init,
        "margin_maint": definition.margin_init / Decimal(2),
        "info": definition.info(),
        "ts_event": 0,
        "ts_init": 0,
    }
    if definition.kind == "equity":
        return Equity(currency=currency(definition.quote), **common)
    if definition.kind == "future":
        return _future(instrument_id, definition, common)
    return _pair(definition, common)


def _pair(definition: Definition, common: dict[str, Any]) -> Any:
    quote = currency(definition.quote)
    notional = definition.min_notional
    common |= {
        "base_currency": currency(definition.base),
        "quote_currency": quote,
        "size_precision": definition.size_precision,
        "size_increment": Quantity(float(definition.lot), definition.size_precision),
        "min_notional": None if notional is None else Money(float(notional), quote),
    }
    if definition.kind == "perpetual":
        return CryptoPerpetual(settlement_currency=quote, is_inverse=False, **common)
    return CurrencyPair(**common)


def _future(instrument_id: str, definition: Definition, common: dict[str, Any]) -> Any:
    multiplier = Quantity.from_str(definition.multiplier)
    return FuturesContract(
        asset_class=AssetClass.INDEX if definition.base in ("ES", "NQ", "YM", "RTY") else AssetClass.COMMODITY,
        underlying=definition.base,
        activation_ns=0,
        expiration_ns=FAR_FUTURE_NS,
        currency=currency(definition.quote),
        multiplier=multiplier,
        exchange=instrument_id.rpartition(".")[2],
        **common,
    )


def _quantity(definition: Definition) -> Quantity | None:
    if definition.min_qty is None:
        return Quantity(float(definition.lot), definition.size_precision)
    return Quantity(float(definition.min_qty), definition.size_precision)


def currency(code: str) -> Currency:
    """Return a currency; one that the engine does not know is registered as crypto with eight decimals."""
    try:
        return Currency.from_str(code, strict=True)
    except (ValueError, KeyError):
        made = Currency(code, CRYPTO_DECIMALS, 0, code, CurrencyType.CRYPTO)
        Currency.register(made)
        return made


def asset_class(instrument: Any) -> str:
    """Return ``crypto``, ``fx``, ``equity`` or ``future``."""
    return str(_info(instrument, "asset_class"))


def is_perpetual(instrument: Any) -> bool:
    """Return whether positions in the instrument pay funding."""
    return isinstance(instrument, CryptoPerpetual)


def volume_unit(instrument: Any) -> str:
    """Return what a candle's volume counts: ``base``, ``contracts`` or ``ticks`` (not a traded amount)."""
    return str(_info(instrument, "volume_unit"))


def allow_short(instrument: Any) -> bool:
    """Return whether the instrument may be sold short: everything except crypto spot."""
    return bool(_info(instrument, "allow_short"))


def impact_factor(instrument: Any) -> float:
    """Return the market impact factor of D28: 0.1 for large caps, 0.3 for others."""
    return float(_info(instrument, "impact"))


def _info(instrument: Any, key: str) -> Any:
    info = getattr(instrument, "info", None) or {}
    if key in info:
        return info[key]
    return _guess(instrument)[key]


def _guess(instrument: Any) -> dict[str, Any]:
    """Return the answers for an instrument that a venue adapter made, and that carries none of ours."""
    if isinstance(instrument, CryptoPerpetual):
        kind = "perpetual"
    elif isinstance(instrument, CurrencyPair):
        fiat = Currency.is_fiat(instrument.base_currency.code) and Currency.is_fiat(instrument.quote_currency.code)
        kind = "fx" if fiat else "spot"
    elif isinstance(instrument, Equity):
        kind = "equity"
    elif isinstance(instrument, FuturesContract):
        kind = "future"
    else:
        raise DataError(f"{instrument.id}: instruments of class {type(instrument).__name__} are not supported")
    return Definition(kind=kind, base="X", quote="X", tick="1", lot="1").info()  # type: ignore[arg-type]
