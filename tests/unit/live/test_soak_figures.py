"""What a soak says of memory, bars and delays."""

import os

import numpy as np
import pytest

from live.clock import Pace
from live.soak.command import main
from live.soak.journal import bars_of, order_delays
from live.soak.memory import growth_of, resident_mb
from monitoring.journal import Entry

STEP = 900_000_000_000
A, B = "A", "B"


def event(kind: str, asset: str, **details: object) -> Entry:
    return Entry("", "live", kind, asset, "INFO", details)


def taken(asset: str, *numbers: int) -> list[Entry]:
    return [event("BAR_TAKEN", asset, close_ns=n * STEP, received_ns=n * STEP + 5) for n in numbers]


def test_noise_is_flat_and_a_leak_is_not():
    random = np.random.default_rng(1)
    secs = np.arange(0.0, 3600.0, 5.0)
    noise = 300.0 + random.normal(0.0, 1.0, len(secs))
    assert growth_of(secs.tolist(), noise.tolist()).is_flat
    leak = growth_of(secs.tolist(), (noise + secs / 3600.0 * 10.0).tolist())
    assert not leak.is_flat
    assert leak.low_mb_per_hour < 10.0 < leak.high_mb_per_hour


def test_warm_up_counts_for_nothing():
    secs = np.arange(0.0, 3600.0, 5.0)
    grown = np.minimum(300.0, 100.0 + secs)
    assert growth_of(secs.tolist(), grown.tolist()).slope_mb_per_hour == pytest.approx(0.0, abs=1e-6)


def test_memory_of_this_process_is_there_and_of_none_is_not():
    assert resident_mb(os.getpid()) > 10.0
    assert np.isnan(resident_mb(2**22 + 1))


def test_bar_that_one_instrument_did_not_see_is_missed():
    found = bars_of([*taken(A, 1, 2, 3, 4), *taken(B, 1, 3, 4)], [A, B], STEP)
    assert found.missed == [f"B {np.datetime64(2 * STEP, 'ns')}"]
    assert found.expected == 6  # the last close may have been cut by the end


def test_bar_that_was_fetched_is_not_missed_but_told():
    found = bars_of(
        [*taken(A, 1, 2, 3), *taken(B, 1, 3), event("GAP_REPAIRED", B, after_ns=STEP, bars=1)], [A, B], STEP
    )
    assert (found.missed, found.fetched) == ([], 1)


def test_instrument_without_any_bar_missed_them_all():
    assert len(bars_of(taken(A, 1, 2, 3), [A, B], STEP).missed) == 2


def test_delays_are_of_entries_only_from_bar_and_from_close():
    events = [
        *taken(A, 1),
        event("ENTRY_WORKING", A, signal_id=f"breakout/A/{STEP}", trade_id="t"),
        event("ORDER_SENT", A, order_id="t-EN1", sent_ns=STEP + 3_000_005),
        event("ORDER_SENT", A, order_id="t-EN2", sent_ns=STEP + 9_000_000_000),
        event("ORDER_SENT", A, order_id="t-SL1", sent_ns=STEP + 9_000_000_000),
    ]
    from_bar, from_close = order_delays(events, Pace())
    assert (from_bar.orders, from_bar.p50_ms) == (1, 3.0)
    assert from_close.p50_ms == pytest.approx(3.0, abs=0.01)
    assert order_delays(events[:1], Pace())[0].p99_ms is None


@pytest.mark.parametrize("arguments", [["--instruments", "0"], ["--instruments", "51"], ["--minutes", "0"]])
def test_wrong_options_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "--instruments must be 1 to 50" in capsys.readouterr().err
