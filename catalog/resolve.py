"""Which definition an instrument gets: venue metadata, then configuration, then inference; fine enough for the data."""

from pathlib import Path

import msgspec

from catalog import layout
from catalog.candles import Candles
from catalog.definition import Definition, configured, step
from catalog.infer import describe, infer
from catalog.precision import adjusted_decimals, price_decimals

UNADJUSTED = "none"


def held_definition(root: Path, instrument_id: str) -> Definition | None:
    """Return the definition that the catalog holds, or None."""
    path = root / layout.instrument_file(instrument_id, "definition.json")
    return layout.decode(path, Definition) if path.exists() else None


def known_definition(root: Path, instrument_id: str, given: Definition | None) -> Definition | None:
    """Return the definition that needs no data: given by a venue, held from a venue, configured, or held."""
    held = held_definition(root, instrument_id)
    if given is not None:
        return given
    if held is not None and held.origin == "venue":
        return held
    return configured().get(instrument_id, held)


def resolve(
    root: Path, instrument_id: str, given: Definition | None, rows: Candles, adjustment: str
) -> tuple[Definition, list[str]]:
    """Return a definition whose decimals hold the rows without distortion, and what the user must be told.

    Parameters
    ----------
    root : Path
        Catalog folder.
    given : Definition, optional
        From venue metadata.
    rows : Candles
        Clean candles.
    adjustment : str
        ``none`` or how prices were adjusted.

    Notes
    -----
    Prices finer than the definition widen its decimals. An inferred tick follows; a stated one stays, and so does the
    cent of equities: prints finer than the tick are averages, old ticks or off-exchange. Adjusted prices get decimals
    that round by less than 1e-5 of the price.
    """
    adjusted = adjustment != UNADJUSTED
    known, warnings = known_definition(root, instrument_id, given), []
    held = held_definition(root, instrument_id)
    if known is None or (known.origin == "inferred" and not _has_candles(root, instrument_id)):
        known = infer(instrument_id, rows, adjusted=adjusted)
        warnings.append(describe(instrument_id, known))
    if adjusted:
        wide = max(known.precision, adjusted_decimals(float(rows.low.min())))
        known = msgspec.structs.replace(known, tick=step(wide), price_precision=wide, adjusted=True)
    known, widened = _widen(instrument_id, known, 0 if adjusted else price_decimals(rows))
    if held is not None:
        known, _ = _widen(instrument_id, known, held.precision)
        known = msgspec.structs.replace(known, adjusted=known.adjusted or held.adjusted)
        widened = widened if known.precision > held.precision else ""
    return known, [*warnings, *([widened] if widened else [])]


def _has_candles(root: Path, instrument_id: str) -> bool:
    return any((root / layout.OURS / instrument_id).glob("*/series.json"))


def _widen(instrument_id: str, known: Definition, decimals: int) -> tuple[Definition, str]:
    if decimals <= known.precision:
        return known, ""
    tick = step(decimals) if known.origin == "inferred" and known.kind != "equity" else known.tick
    wide = msgspec.structs.replace(known, price_precision=decimals, tick=tick)
    return wide, (
        f"{instrument_id}: prices have {decimals} decimals, its definition {known.precision} (tick {known.tick}): "
        f"kept with {decimals}, tick {tick}"
    )
