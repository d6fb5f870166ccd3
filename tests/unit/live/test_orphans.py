"""Orders that rest at the venue although nobody wants them."""

import time
from types import SimpleNamespace
from typing import Any

from adapters.binance.names import venue_name_of
from live.errands import Errands
from live.orphans import Orphans

NAME, TRADE = "BTCUSDT-PERP.BINANCE", "BTCUSDTP7b5ms6k2o0"


class Bench:
    """A venue with open orders, an engine that takes some of them for gone."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.conditional: list[str] = []
        self.gone_here: set[str] = set()
        self.trades = {TRADE: NAME}
        self.cancelled: list[str] = []
        self.errands = Errands()
        client: Any = self
        self.orphans = Orphans(
            client,
            errands=self.errands,
            order=lambda order_id: SimpleNamespace(is_closed=str(order_id) in self.gone_here),
            trades=lambda: self.trades,
            tell=lambda *_words: None,
        )

    def open_orders(self, _symbol: str) -> list[Any]:
        return [SimpleNamespace(client_order_id=name) for name in self.plain]

    def open_algo_orders(self, _symbol: str) -> list[Any]:
        return [SimpleNamespace(client_algo_id=name) for name in self.conditional]

    def cancel_order(self, _symbol: str, client_id: str) -> None:
        self.cancelled.append(client_id)

    def cancel_algo_order(self, client_id: str) -> None:
        self.cancelled.append(client_id)

    def look(self, times: int) -> None:
        """Look, and wait for the errands."""
        for _ in range(times):
            self.orphans.look()
            time.sleep(0.02)
            self.errands.collect()
            time.sleep(0.02)


def test_stop_that_the_engine_takes_for_gone_is_cancelled_at_the_second_look() -> None:
    bench = Bench()
    bench.conditional, bench.gone_here = [venue_name_of(f"{TRADE}-BS1")], {f"{TRADE}-BS1"}
    bench.look(1)
    assert bench.cancelled == []
    bench.look(1)
    assert bench.cancelled == bench.conditional


def test_order_of_a_trade_that_has_ended_is_cancelled() -> None:
    bench = Bench()
    bench.plain = [venue_name_of(f"{TRADE}-T11")]
    bench.look(2)
    assert bench.cancelled == []
    bench.trades = {}
    bench.look(2)
    assert bench.cancelled == bench.plain


def test_orders_of_others_are_never_touched() -> None:
    bench = Bench()
    bench.plain, bench.conditional = ["web_abc", "x-other-BTC-SL1"], ["android_1"]
    bench.look(3)
    assert bench.cancelled == []


def test_order_that_is_gone_at_one_look_and_there_at_another_counts_from_the_start() -> None:
    bench = Bench()
    bench.gone_here = {f"{TRADE}-SL1"}
    for there in (True, False, True):
        bench.conditional = [venue_name_of(f"{TRADE}-SL1")] if there else []
        bench.look(1)
    assert bench.cancelled == []


def test_order_of_a_trade_that_began_and_ended_between_two_looks_is_cancelled() -> None:
    bench = Bench()
    bench.trades, bench.conditional = {}, [venue_name_of(f"{TRADE}-BS2")]
    bench.look(3)
    assert bench.cancelled == []  # nobody looks where nothing was traded
    bench.orphans.note(NAME)
    bench.look(2)
    assert bench.cancelled == bench.conditional
