"""The actor that hands every trade and quote of the node's markets to the recording, as plain values."""

from collections.abc import Callable
from typing import Any

import msgspec
from nautilus_trader.common import DataActor
from nautilus_trader.model import InstrumentId, QuoteTick, TradeTick

from live.recorder.recording import Recording
from live.recorder.spool import DEFINITION, QUOTE, TRADE
from live.recorder.writer import Figures
from monitoring.guard import Fault, guarded

SECOND_NS = 1_000_000_000
NOTE_SECS = 60

type Tell = Callable[[str, str], None]


class RecorderActor(DataActor):
    """Record; look once a second whether everything is kept.

    The engine's objects stay in the engine's thread: the writer gets tuples of numbers and text.
    """

    def attach(
        self,
        *,
        recording: Recording,
        instrument_ids: tuple[str, ...],
        alert: Tell,
        note: Callable[[Figures], None],
        fault: Fault,
    ) -> None:
        """Hand over what the engine's constructor has no room for.

        Parameters
        ----------
        alert : callable
            Told name and details of what a person should hear.
        note : callable
            Given the figures once a minute and at the end.
        """
        self._recording = recording
        self._put = recording.put
        self._names = instrument_ids
        self._alert = alert
        self._note = note
        self.failure = fault
        self._index: dict[str, int] = {}
        self._told = (0, "")
        self._seconds = 0

    def on_start(self) -> None:
        for name in self._names:
            instrument_id = InstrumentId.from_str(name)
            self.subscribe_quotes(instrument_id)
            self.subscribe_trades(instrument_id)
        self.clock.set_timer_ns("recorder", SECOND_NS, callback=lambda _event: self._look())

    def on_stop(self) -> None:
        self.clock.cancel_timers()
        self._tell_end()

    @guarded
    def on_quote(self, quote: QuoteTick) -> None:
        bid, bid_size = quote.bid_price, quote.bid_size
        self._put(
            (
                QUOTE,
                self._index_of(quote, bid, bid_size),
                float(bid),
                float(quote.ask_price),
                float(bid_size),
                float(quote.ask_size),
                quote.ts_event,
                quote.ts_init,
            )
        )

    @guarded
    def on_trade(self, trade: TradeTick) -> None:
        price, size = trade.price, trade.size
        self._put(
            (
                TRADE,
                self._index_of(trade, price, size),
                float(price),
                float(size),
                trade.aggressor_side.value,
                str(trade.trade_id),
                trade.ts_event,
                trade.ts_init,
            )
        )

    def _index_of(self, tick: Any, price: Any, size: Any) -> int:
        name = str(tick.instrument_id)
        found = self._index.get(name)
        if found is None:
            found = self._index[name] = len(self._index)
            self._put((DEFINITION, found, name, price.precision, size.precision))
        return found

    @guarded
    def _look(self) -> None:
        figures, fault = self._recording.figures(), self._recording.fault
        lost = figures.dropped + figures.failed
        if lost > self._told[0]:
            self._alert("RECORDER_LOST_DATA", f"{lost} rows so far ({figures.dropped} dropped by a full queue)")
        if fault and fault != self._told[1]:
            self._alert("RECORDER_FAULT", fault)
        self._told = lost, fault
        self._seconds += 1
        if self._seconds % NOTE_SECS == 0:
            self._note(figures)

    @guarded
    def _tell_end(self) -> None:
        self._note(self._recording.figures())


def figures_of(figures: Figures, segments: int) -> dict[str, Any]:
    """Return what the journal says of a recording."""
    return msgspec.structs.asdict(figures) | {"segments": segments}
