"""Cost formulas and the entry's clock (Spec 3.5.2, 7.2, 7.4; D11, D15, D28, D34)."""

import pytest

from execution.config import EntryConfig
from execution.costs import expected_slippage_frac, slipped_price, stop_base_price, whole_lots
from execution.schedule import NS, entry_schedule


@pytest.mark.parametrize(
    ("side", "steps", "expected"),
    [
        pytest.param(1, 1, 100.05, id="D34-buy-pays-more"),
        pytest.param(-1, 1, 99.95, id="D34-sell-gets-less"),
        pytest.param(1, 3, 100.15, id="D34-buy-three-steps"),
        pytest.param(-1, 2, 99.9, id="D34-sell-two-steps"),
        pytest.param(1, 0, 100.0, id="D34-no-step"),
    ],
)
def test_slipped_price(side: int, steps: int, expected: float) -> None:
    assert slipped_price(100.0, side, 0.0005, steps) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("trigger", "bar_open", "side", "expected"),
    [
        pytest.param(99.0, 100.5, -1, 99.0, id="D15-sell-stop-inside-the-bar"),
        pytest.param(99.0, 97.0, -1, 97.0, id="D15-sell-stop-jumped"),
        pytest.param(99.0, 99.0, -1, 99.0, id="D15-sell-stop-at-the-open"),
        pytest.param(101.0, 100.5, 1, 101.0, id="D15-buy-stop-inside-the-bar"),
        pytest.param(101.0, 103.0, 1, 103.0, id="D15-buy-stop-jumped"),
    ],
)
def test_stop_base_price(trigger: float, bar_open: float, side: int, expected: float) -> None:
    assert stop_base_price(trigger, bar_open, side) == expected


@pytest.mark.parametrize(
    ("spread", "quantity", "daily", "impact", "expected"),
    [
        pytest.param(0.0002, 10.0, 1000.0, 0.1, 0.0011, id="7.2-large-cap"),
        pytest.param(0.0002, 10.0, 1000.0, 0.3, 0.0031, id="7.2-mid-cap"),
        pytest.param(0.0004, 0.0, 1000.0, 0.3, 0.0002, id="7.2-half-the-spread"),
    ],
)
def test_expected_slippage(spread: float, quantity: float, daily: float, impact: float, expected: float) -> None:
    assert expected_slippage_frac(spread, quantity, daily, impact) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("window_secs", "cancel_secs"),
    [
        pytest.param(0, 30, id="7.4-live"),
        pytest.param(30, 30, id="7.4-bar-of-30s"),
        pytest.param(60, 60, id="D11-bar-of-a-minute"),
        pytest.param(3600, 3600, id="D11-bar-of-an-hour"),
    ],
)
def test_entry_schedule(window_secs: int, cancel_secs: int) -> None:
    schedule = entry_schedule(EntryConfig(), window_secs * NS)
    assert (schedule.reprice_ns, schedule.cancel_ns) == (15_000_000_000, cancel_secs * 1_000_000_000)


def test_entry_schedule_follows_its_configuration() -> None:
    assert entry_schedule(EntryConfig(reprice_secs=2, cancel_secs=4)) == (2 * NS, 4 * NS)


def test_a_market_without_a_bound_offers_its_lots_however_fine_they_are() -> None:
    assert whole_lots(1e12, 1e-8) == 1e20
    assert whole_lots(0.3, 0.1) == 3.0
    assert whole_lots(0.29, 0.1) == 2.0
