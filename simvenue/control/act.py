"""What the control port does: move the market, pass time, break connections."""

from dataclasses import replace
from decimal import Decimal

from simvenue.control import requests as asked
from simvenue.orders import Side
from simvenue.prices.tick import Tick
from simvenue.refusal import Reason, Refused
from simvenue.spot.front import SpotFront
from simvenue.spot.venue import SpotVenue
from simvenue.usdm.front import Front
from simvenue.usdm.venue import Venue


class Actions:
    """Carry out what was asked on the control port."""

    def __init__(self, front: Front | SpotFront) -> None:
        self._front = front
        self._venue = front.venue

    def move(self, move: asked.Move) -> None:
        market = self._venue.exchange.market(move.symbol)
        aggressor = move.aggressor or (Side.BUY if move.price >= market.last_price else Side.SELL)
        replay = self._venue.replay
        if move.hold:
            base = market.last_price - replay.shift.get(move.symbol, Decimal(0))
            replay.shift[move.symbol] = move.price - base
        held = replay.shift.get(move.symbol, Decimal(0))
        tick = Tick(replay.market_ms, move.symbol, move.price, move.quantity, aggressor)
        replay.apply(replace(tick, price=move.price - held))
        self._front.flush()

    def quote(self, quote: asked.Quote) -> None:
        self._venue.exchange.quote(quote.symbol, quote.bids, quote.asks)
        self._front.flush()

    def mark(self, mark: asked.Mark) -> None:
        venue = self._venue
        if not isinstance(venue, Venue):
            raise Refused(Reason.BAD_VALUE, "a spot market has no mark price")
        venue.exchange.market(mark.symbol)
        venue.exchange.mark_shift[mark.symbol] = mark.shift
        venue.exchange.conditional.on_price(mark.symbol)

    def step(self, step: asked.Step) -> int:
        """Pass market time and return how many ticks happened."""
        replay, clock = self._venue.replay, self._venue.market_clock
        if step.ticks:
            taken = 0
            while taken < step.ticks and replay.next_ms is not None:
                taken += replay.until(replay.next_ms, step.ticks - taken)
        else:
            taken = replay.until(replay.market_ms + step.ms)
        clock.rebase(max(replay.market_ms, clock.start_ms if clock.speed == 0 else 0))
        self._front.flush()
        return taken

    def speed(self, speed: asked.Speed) -> None:
        if not 0 <= speed.speed <= 1_000_000:
            raise ValueError(f"speed must be in [0, 1000000], was {speed.speed}")
        self._venue.market_clock.rebase(self._venue.replay.market_ms)
        self._venue.market_clock.speed = speed.speed

    def stale(self, stale: asked.Stale) -> None:
        self._venue.exchange.market(stale.symbol)
        if stale.stale:
            self._venue.replay.stale.add(stale.symbol)
        else:
            self._venue.replay.stale.discard(stale.symbol)

    def skew(self, skew: asked.Skew) -> None:
        self._venue.clock.skew_ms = skew.skew_ms

    def break_sockets(self, how: asked.Break) -> int:
        """Break open sockets and return how many."""
        if how.which not in ("user", "market", "api", "all") or how.how not in ("close", "half_open"):
            raise ValueError(f"which is user, market, api or all; how is close or half_open; was {how}")
        sessions = self._front.sessions(how.which)
        for session in sessions:
            if how.how == "close":
                session.cut()
            else:
                session.half_open = True
        return len(sessions)

    def down(self, down: asked.Down) -> None:
        self._front.down(down.down_ms / 1000)

    def expire_keys(self) -> None:
        self._front.expire_keys()

    def deposit(self, amount: asked.Amount) -> None:
        venue = self._venue
        if isinstance(venue, SpotVenue):
            venue.exchange.settlement.deposit(amount.amount, amount.asset)
        elif amount.asset != "USDT":
            raise ValueError(f"asset {amount.asset}: a margin account holds USDT")
        else:
            venue.exchange.settlement.deposit(amount.amount)
