"""Look orders up at the venue over our own client, in a thread: the node must not wait for a venue that is slow."""

import queue
import threading
from typing import NamedTuple

from adapters.binance.errors import VenueRefusedError
from adapters.binance.usdm import NO_SUCH_ORDER, BinanceUsdm
from errors import VenueError
from execution.orders import leg_of
from live.witness import CONDITIONAL, wire_id


class Question(NamedTuple):
    """An order of ours whose answer was lost."""

    order_id: str
    symbol: str


class Verdict(NamedTuple):
    """What the venue said: ``known`` is None when it did not answer."""

    order_id: str
    known: bool | None


class Inquiry:
    """Ask in a thread of its own; verdicts are taken by the node's.

    Parameters
    ----------
    client : BinanceUsdm
        Used by the thread alone.
    """

    def __init__(self, client: BinanceUsdm) -> None:
        self._client = client
        self._questions: queue.SimpleQueue[Question] = queue.SimpleQueue()
        self._verdicts: queue.SimpleQueue[Verdict] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def ask(self, question: Question) -> None:
        """Put a question."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="inquiry", daemon=True)
            self._thread.start()
        self._questions.put(question)

    def verdicts(self) -> list[Verdict]:
        """Return what has been answered since the last time."""
        found = []
        while not self._verdicts.empty():
            found.append(self._verdicts.get())
        return found

    def _work(self) -> None:
        while True:
            question = self._questions.get()
            self._verdicts.put(Verdict(question.order_id, self._is_known(question)))

    def _is_known(self, question: Question) -> bool | None:
        name, found = wire_id(question.order_id), leg_of(question.order_id)
        try:
            if self._client.order(question.symbol, name, urgent=True) is not None:
                return True
            if found is None or found[1] not in CONDITIONAL:
                return False
            return self._client.algo_order(name, urgent=True) is not None
        except VenueRefusedError as error:
            return False if error.code == NO_SUCH_ORDER else None
        except VenueError:
            return None
