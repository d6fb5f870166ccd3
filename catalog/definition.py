"""What an instrument is, as plain values: the shape of ``configs/instruments/*.toml`` and of inference."""

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from errors import ConfigError

AssetClassName = Literal["crypto", "fx", "equity", "future"]
Kind = Literal["perpetual", "spot", "fx", "equity", "future"]
CONFIG_DIR = Path(__file__).resolve().parent.parent / "configs" / "instruments"
CLASS_OF_KIND: dict[str, AssetClassName] = {
    "perpetual": "crypto",
    "spot": "crypto",
    "fx": "fx",
    "equity": "equity",
    "future": "future",
}
MARGIN_OF_KIND = {"perpetual": "0.05", "spot": "0.10", "fx": "0.02", "equity": "0.5", "future": "0.04"}
VOLUME_UNIT_OF_KIND = {"perpetual": "base", "spot": "base", "fx": "ticks", "equity": "base", "future": "contracts"}


class Definition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Describe one instrument; decimals are text, so that a tick of 0.00001 stays one.

    Attributes
    ----------
    kind : str
        ``perpetual``, ``spot``, ``fx``, ``equity`` or ``future``.
    tick, lot : str
        Smallest steps of price (quote units) and of size (base units, shares, contracts).
    price_precision : int, optional
        Decimals of prices in the catalog when the data is finer than the tick (sub-penny prints); else the tick's.
    min_notional : str, optional
        Smallest order value, quote units.
    multiplier : str
        Quote units per point and contract; 1 except for futures.
    impact : float
        Impact factor of D28: 0.1 large, 0.3 mid caps.
    maker_fee, taker_fee : float, optional
        Fractions of notional that the venue charges; None: not known, D34 applies.
    origin : str
        Who says so: the venue's metadata, ``configs/instruments`` or inference from id and data.
    adjusted : bool
        Whether prices are split- and dividend-adjusted.
    """

    kind: Kind
    base: str
    quote: str
    tick: str
    lot: str
    price_precision: int | None = None
    min_qty: str | None = None
    min_notional: str | None = None
    multiplier: str = "1"
    impact: float = 0.3
    maker_fee: float | None = None
    taker_fee: float | None = None
    origin: Literal["venue", "config", "inferred"] = "config"
    adjusted: bool = False

    def __post_init__(self) -> None:
        for name in ("tick", "lot", "multiplier"):
            if not Decimal(getattr(self, name)) > 0:
                raise ValueError(f"{name} must be above 0, was {getattr(self, name)}")

    @property
    def precision(self) -> int:
        """Return the decimals of prices in the catalog."""
        return max(decimals_in(self.tick), self.price_precision or 0)

    @property
    def size_precision(self) -> int:
        """Return the decimals of sizes in the catalog."""
        return decimals_in(self.lot)

    @property
    def margin_init(self) -> Decimal:
        """Return an initial margin low enough that our own limits always bind before the engine's."""
        return Decimal(MARGIN_OF_KIND[self.kind])

    def info(self) -> dict[str, Any]:
        """Return what the engine's classes have no field for; it survives the catalog."""
        return {
            "kind": self.kind,
            "asset_class": CLASS_OF_KIND[self.kind],
            "volume_unit": VOLUME_UNIT_OF_KIND[self.kind],
            "allow_short": self.kind != "spot",
            "impact": self.impact,
            "inferred": self.origin == "inferred",
            "adjusted": self.adjusted,
            "maker_fee": self.maker_fee,
            "taker_fee": self.taker_fee,
        }


def decimals_in(number: str) -> int:
    """Return the decimals that a decimal text needs.

    >>> decimals_in("0.2500"), decimals_in("1")
    (2, 0)
    """
    exponent = Decimal(number).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def step(decimals: int) -> str:
    """Return ``10**-decimals`` as text.

    >>> step(5)
    '0.00001'
    """
    return f"{Decimal(1).scaleb(-decimals):f}"


@cache
def configured(folder: Path = CONFIG_DIR) -> dict[str, Definition]:
    """Return every definition under ``configs/instruments``, by instrument id.

    Raises
    ------
    ConfigError
        A file is not TOML, or an entry has an unknown key or a value that is not allowed; names file and entry.
    """
    found: dict[str, Definition] = {}
    for path in sorted(folder.glob("*.toml")):
        for instrument_id, values in _entries(path).items():
            try:
                found[instrument_id] = msgspec.convert(values, Definition)
            except (msgspec.ValidationError, ArithmeticError) as error:
                raise ConfigError(f"{path}: [{instrument_id}]: {error}") from error
    return found


def _entries(path: Path) -> dict[str, Any]:
    """Return the entries of one file, each laid over the file's ``[defaults]``."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    defaults = document.pop("defaults", {})
    return {instrument_id: {**defaults, **values} for instrument_id, values in document.items()}
