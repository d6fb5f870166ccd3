import datetime as dt
import io
from pathlib import Path

import pytest
from rich.console import Console
from why_journal import BTC, ETH, HOUR, MIN, NOON, SEC, T0, Handmade, make_near, make_signal

from research.why.asked import order
from research.why.day import tell_day
from research.why.following import next_commands
from research.why.history import History
from research.why.overview import tell_run
from research.why.run_facts import load_facts
from research.why.show import show
from research.why.story import tell_signal
from risk.messages import Check

WIDTHS = pytest.mark.parametrize("width", [80, 140])
LATER = NOON + 2 * HOUR


def printed(story, width: int = 140) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(show(story))
    return out.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def history(tmp_path: Path) -> History:
    """A day of everything: a trade, a missed entry, refusals, breakouts, a breaker."""
    made = Handmade(tmp_path)
    made.near(make_near(at=T0 + HOUR, volume=120.0))
    made.near(make_near(at=T0 + 24 * HOUR, htf_trend=-1))
    held = made.open(make_signal(), heat_after=20.0)
    made.event(held, "TP1_FILLED", MIN, entry=100.0, stop=100.1, quantity=5.0, filled=5.0, price=104.0, working=False)
    made.alert(held, "ALERT_STOP_UNFILLED", f"a stop that was {'jumped and ' * 6}closed at the market", 61 * SEC)
    made.refuse(make_signal(at=NOON + HOUR, rsi=80.0), Check("one_position", False, 1.0, 1.0), heat_before=0.0)
    made.close(held, after=90 * MIN, reason="BREAKEVEN", net=1.25)
    made.breaker("drawdown", "TRIPPED", LATER, 0.1501, 0.15)
    made.refuse(make_signal(ETH, at=LATER), Check("drawdown", False, 0.15, 0.1501))
    made.breaker("drawdown", "RESET", LATER + HOUR, 0.1501, 0.15, operator="Ann", reason="new peak")
    halted = made.approve(make_signal(at=LATER + 2 * HOUR))
    made.event(halted, "ENTRY_WORKING")
    made.breaker("daily_loss", "TRIPPED", LATER + 2 * HOUR + SEC)
    made.event(halted, "ENTRY_HALTED", SEC)
    made.event(halted, "ENTRY_ENDED", 2 * SEC, working=False)
    return made.read()


@WIDTHS
@pytest.mark.parametrize("at", [(BTC, NOON), (BTC, NOON + HOUR), (ETH, LATER), (BTC, LATER + 2 * HOUR)])
def test_pages_keep_to_their_width_and_ids_whole(history: History, at: tuple[str, int], width: int) -> None:
    signal_id = f"breakout/{at[0]}/{at[1]}"
    page = printed(tell_signal(history, load_facts(history), signal_id), width)
    assert max(len(line) for line in page.splitlines()) <= width
    assert signal_id in page
    for name in ("portfolio_heat", "asset_class_positions"):
        assert name in page
    assert "…" not in page


def test_page_of_a_refusal_shows_every_rule(history: History) -> None:
    page = printed(tell_signal(history, load_facts(history), f"breakout/{BTC}/{NOON + HOUR}"))
    text = flat(page)
    assert "long BTCUSDT-PERP.X, 15m bar of 2024-01-10 13:00 UTC, score 5" in text
    assert "entry 100.00, stop 98.00, targets 104.00 and 108.00" in text
    assert "Refused by one_position: the strategy holds this instrument already" in text
    for row in (
        "✓ breakout 100.00 above 99.00, the channel", "✓ trend up up",
        "✓ volume 200 = 2.00 × its mean above 150, 1.50 × its mean", "✓ atr_band 1.00 % of price 0.30 % to 4.00 %",
        "○ rsi_band 80.0 50 to 75; adds to the score only", "✓ score 5 at least 4", "✗ one_position 1 < 1 0",
        "· not asked: max_positions, asset_class_positions, trades_per_day, correlation, minimum_quantity, ",
    ):  # fmt: skip
        assert row in text
    rules = [line.split()[1] for line in page.splitlines() if line[:1] in ("✓", "✗", "○")]
    assert rules == ["breakout", "trend", "volume", "atr_band", "rsi_band", "score", *order()[:15]]
    assert f"breakout/{BTC}/{NOON} long 5, open since 2024-01-10 12:00 at 100.00, stop 100.10, risk 0.00 USDT" in text


def test_page_of_a_trade_shows_size_order_and_end(history: History) -> None:
    text = flat(printed(tell_signal(history, load_facts(history), f"breakout/{BTC}/{NOON}")))
    for said in (
        "Approved, entered and closed: BREAKEVEN, net +1.25 USDT",
        "equity 10,000.00 USDT heat 0.00 USDT (0.00 % of equity), with it 20.00 USDT (0.20 % of equity)",
        "10, bound by the risk per trade (Spec 2.5, D17) risk 20.00 USDT, 0.20 % of equity, ATR scalar 0.50",
        "2024-01-10 12:00 entry sent",
        "2024-01-10 12:00 1 s entry filled 10 100.00 98.00",
        "2024-01-10 12:01 1 min first target filled 5 104.00 100.10",
        "2024-01-10 13:30 1.5 h stop filled 10 98.00",
        "BREAKEVEN: gross +3.25, less fees 1.50 and funding 0.50: net +1.25 USDT",
    ):
        assert said in text
    assert "not asked" not in text


@WIDTHS
def test_page_of_a_trade_wraps_what_happened_and_no_number(history: History, width: int) -> None:
    page = printed(tell_signal(history, load_facts(history), f"breakout/{BTC}/{NOON}"), width)
    (line,) = (line for line in page.splitlines() if "ALERT_STOP_UNFILLED" in line)
    assert line.startswith("2024-01-10 12:01  1 min  ALERT_STOP_UNFILLED: a ")
    assert "jumped and closed at the market" in flat(page)


@pytest.mark.parametrize("sent", [True, False])
def test_page_of_a_correlation_names_the_better_one_once(tmp_path: Path, sent: bool) -> None:
    made = Handmade(tmp_path)
    better = make_signal(ETH)
    made.approve(better) if sent else made.refuse(better, Check("spread", False, 2.0, 3.0))
    signal = made.refuse(make_signal(), Check("correlation", False, 0.75, 0.9, ETH))
    history = made.read()
    text = flat(printed(tell_signal(history, load_facts(history), signal.signal_id)))
    assert "of the same bar close, and weighed first: the higher score, then the larger 24 h volume (D16)" in text
    assert text.count(better.signal_id) == 1
    assert ("long 10, working since 2024-01-10 12:00, risk 20.00 USDT (0.20 % of equity)" in text) == sent


def test_page_of_a_day_shows_what_is_still_open(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    signal = made.open(make_signal())
    history = made.read()
    text = flat(printed(tell_day(history, load_facts(history), BTC, dt.date(2024, 1, 10))))
    assert f"{signal.signal_id} long from 2024-01-10 12:00 at 100.00, open when the journal ends" in text


def test_page_of_trades_per_day_lists_them(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    first = made.open(make_signal(at=T0 + HOUR))
    signal = made.refuse(make_signal(), Check("trades_per_day", False, 1.0, 1.0))
    history = made.read()
    story = tell_signal(history, load_facts(history), signal.signal_id)
    assert f"Trades opened that day: {first.signal_id}" in flat(printed(story))
    assert f"--signal {first.signal_id}" in next_commands(story, Path("run"))[0]


def test_page_of_a_breaker_says_since_when_and_what_opens_it(history: History) -> None:
    text = flat(printed(tell_signal(history, load_facts(history), f"breakout/{ETH}/{LATER}")))
    assert (
        "Breaker drawdown closed 2024-01-10 14:00 UTC at 15.01 %, limit 15.00 % no entries; entries cancelled, all "
        "positions closed at market opened 2024-01-10 15:00 UTC by hand: Ann, new peak opens by: reset drawdown --peak "
        "EQUITY: a restart that names a new peak"
    ) in text


def test_page_of_a_halted_entry_names_the_breaker(history: History) -> None:
    text = flat(printed(tell_signal(history, load_facts(history), f"breakout/{BTC}/{LATER + 2 * HOUR}")))
    assert "the entry did not fill: halted when daily_loss closed after 1 s" in text
    assert "1 s entry taken back: a breaker closed" in text
    assert "daily_loss closed 2024-01-10 16:00 UTC at 3.10 %, limit 3.00 %" in text
    assert "still closed when the journal ends opens by itself at 00:00 UTC" in text


@WIDTHS
def test_page_of_a_day_shows_everything(history: History, width: int) -> None:
    page = printed(tell_day(history, load_facts(history), BTC, dt.date(2024, 1, 10)), width)
    assert max(len(line) for line in page.splitlines()) <= width
    text = flat(page)
    for said in (
        "BTCUSDT-PERP.X on 2024-01-10 from 2024-01-10 00:00 to 2024-01-11 00:00 UTC, both included",
        "1 trade was entered; besides, 2 breakouts were not confirmed (volume 1, trend 1); 1 signal was refused "
        "(one_position 1); 1 entry did not fill (halted 1); drawdown was closed from 14:00 to 15:00",
        "01:00 long volume 120 = 1.20 × its mean, needs above 150, 1.50 × its mean",
        "24:00 long trend down, needs up",
        "12:00 long, score 5: traded: BREAKEVEN, net +1.25 USDT",
        "long from 2024-01-10 12:00 at 100.00 to 2024-01-10 13:30, BREAKEVEN, net +1.25 USDT",
        "drawdown closed 2024-01-10 14:00 UTC at 15.01 %, limit 15.00 %",
    ):
        assert said in text
    assert f"breakout/{BTC}/{NOON + HOUR}" in page


@WIDTHS
def test_page_of_a_run_shows_counts_breakers_and_ids(history: History, width: int) -> None:
    page = printed(tell_run(history, load_facts(history)), width)
    assert max(len(line) for line in page.splitlines()) <= width
    text = flat(page)
    for said in (
        f"2024-01-01 00:00 to 2024-01-30 00:00 UTC; {BTC}, {ETH}",
        "6 breakouts: 2 not confirmed, 4 signals 4 signals: 2 refused, 2 approved 2 approved: 1 traded, 1 not filled",
        "one_position 1 2024-01-10 13:00",
        "halted 1 2024-01-10 16:00",
        "volume 1 2024-01-10 01:00 trend 1 2024-01-11 00:00",
        "drawdown 1 × 0.1 % 2024-01-10 14:00 2024-01-10 15:00 by hand",
        "daily_loss 1 × 66.7 % 2024-01-10 16:00 still closed",
        "2024-01-10 13:00 long, score 5: refused by one_position: ",
    ):
        assert said in text
    assert f"breakout/{ETH}/{LATER}" in page


def test_page_of_a_bare_journal_marks_nothing(tmp_path: Path) -> None:
    made = Handmade(tmp_path, config=None)
    made.near(make_near(volume=1.0))
    signal = made.signal(make_signal(at=NOON + HOUR))
    history = made.read()
    text = flat(printed(tell_signal(history, load_facts(history), signal.signal_id)))
    assert "note: no limits of the strategy's rules: " in text
    assert "· trend up" in text
    assert "Risk rules" not in text
    day = flat(printed(tell_day(history, load_facts(history), BTC, dt.date(2024, 1, 10))))
    assert "12:00 long not known" in day


def test_pages_of_nothing_have_no_empty_parts(tmp_path: Path) -> None:
    history = Handmade(tmp_path).read()
    page = printed(tell_run(history, load_facts(history)))
    assert "0 breakouts: 0 not confirmed, 0 signals" in page
    assert not any(title in page for title in ("Breakers", "refused, by", "did not fill", "Newest"))
    day = printed(tell_day(history, load_facts(history), BTC, dt.date(2024, 1, 10)))
    assert not any(title in day for title in ("Breakers", "Signals", "Positions", "Breakouts"))


def test_next_commands_of_a_signal_and_a_day_name_the_others(history: History) -> None:
    facts = load_facts(history)
    signal = tell_signal(history, facts, f"breakout/{BTC}/{NOON + HOUR}")
    assert next_commands(signal, Path("run")) == [
        f"python scripts/why.py run --signal breakout/{BTC}/{NOON}",
        f"python scripts/why.py run --instrument {BTC} --day 2024-01-10",
    ]
    day = tell_day(history, facts, BTC, dt.date(2024, 1, 10))
    assert [line.rpartition("/")[2] for line in next_commands(day, Path("run"))] == [
        str(at) for at in (NOON, NOON + HOUR, LATER + 2 * HOUR)
    ]
