"""Build a venue from the command line's options."""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from simvenue import state
from simvenue.account import Account
from simvenue.binance.keys import DEFAULT_KEYS, KeyRing, parse_key
from simvenue.clock import MarketClock, VenueClock
from simvenue.depth import DepthModel
from simvenue.faults import FaultBoard
from simvenue.fees import FeeSchedule
from simvenue.funding import FundingSchedule
from simvenue.instrument import Instrument, perpetual
from simvenue.ledger import Ledger
from simvenue.perpetuals import Perpetuals
from simvenue.prices.files import PrintSource, read_funding, read_source
from simvenue.prices.generator import SeededSource
from simvenue.prices.tick import Source
from simvenue.record import Recorder
from simvenue.replay import Replay
from simvenue.usdm.venue import Venue

WARM_UP_MS = 35 * 86_400_000


def build(options: argparse.Namespace) -> Venue:
    """Return a venue, restored from its state file when there is one; raise ``ValueError`` on bad input."""
    saved = state.load(options.state) if options.state else None
    given = saved.market_ms if saved else moment_ms("--from", options.start)
    sources = read_sources(options, given, perpetual)
    start = given if given is not None else default_start(sources)
    clock, market_clock = VenueClock(), MarketClock(start, options.speed)
    account = saved.account if saved else Account(wallet=Decimal(0), default_leverage=options.leverage)
    recorder = Recorder(Ledger(options.ledger), clock.now_ms, lambda: start)
    exchange = Perpetuals(
        [perpetual(source.symbol) for source in sources],
        account,
        recorder,
        FeeSchedule(*_fees(options)),
        _funding(options.funding),
    )
    depth = DepthModel(options.seed, level_quote=options.depth, spread_ticks=options.spread_ticks)
    replay = Replay(exchange, sources, start, depth, moment_ms("--until", options.until))
    recorder.market_ms = lambda: replay.market_ms
    if options.stamps == "market":
        recorder.now_ms = recorder.market_ms
    if saved:
        state.restore(saved, exchange, replay)
    else:
        exchange.settlement.deposit(options.balance)
    keys = KeyRing(tuple(parse_key(text) for text in options.key) if options.key else DEFAULT_KEYS)
    faults = FaultBoard(options.seed)
    faults.fill = exchange.fill_resting
    return Venue(exchange=exchange, replay=replay, clock=clock, market_clock=market_clock, keys=keys, faults=faults)


def _fees(options: argparse.Namespace) -> tuple[Decimal, Decimal]:
    usual, given = FeeSchedule(), (options.maker_fee, options.taker_fee)
    maker, taker = (
        fee if fee is not None else default
        for fee, default in zip(given, (usual.maker_frac, usual.taker_frac), strict=True)
    )
    return maker, taker


def read_sources(
    options: argparse.Namespace, start_ms: int | None, listed: Callable[[str], Instrument]
) -> list[Source]:
    """Return the markets that the options name; ``listed`` knows the instruments of the venue."""
    prices = options.prices * (len(options.instrument) if len(options.prices) == 1 else 1)
    return [
        _source(text, listed(symbol), options.steps, start_ms)
        for text, symbol in zip(prices, options.instrument, strict=True)
    ]


def _source(text: str, instrument: Instrument, steps: int, start_ms: int | None) -> Source:
    if not text.startswith("seed:"):
        return read_source(Path(text), instrument, steps)
    number = text.removeprefix("seed:")
    if not number.isdigit():
        raise ValueError(f"{text}: a made-up market is seed:N with a whole number N")
    anchor = start_ms if start_ms is not None else time.time_ns() // 1_000_000
    return SeededSource(instrument, int(number), anchor, steps)


def _funding(text: str) -> FundingSchedule:
    try:
        return FundingSchedule(Decimal(text))
    except InvalidOperation:
        return read_funding(Path(text))


def moment_ms(option: str, text: str | None) -> int | None:
    """Return a date as milliseconds, None when there is none; raise ``ValueError`` when it is none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{option} {text}: not a date such as 2024-03-01 or 2024-03-01T12:00") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def default_start(sources: list[Source]) -> int:
    """Return now for made-up markets; for recorded ones their first moment, after a warm-up if they have candles."""
    if all(isinstance(source, SeededSource) for source in sources):
        return time.time_ns() // 1_000_000
    recorded = [source for source in sources if not isinstance(source, SeededSource)]
    first = max(source.first_ms() for source in recorded)
    return first if any(isinstance(source, PrintSource) for source in recorded) else first + WARM_UP_MS
