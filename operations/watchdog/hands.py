"""What the watchdog does at the venue: each request once, each answer taken for what it is."""

from adapters.binance.errors import NotSentError, VenueRefusedError, VenueUnknownError
from adapters.binance.parsing import Order
from adapters.binance.usdm import BinanceUsdm
from errors import VenueError
from monitoring.watchdog.action import Action, CancelEntry, LookUp, SendClose, Tell
from monitoring.watchdog.observation import Answer, Fate
from operations.watchdog.diary import Diary


class Hands:
    """Carry out actions, in order, each written before it is done."""

    def __init__(self, client: BinanceUsdm, diary: Diary) -> None:
        self._client = client
        self._diary = diary

    def carry_out(self, actions: tuple[Action, ...]) -> list[Answer]:
        """Return what was heard of closes."""
        return [answer for action in actions if (answer := self._do(action)) is not None]

    def _do(self, action: Action) -> Answer | None:
        if isinstance(action, Tell):
            self._diary.tell(action)
            return None
        self._diary.wants(action)
        if isinstance(action, CancelEntry):
            self._cancel(action)
            return None
        answer = self._close(action) if isinstance(action, SendClose) else self._look_up(action)
        self._diary.line("WATCHDOG_ANSWER", answer, symbol=action.symbol)
        return answer

    def _cancel(self, entry: CancelEntry) -> None:
        """Cancel; whether it worked is seen at the next look, and asked again then."""
        try:
            if entry.conditional:
                self._client.cancel_algo_order(entry.venue_name)
            else:
                self._client.cancel_order(entry.symbol, entry.venue_name)
        except VenueError as error:
            self._diary.line("WATCHDOG_CANCEL_FAILED", {"text": str(error)}, symbol=entry.symbol, severity="WARNING")

    def _close(self, close: SendClose) -> Answer:
        try:
            order = self._client.market_close(
                close.symbol, "BUY" if close.side > 0 else "SELL", close.quantity, close.client_id
            )
        except NotSentError as error:
            return Answer(close.client_id, Fate.NOT_SENT, str(error))
        except VenueRefusedError as error:
            return Answer(close.client_id, Fate.REFUSED, f"{error.code} {error.message}")
        except VenueUnknownError as error:
            return Answer(close.client_id, Fate.UNKNOWN, str(error))
        return _answer(close.client_id, order)

    def _look_up(self, question: LookUp) -> Answer:
        try:
            order = self._client.order(question.symbol, question.client_id, urgent=True)
        except VenueError as error:
            return Answer(question.client_id, Fate.UNKNOWN, str(error))
        if order is None:
            return Answer(question.client_id, Fate.ABSENT)
        return _answer(question.client_id, order)


def _answer(client_id: str, order: Order) -> Answer:
    text = f"{order.status}, {order.filled} of {order.quantity} at {order.average_price}"
    return Answer(client_id, Fate.WORKING if order.is_open else Fate.OVER, text)
