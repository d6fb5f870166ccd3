"""Which price an order met: slippage is measured against it (Spec 7.2)."""

import math

from live.met import MetPrices

NAN = math.nan


def meter() -> MetPrices:
    found = MetPrices()
    found.on_quote("A", 10, 100.0, 101.0)
    found.on_quote("A", 20, 98.0, 99.0)
    return found


def met(*, buys: bool, trigger: float, price: float, ts_ns: int) -> float:
    found = meter()
    found.on_fill("o", "A", buys=buys, trigger=trigger, price=price, ts_ns=ts_ns)
    return found.take("o")


def test_a_market_order_met_the_other_sides_best_price_before_it() -> None:
    assert met(buys=False, trigger=NAN, price=97.0, ts_ns=15) == 100.0
    assert met(buys=True, trigger=NAN, price=105.0, ts_ns=21) == 99.0
    assert math.isnan(met(buys=True, trigger=NAN, price=105.0, ts_ns=10))


def test_a_stop_met_the_quote_beyond_its_trigger() -> None:
    assert met(buys=False, trigger=99.5, price=97.0, ts_ns=21) == 98.0


def test_a_jumped_stop_met_its_first_fill() -> None:
    assert met(buys=False, trigger=97.5, price=95.0, ts_ns=21) == 95.0


def test_a_stop_that_filled_better_than_its_trigger_met_the_trigger() -> None:
    assert met(buys=False, trigger=97.5, price=97.6, ts_ns=21) == 97.5


def test_only_the_first_fill_counts_and_it_is_told_once() -> None:
    found = meter()
    found.on_fill("o", "A", buys=False, trigger=NAN, price=98.0, ts_ns=21)
    found.on_fill("o", "A", buys=False, trigger=NAN, price=90.0, ts_ns=15)

    assert found.take("o") == 98.0
    assert math.isnan(found.take("o"))
