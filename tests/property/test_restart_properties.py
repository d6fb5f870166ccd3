"""A process that dies anywhere in a trade comes back to the venue's quantities, whatever it wrote last (Spec 9.4)."""

from hypothesis import given
from hypothesis import strategies as st

from execution.config import ExitConfig
from execution.lifecycle import advance, begin
from execution.trade import EntryEnded, EntryFilled, Event, ExitFilled, Leg, Plan, Trade
from execution.trade_log import Costs
from execution.trade_memory import KeptTrade
from live.restart import Seen, catch_up, ids_to_ask

LOT = 0.001


def plan(side: int) -> Plan:
    return Plan(
        trade_id="t", signal_id="s", signal_ns=5, instrument_id="X.SIM", strategy="breakout", side=side, quantity=1.0,
        entry_px=100.0, stop_distance=1.0, tp1_distance=2.0, tp2_distance=4.0, tick=0.1, lot=LOT, min_quantity=LOT,
        min_notional=0.0, multiplier=1.0, exits=ExitConfig(), entry_on_timeout="cancel", backstop=False,
    )  # fmt: skip


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Trade], list[Seen]]:
    """Every state that a trade went through, and its orders as the venue has them in the end."""
    trade, _ = begin(plan(draw(st.sampled_from([1, -1]))))
    states, filled, value = [trade], dict.fromkeys(Leg, 0.0), dict.fromkeys(Leg, 0.0)
    open_entry, ts_ns, last = True, 10, dict.fromkeys(Leg, 10)
    for _ in range(draw(st.integers(0, 8))):
        ts_ns += 1
        price = draw(st.integers(900, 1100)) / 10.0
        lots = draw(st.integers(1, 400)) * LOT
        event: Event
        room = 1.0 - filled[Leg.ENTRY]
        if open_entry and draw(st.booleans()):
            if room > LOT and draw(st.booleans()):
                quantity = min(room, lots)
                leg, event = Leg.ENTRY, EntryFilled(ts_ns, quantity, price)
            else:
                open_entry = False
                leg, quantity, event = Leg.ENTRY, 0.0, EntryEnded(ts_ns)
        elif trade.remaining > 0.0:
            leg = draw(st.sampled_from([Leg.STOP, Leg.TP1, Leg.TP2, Leg.MARKET]))
            quantity = min(trade.remaining, lots)
            event = ExitFilled(ts_ns, leg, quantity, price)
        else:
            continue
        filled[leg] += quantity
        value[leg] += quantity * price
        last[leg] = ts_ns
        trade, _ = advance(trade, event)
        states.append(trade)
    orders = [
        Seen(
            f"t-{leg.value}1",
            leg,
            leg is Leg.ENTRY and open_entry,
            filled[leg],
            value[leg] / filled[leg],
            0.25,
            last[leg],
        )
        for leg in Leg
        if filled[leg] > 0.0
    ]
    if open_entry and filled[Leg.ENTRY] == 0.0:
        orders.append(Seen("t-EN1", Leg.ENTRY, True, 0.0, 0.0, 0.0, 10))
    return states, orders


@given(lives(), st.data())
def test_a_trade_comes_back_to_what_the_venue_did(life: tuple[list[Trade], list[Seen]], data: st.DataObject) -> None:
    states, orders = life
    end = states[-1]
    kept = data.draw(st.sampled_from([one for one in states if not one.is_over] or states[:1]))

    found = catch_up(KeptTrade(kept, Costs(), {"EN": 1, "SL": 3}), orders).trade

    assert abs(found.filled - end.filled) < LOT / 2
    assert abs(found.exit_filled - end.exit_filled) < LOT / 2
    assert abs(found.remaining - end.remaining) < LOT / 2
    assert abs(found.entry_value - end.entry_value) < 1e-6
    assert abs(found.exit_value - end.exit_value) < 1e-6
    assert found.is_over == end.is_over
    assert found.working == end.working


@given(lives())
def test_its_fees_are_the_venues_and_no_id_is_used_again(life: tuple[list[Trade], list[Seen]]) -> None:
    states, orders = life
    kept = KeptTrade(states[0], Costs(fees=99.0), {"EN": 1, "SL": 3})

    found = catch_up(kept, orders)

    if any(one.filled for one in orders):
        assert found.costs.fees == sum(one.fees for one in orders)
    asked = {(leg, count) for leg, count in ids_to_ask(kept)}
    assert {(Leg.STOP, 3), (Leg.STOP, 5), (Leg.MARKET, 2)} <= asked
    assert all(found.counts[leg.value] >= max(count for one, count in asked if one is leg) for leg in Leg)
