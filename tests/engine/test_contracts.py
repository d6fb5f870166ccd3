"""What we rely on in nautilus_trader==2.0.0rc6 (design/engine.md): another version shows here what it changes."""

from decimal import Decimal

import pytest
from nautilus_trader.common import DataActor, DataActorConfig
from nautilus_trader.execution import FillModel
from nautilus_trader.model import (
    ActorId,
    BarType,
    BookOrder,
    BookType,
    ClientOrderId,
    FundingRateUpdate,
    OrderBook,
    OrderSide,
    OrderStatus,
    OrderType,
    Price,
    Quantity,
    StrategyId,
)
from nautilus_trader.trading import StrategyConfig
from probe import BUY, INSTRUMENT, PERP, SELL, Bench, at, bar, bar_type, flat, quote

from catalog.definition import Definition
from catalog.instruments import build
from monitoring.guard import Fault, guarded

SECOND = 1_000_000_000


# --- callbacks and bus ------------------------------------------------------------------------------------------------


def test_exception_in_callback_is_swallowed_and_the_run_goes_on():
    def fail(_probe):
        raise RuntimeError("lost")

    probe = Bench({at(1): fail}).run([flat(1), flat(2)])
    assert [ts for _, ts in probe.seen] == [at(1), at(2)]


def test_exception_in_time_alert_is_swallowed():
    def fail():
        raise RuntimeError("lost")

    probe = Bench({at(1): lambda p: p.alert(at(1) + 1, "x", fail)}).run([flat(1), flat(2)])
    assert [ts for _, ts in probe.seen] == [at(1), at(2)]


class Guarded(DataActor):
    def attach(self, fault):
        self.failure = fault
        self.calls = 0

    def on_start(self):
        self.subscribe_bars(bar_type())

    @guarded
    def on_bar(self, _bar):
        self.calls += 1
        raise RuntimeError("kept")


def test_guard_keeps_what_a_callback_raised_and_stops_further_callbacks():
    bench, actor, fault = Bench(), Guarded(), Fault()
    actor.attach(fault)
    bench.engine.add_actor(actor)
    bench.run([flat(1), flat(2)])
    assert str(fault.error) == "kept"
    assert actor.calls == 1


class Listener(DataActor):
    def attach(self, name, priority, heard):
        self.name, self.priority, self.heard = name, priority, heard

    def on_start(self):
        self.subscribe_topic("signals.*", self.hear, self.priority)

    def hear(self, message):
        self.heard.append((self.name, message))


@pytest.mark.parametrize("order", [("low", "high"), ("high", "low")])
def test_bus_carries_plain_objects_at_once_and_the_higher_priority_first(order):
    heard, message = [], {"plain": object()}

    def publish(probe):
        probe.publish_message("signals.breakout", message)
        heard.append(("publisher", None))
        probe.publish_message("other.topic", message)

    bench = Bench({at(1): publish})
    for name in order:
        listener = Listener(DataActorConfig(actor_id=ActorId(f"{name}-001")))
        listener.attach(name, {"low": 0, "high": 10}[name], heard)
        bench.engine.add_actor(listener)
    bench.run([flat(1)])
    assert [name for name, _ in heard] == ["high", "low", "publisher"]
    assert heard[0][1] is message


# --- bars, order of events --------------------------------------------------------------------------------------------


def test_external_bars_arrive_as_given_and_a_hole_is_not_filled():
    given = [1, 2, 3, 20, 21]
    probe = Bench().run([flat(n) for n in given])
    assert [ts for _, ts in probe.seen] == [at(n) for n in given]


def test_internal_bars_are_made_up_for_empty_intervals():
    kind = BarType.from_str(f"{PERP}-5-MINUTE-LAST-INTERNAL@1-MINUTE-EXTERNAL")
    probe = Bench(types=[kind]).run([flat(n) for n in (1, 2, 3, 4, 5, 21, 22)])
    assert [ts for _, ts in probe.seen] == [at(n) for n in (5, 10, 15, 20)]


def test_data_of_one_moment_keeps_the_order_in_which_it_was_given():
    kinds = [bar_type(n) for n in (1, 3, 5, 15)]
    probe = Bench(types=kinds)
    given = [flat(15, minutes=n) for n in (5, 1, 15, 3)]
    seen = probe.run([*given, flat(1)]).seen
    assert seen == [(str(bar_type(1)), at(1))] + [(str(bar_type(n)), at(15)) for n in (5, 1, 15, 3)]


def test_time_alert_one_ns_later_fires_after_all_bars_of_the_moment_and_before_the_next_data():
    kinds = [bar_type(1), bar_type(15)]

    def set_alert(probe):
        probe.alert(at(15) + 1, "close", lambda: probe.seen.append(("alert", probe.clock.timestamp_ns())))

    bench = Bench({at(15): set_alert}, types=kinds)
    seen = bench.run([flat(15), flat(15, minutes=15), flat(16)]).seen
    assert seen == [
        (str(kinds[0]), at(15)),
        (str(kinds[1]), at(15)),
        ("alert", at(15) + 1),
        (str(kinds[0]), at(16)),
    ]


@pytest.mark.parametrize(("extra_ns", "fires"), [(0, False), (1, False), (2, True), (3, True)])
def test_time_alert_behind_the_last_bar_fires_at_the_end_when_the_run_reaches_it(extra_ns, fires):
    fired = []
    bench = Bench({at(2): lambda p: p.alert(at(2) + 2, "end", lambda: fired.append(p.clock.timestamp_ns()))})
    bench.run([flat(1), flat(2)], end=at(2) + extra_ns)
    assert fired == []  # only ``end`` brings the clock behind the last data: what fails there fails after the last run
    bench.engine.end()
    assert fired == ([at(2) + 2] if fires else [])


def test_order_sent_in_a_time_alert_at_the_end_still_trades():
    bench = Bench({at(2): lambda p: p.alert(at(2) + 2, "end", lambda: p.market(BUY, 1.0))})
    bench.run([flat(1), flat(2, 101.0)])
    bench.engine.end()
    assert bench.probe.fill_list() == [("BUY", 1.0, 101.0)]


def test_time_alert_set_in_one_chunk_fires_in_the_next():
    fired = []
    bench = Bench({at(1): lambda p: p.alert(at(3) + 1, "later", lambda: fired.append(p.clock.timestamp_ns()))})
    bench.run([flat(1), flat(2)])
    assert fired == []
    bench.run([flat(3), flat(4)])
    assert fired == [at(3) + 1]


def test_time_alerts_of_one_moment_fire_in_the_order_of_their_names():
    fired = []

    def set_alerts(probe):
        for name in "hgfedcba":
            probe.alert(at(1) + 5, name, lambda name=name: fired.append(name))

    Bench({at(1): set_alerts}).run([flat(1), flat(2)])
    assert fired == list("abcdefgh")


def test_order_sent_in_a_time_alert_trades_at_the_last_bar():
    bench = Bench({at(1): lambda p: p.alert(at(1) + 1, "go", lambda: p.market(BUY, 1.0))})
    probe = bench.run([flat(1, 100.0), flat(2, 105.0)])
    assert probe.fill_list() == [("BUY", 1.0, 100.0)]
    assert probe.fills[0].ts_event == at(1) + 1


# --- configuration ----------------------------------------------------------------------------------------------------


def test_strategy_config_drops_fields_of_ours_without_a_word():
    assert not hasattr(StrategyConfig(strategy_id=StrategyId("X-001"), donchian_bars=20), "donchian_bars")


@pytest.mark.parametrize(("value", "nearest", "down"), [(0.0016, "0.002", "0.001"), (0.0014, "0.001", "0.001")])
def test_make_qty_rounds_to_nearest_unless_told_down(value, nearest, down):
    assert str(INSTRUMENT.make_qty(value)) == nearest
    assert str(INSTRUMENT.make_qty(value, round_down=True)) == down


def test_make_qty_refuses_what_rounds_to_zero():
    with pytest.raises(ValueError, match="zero"):
        INSTRUMENT.make_qty(0.0004, round_down=True)


def test_client_order_id_goes_round():
    sent = []

    def submit(probe):
        order = probe.order_factory.market(
            INSTRUMENT.id, BUY, Quantity(1.0, 3), client_order_id=ClientOrderId("bBTCUSDTPERPs6jhc0-EN1")
        )
        sent.append(order.client_order_id)
        probe.submit_order(order)

    bench = Bench({at(1): submit})
    probe = bench.run([flat(1), flat(2)])
    assert str(probe.fills[0].client_order_id) == "bBTCUSDTPERPs6jhc0-EN1"
    assert bench.order(sent[0]).status == OrderStatus.FILLED


# --- stops ------------------------------------------------------------------------------------------------------------


def long_with_stop(probe):
    probe.market(BUY, 1.0)
    probe.stop(SELL, 1.0, 95.0)


def test_stop_sent_on_a_fill_within_a_bar_is_not_active_in_that_bar():
    bench = Bench({at(1): lambda p: p.limit(BUY, 1.0, 99.0)})
    probe = bench.probe
    probe.on_order_filled = lambda event: (probe.fills.append(event), probe.stop(SELL, 1.0, 95.0))[0]
    bench.run([flat(1), bar(2, (100, 100, 90, 98)), bar(3, (98, 99, 97, 98))])
    assert probe.fill_list() == [("BUY", 1.0, 99.0)]


def test_stop_sent_on_a_fill_is_active_at_once_when_the_bar_comes_as_quotes():
    stopped = []

    def protect(event):
        probe.fills.append(event)
        if not stopped:
            stopped.append(probe.stop(SELL, 1.0, 95.0))

    bench = Bench({at(1): lambda p: p.limit(BUY, 1.0, 99.0)}, types=[], bar_execution=False)
    probe = bench.probe
    probe.on_order_filled = protect
    bench.run([quote(1, 100.0), quote(1.1, 98.0), quote(1.2, 90.0), quote(1.3, 98.0)])
    assert [(side, price) for side, _, price in probe.fill_list()] == [("BUY", 99.0), ("SELL", 90.0)]


def test_bars_do_not_execute_when_told_so():
    probe = Bench({at(1): lambda p: p.limit(BUY, 1.0, 99.0)}, bar_execution=False).run([flat(1), flat(2, 90.0)])
    assert probe.fill_list() == []


@pytest.mark.parametrize(("reject", "last"), [(False, "filled"), (True, "rejected")])
def test_stop_that_the_market_is_through_already_fills_unless_it_is_to_be_rejected(reject, last):
    ids = []

    def submit(probe):
        probe.market(BUY, 1.0)
        ids.append(str(probe.stop(SELL, 1.0, 105.0)))

    probe = Bench({at(1): submit}, reject_stop_orders=reject).run([flat(1), flat(2)])
    assert [kind for kind, order_id, _ in probe.events if order_id == ids[0]][-1] == last


def test_reduce_only_stop_shrinks_by_itself_when_a_target_fills():
    ids = []

    def submit(probe):
        probe.market(BUY, 1.0)
        ids.append(probe.stop(SELL, 1.0, 95.0))
        probe.limit(SELL, 0.4, 104.0, reduce_only=True)

    bench = Bench({at(1): submit})
    probe = bench.run([flat(1), bar(2, (100, 105, 100, 105)), flat(3, 105.0)])
    assert bench.order(ids[0]).quantity == Quantity(0.6, 3)
    assert ("updated", str(ids[0]), at(2)) in probe.events
    bench.run([bar(4, (105, 105, 90, 90))])
    assert probe.fill_list()[-1] == ("SELL", 0.6, 95.0)


def test_reduce_only_orders_of_a_closed_position_are_cancelled():
    ids = []

    def submit(probe):
        probe.market(BUY, 1.0)
        ids.append(probe.stop(SELL, 1.0, 95.0))

    bench = Bench({at(1): submit, at(2): lambda p: p.market(SELL, 1.0, reduce_only=True)})
    bench.run([flat(1), flat(2), bar(3, (100, 100, 90, 90))])
    assert bench.order(ids[0]).status == OrderStatus.CANCELED
    assert bench.probe.portfolio.is_net_flat(INSTRUMENT.id)


class Book(FillModel):
    """A book without levels for limits and stop-limits; notes what it is asked."""

    def attach(self, *, empty=(), sizes=(0.25, 100.0)):
        self.asked = []
        self.empty = empty
        self.sizes = sizes

    def is_limit_filled(self):
        return True

    def is_slipped(self):
        return False

    def fill_limit_inside_spread(self):
        return False

    def get_orderbook_for_fill_simulation(self, instrument, order, best_bid=None, best_ask=None):
        self.asked.append((order.order_type, str(order.client_order_id), float(best_bid), float(best_ask)))
        book = OrderBook(instrument.id, BookType.L2_MBP)
        if order.order_type not in self.empty:
            opposite = OrderSide.SELL if order.side == BUY else OrderSide.BUY
            for number, size in enumerate(self.sizes, 1):
                book.add(BookOrder(opposite, Price(100.0 + number / 2, 1), Quantity(size, 3), number), 0, 0, 0)
        return book


def model(**settings):
    found = Book()
    found.attach(**settings)
    return found


def test_stop_limit_that_is_jumped_stays_triggered_and_says_nothing():
    ids, fills = [], model(empty=(OrderType.STOP_LIMIT,))

    def submit(probe):
        probe.market(BUY, 1.0)
        ids.append(probe.stop_limit(SELL, 1.0, 95.0, 94.9))

    bench = Bench({at(1): submit}, fill_model=fills)
    probe = bench.run([flat(1), bar(2, (90, 91, 89, 90)), flat(3, 90.0)])
    assert bench.order(ids[0]).status == OrderStatus.TRIGGERED
    assert "triggered" not in {kind for kind, _, _ in probe.events}
    assert [side for side, _, _ in probe.fill_list()] == ["BUY", "BUY"]  # 0.25 and the rest


# --- fill model -------------------------------------------------------------------------------------------------------


def test_limit_at_the_touch_rests_while_the_book_does_not_cross_it():
    ids = []
    bench = Bench({at(1): lambda p: ids.append(p.limit(BUY, 1.0, 100.0))}, fill_model=model(empty=(OrderType.LIMIT,)))
    bench.run([flat(1), flat(2)])
    assert bench.order(ids[0]).status == OrderStatus.ACCEPTED


def test_fill_model_is_asked_with_the_order_and_the_touch_and_its_book_fills_part_by_part():
    ids, fills = [], model()
    bench = Bench({at(1): lambda p: ids.append(p.market(BUY, 1.0))}, fill_model=fills)
    probe = bench.run([flat(1), flat(2)])
    assert fills.asked == [(OrderType.MARKET, str(ids[0]), 100.0, 100.0)]
    assert probe.fill_list() == [("BUY", 0.25, 100.5), ("BUY", 0.75, 101.0)]


def test_fill_model_is_not_asked_about_a_limit_that_the_market_does_not_reach():
    fills = model()
    Bench({at(1): lambda p: p.limit(BUY, 1.0, 90.0)}, fill_model=fills).run([flat(1), flat(2)])
    assert fills.asked == []


def test_part_filled_limit_keeps_working_and_takes_more_from_the_next_price():
    ids, fills = [], model(sizes=(0.25,))
    bench = Bench(
        {at(1): lambda p: ids.append(p.limit(BUY, 1.0, 101.0))}, types=[], bar_execution=False, fill_model=fills
    )
    bench.run([quote(1, 102.0), quote(2, 98.0)])
    assert bench.order(ids[0]).status == OrderStatus.PARTIALLY_FILLED
    bench.run([quote(3, 98.0)])
    assert bench.probe.fill_list() == [("BUY", 0.25, 100.5)] * 2


# --- two intervals of one instrument ----------------------------------------------------------------------------------


def test_only_the_finest_bars_execute_when_two_intervals_of_one_instrument_are_fed():
    kinds = [bar_type(1), bar_type(15)]
    bench = Bench({at(2): long_with_stop}, types=kinds)
    ones = [bar(n, (100, 101, 100, 100.5)) for n in range(1, 31)]
    coarse = [bar(n, (100, 101, 90, 100.5), minutes=15) for n in (15, 30)]
    probe = bench.run(ones + coarse)
    assert probe.fill_list() == [("BUY", 1.0, 100.5)]


def test_only_the_finest_bars_execute_when_the_coarse_ones_are_given_first():
    bench = Bench({at(2): long_with_stop}, types=[bar_type(1), bar_type(15)])
    ones = [bar(n, (100, 101, 100, 100.5)) for n in range(1, 31)]
    probe = bench.run([bar(n, (100, 101, 90, 100.5), minutes=15) for n in (15, 30)] + ones)
    assert probe.fill_list() == [("BUY", 1.0, 100.5)]


def test_coarse_bars_do_not_execute_in_a_hole_of_the_fine_ones():
    bench = Bench({at(2): long_with_stop}, types=[bar_type(1), bar_type(15)])
    ones = [bar(n, (100, 101, 100, 100.5)) for n in range(1, 6)]
    probe = bench.run([*ones, bar(15, (100, 101, 90, 100.5), minutes=15)])
    assert probe.fill_list() == [("BUY", 1.0, 100.5)]


def test_coarse_bars_execute_until_the_first_fine_one_is_there():
    bench = Bench({at(15): long_with_stop}, types=[bar_type(1), bar_type(15)])
    coarse = [bar(n, (100, 101, 90, 100.5), minutes=15) for n in (15, 30)]
    probe = bench.run([*coarse, bar(31, (100, 101, 100, 100.5))])
    assert probe.fill_list() == [("BUY", 1.0, 100.5), ("SELL", 1.0, 95.0)]


# --- money ------------------------------------------------------------------------------------------------------------


def funding(minute: float, rate: str) -> FundingRateUpdate:
    ts_ns = at(minute)
    return FundingRateUpdate(INSTRUMENT.id, Decimal(rate), ts_ns - SECOND, ts_ns - SECOND, next_funding_ns=ts_ns)


@pytest.mark.parametrize(("side", "rate", "change"), [(BUY, "0.001", -0.2), (SELL, "0.001", 0.2), (BUY, "-0.002", 0.4)])
def test_funding_is_settled_by_the_engine_longs_pay_a_positive_rate(side, rate, change):
    bench = Bench({at(1): lambda p: p.market(side, 2.0)})
    probe = bench.run([flat(1), flat(2), funding(2.5, rate), flat(3), flat(4)])
    assert bench.equity() == pytest.approx(1e6 + change)
    [position] = probe.cache.positions_open()
    assert [a.pnl_change.as_double() for a in position.adjustments()] == pytest.approx([change])


def test_funding_moves_nothing_without_a_position():
    bench = Bench()
    bench.run([flat(1), flat(2), funding(2.5, "0.001"), flat(3)])
    assert bench.equity() == 1e6


def test_funding_that_is_behind_the_data_is_not_settled():
    bench = Bench({at(1): lambda p: p.market(BUY, 2.0)})
    bench.run([flat(1), flat(2), funding(2.5, "0.001")])
    assert bench.equity() == 1e6


def test_adjustments_hold_the_funding_of_one_position_and_start_afresh_with_the_next():
    steps = {at(1): lambda p: p.market(BUY, 1.0), at(4): lambda p: p.market(SELL, 1.0)}
    steps |= {at(5): lambda p: p.market(BUY, 1.0)}
    bench = Bench(steps)
    data = [flat(n) for n in range(1, 10)]
    probe = bench.run([*data, funding(2.5, "0.001"), funding(6.5, "0.003"), funding(7.5, "0.003")])
    [position] = probe.cache.positions(instrument_id=INSTRUMENT.id)
    assert [a.pnl_change.as_double() for a in position.adjustments()] == pytest.approx([-0.3, -0.3])


USDJPY = build("USDJPY.FX", Definition(kind="fx", base="USD", quote="JPY", tick="0.001", lot="1"))


def test_results_in_yen_are_converted_to_an_account_in_dollars_with_quotes():
    steps = {at(1): lambda p: p.market(BUY, 1000.0, instrument=USDJPY)}
    steps |= {at(2): lambda p: p.market(SELL, 1000.0, instrument=USDJPY)}
    bench = Bench(steps, instruments=(USDJPY,), types=[], money="USD", bar_execution=False)
    bench.run([quote(n, px, instrument=USDJPY) for n, px in ((1, 100.0), (2, 110.0), (3, 110.0))])
    assert bench.equity() == pytest.approx(1e6 + 1000.0 * 10.0 / 110.0, abs=0.02)


@pytest.mark.parametrize("quoted", [False, True])
def test_equity_includes_the_unrealized_result_of_the_last_price(quoted):
    bench = Bench({at(1): lambda p: p.market(BUY, 2.0)}, types=[] if quoted else None, bar_execution=not quoted)
    make = quote if quoted else flat
    bench.run([make(1, 100.0), make(2, 103.0)])
    assert bench.equity() == pytest.approx(1e6 + 6.0)
    bench.run([make(3, 99.0)])
    assert bench.equity() == pytest.approx(1e6 - 2.0)
    unrealized = bench.probe.portfolio.unrealized_pnls(bench.venue)
    assert unrealized[bench.money].as_double() == pytest.approx(-2.0)
