"""Build a spot venue from the command line's options."""

import argparse
from decimal import Decimal

from simvenue.assembly import default_start, moment_ms, read_sources
from simvenue.binance.keys import DEFAULT_KEYS, KeyRing, parse_key
from simvenue.clock import MarketClock, VenueClock
from simvenue.depth import DepthModel
from simvenue.faults import FaultBoard
from simvenue.fees import FeeSchedule
from simvenue.ledger import Ledger
from simvenue.pairs.balances import Balances
from simvenue.pairs.exchange import PairExchange
from simvenue.pairs.listing import pair
from simvenue.pairs.record import PairRecorder
from simvenue.replay import Replay
from simvenue.spot import state
from simvenue.spot.venue import SpotVenue

FEE = Decimal("0.001")


def build(options: argparse.Namespace) -> SpotVenue:
    """Return a venue, restored from its state file when there is one; raise ``ValueError`` on bad input."""
    saved = state.load(options.state) if options.state else None
    given = saved.market_ms if saved else moment_ms("--from", options.start)
    sources = read_sources(options, given, pair)
    start = given if given is not None else default_start(sources)
    clock, market_clock = VenueClock(), MarketClock(start, options.speed)
    recorder = PairRecorder(Ledger(options.ledger), clock.now_ms, lambda: start)
    fees = FeeSchedule(*(FEE if fee is None else fee for fee in (options.maker_fee, options.taker_fee)))
    instruments = [pair(source.symbol) for source in sources]
    exchange = PairExchange(instruments, saved.balances if saved else Balances(), recorder, fees)
    depth = DepthModel(options.seed, level_quote=options.depth, spread_ticks=options.spread_ticks)
    replay = Replay(exchange, sources, start, depth, moment_ms("--until", options.until))
    recorder.market_ms = lambda: replay.market_ms
    if options.stamps == "market":
        recorder.now_ms = recorder.market_ms
    if saved:
        state.restore(saved, exchange, replay)
    else:
        exchange.settlement.deposit(options.balance)
        for asset, amount in options.asset or []:
            exchange.settlement.deposit(amount, asset)
    keys = KeyRing(tuple(parse_key(text) for text in options.key) if options.key else DEFAULT_KEYS)
    faults = FaultBoard(options.seed)
    faults.fill = exchange.fill_resting
    return SpotVenue(exchange=exchange, replay=replay, clock=clock, market_clock=market_clock, keys=keys, faults=faults)
