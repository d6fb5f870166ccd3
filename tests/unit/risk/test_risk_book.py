"""What the gate knows of the account: open risk, reservations, what others hold (D19, D20, D22, D32)."""

import math
from collections.abc import Sequence

import pytest
from risk_values import BTC, ES, EURUSD, decide, make_event

from risk.book import Held, Reservation, RiskBook
from risk.ledger import Claim, Ledger, ProcessLedger, Shared
from risk.messages import Decision, Market

MARKETS = {market.instrument_id: market for market in (BTC, EURUSD, ES)}
SIGNAL = "breakout/BTC.X/1"


class RecordingLedger:
    """A ledger that remembers what it was told and says what the test wants it to."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.shared = Shared()
        self.takes = True
        self.held_before: list[Claim] = []

    def recover(self) -> list[Claim]:
        return self.held_before

    def read(self) -> Shared:
        return self.shared

    def reserve(self, claim: Claim, token: int) -> bool:
        self.told.append(("reserve", claim, token))
        return self.takes

    def update(self, claim: Claim) -> None:
        self.told.append(("update", claim))

    def release(self, key: str) -> None:
        self.told.append(("release", key))

    def tell_equity(self, equity: float) -> None:
        self.told.append(("equity", equity))

    def close(self) -> None:
        self.told.append(("close",))


class Account:
    """An account whose equity and rates the test sets."""

    def __init__(self, ledger: Ledger) -> None:
        self.equity = 50_000.0
        self.rates = dict.fromkeys(MARKETS, 1.0)
        self.book = RiskBook(
            asset_classes={name: market.asset_class for name, market in MARKETS.items()},
            multipliers={name: market.multiplier for name, market in MARKETS.items()},
            equity=lambda: self.equity,
            rate=lambda name: self.rates[name],
            ledger=ledger,
        )


@pytest.fixture
def ledger() -> RecordingLedger:
    return RecordingLedger()


@pytest.fixture
def account() -> Account:
    return Account(ProcessLedger())


@pytest.fixture
def shared(ledger: RecordingLedger) -> Account:
    return Account(ledger)


def approval(market: Market = BTC, signal_id: str = SIGNAL, **changes: float) -> Decision:
    """Return an approval that risks 500."""
    decision = decide(market, signal_id=signal_id, **changes)
    assert decision.approved
    return decision


def claim(reserved: float, open_risk: float, **changes: str) -> Claim:
    values = {"key": SIGNAL, "instrument_id": "BTC.X", "asset_class": "crypto", "strategy": "breakout"}
    return Claim(reserved=reserved, open_risk=open_risk, **values | changes)


# --- what is open -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "risk"),
    [
        pytest.param({}, 20.0, id="D19-long"),
        pytest.param({"side": -1, "stop": 102.0}, 20.0, id="D19-short-mirror"),
        pytest.param({"stop": 99.5}, 5.0, id="D19-stop-moved-up"),
        pytest.param({"stop": 100.0}, 0.0, id="D19-stop-at-entry"),
        pytest.param({"stop": 100.05}, 0.0, id="D19-stop-past-entry"),
        pytest.param({"stop": 150.0}, 0.0, id="D19-stop-far-past-entry-gives-nothing-back"),
        pytest.param({"side": -1, "stop": 99.95}, 0.0, id="D19-short-stop-past-entry"),
        pytest.param({"quantity": 5.0}, 10.0, id="D19-half-closed"),
        pytest.param({"stop": math.nan}, math.nan, id="D32-unknown-stop"),
    ],
)
def test_book_open_risk_is_the_loss_at_the_current_stop(account: Account, changes: dict, risk: float) -> None:
    account.book.on_trade_event(make_event(**changes))
    assert account.book.read(3).open_risk == pytest.approx(risk, abs=1e-9, nan_ok=True)
    assert account.book.heat() == pytest.approx(risk, abs=1e-9, nan_ok=True)


def test_book_open_risk_uses_multiplier_and_rate(account: Account) -> None:
    account.rates = {"BTC.X": 1.0, "EURUSD.FX": 0.5, "ES.CME": 2.0}
    account.book.on_trade_event(make_event(trade_id="fx", instrument_id="EURUSD.FX"))  # 2 * 10 * 1 * 0.5
    account.book.on_trade_event(make_event(trade_id="es", instrument_id="ES.CME", quantity=1.0))  # 2 * 1 * 50 * 2
    assert account.book.read(3).open_risk == pytest.approx(210.0)
    assert account.book.heat() == pytest.approx(210.0)
    assert account.book.rate("ES.CME") == 2.0


def test_book_open_risk_with_unknown_rate_is_unknown(account: Account) -> None:
    account.rates["BTC.X"] = math.nan
    account.book.on_trade_event(make_event())
    assert math.isnan(account.book.read(3).heat)


def test_book_forgets_a_closed_trade(account: Account) -> None:
    account.book.on_trade_event(make_event())
    assert account.book.open_positions == 1
    account.book.on_trade_event(make_event(quantity=0.0))
    book = account.book.read(3)
    assert (account.book.open_positions, book.positions, book.heat) == (0, (), 0.0)


def test_book_says_which_event_opened_a_position(account: Account) -> None:
    events = [
        make_event(quantity=0.0, working=True),
        make_event(quantity=4.0, working=True),
        make_event(quantity=10.0),
        make_event(quantity=5.0),
        make_event(quantity=0.0),
        make_event(trade_id="t2", signal_id="two"),
    ]
    opened = [account.book.on_trade_event(event) for event in events]
    assert opened == [False, True, False, False, False, True]


def test_book_reads_equity_when_asked(account: Account) -> None:
    assert account.book.read(3).equity == account.book.equity() == 50_000.0
    account.equity = math.nan
    assert math.isnan(account.book.read(4).equity)
    assert math.isnan(account.book.equity())
    assert account.book.read(4).ts_ns == 4


# --- what is reserved -------------------------------------------------------------------------------------------------


def test_book_keeps_the_reservation_while_the_entry_works(account: Account) -> None:
    assert account.book.reserve(approval(), token=0)
    account.book.on_trade_event(make_event(quantity=0.0, stop=0.0, working=True))
    book = account.book.read(3)
    assert (book.open_risk, book.reserved_risk, book.working) == (0.0, 500.0, 1)
    account.book.on_trade_event(make_event(quantity=4.0, working=True))  # partly filled: the rest may still come
    book = account.book.read(3)
    assert (book.open_risk, book.reserved_risk, book.count(), book.working) == (8.0, 500.0, 1, 0)
    account.book.on_trade_event(make_event(quantity=10.0, working=False))
    book = account.book.read(3)
    assert (book.open_risk, book.reserved_risk, book.count(), book.working) == (20.0, 0.0, 1, 0)


def test_book_gives_the_reservation_back_when_the_entry_is_gone(account: Account) -> None:
    account.book.reserve(approval(), token=0)
    account.book.on_trade_event(make_event(kind="MISSED", quantity=0.0, working=False))
    book = account.book.read(3)
    assert (book.heat, book.count(), book.working, account.book.open_positions) == (0.0, 0, 0, 0)
    assert account.book.reservations() == {}


def test_book_reserves_each_signal_once_and_gives_back_what_is_not_sent(account: Account) -> None:
    for _ in range(2):
        account.book.reserve(approval(), token=0)
    account.book.reserve(approval(ES, "es", stop=99.0), token=0)
    assert account.book.reserved_risk == account.book.heat() == 1000.0
    assert account.book.reservations()[SIGNAL] == Reservation("BTC.X", "breakout", 500.0)
    for _ in range(2):
        account.book.give_back(SIGNAL)
    account.book.give_back("never heard of")
    assert account.book.reserved_risk == 500.0


def test_book_holds_a_reservation_of_an_earlier_life(account: Account) -> None:
    working = make_event(quantity=0.0, working=True, signal_id=SIGNAL)
    account.book.restore([working], {SIGNAL: Reservation("BTC.X", "breakout", 321.0)})
    book = account.book.read(3)
    assert (book.reserved_risk, book.working) == (321.0, 1)
    assert book.positions == (Held("BTC.X", "crypto", "breakout"),)


def test_book_restored_tells_the_ledger_what_it_holds_and_gives_back_the_rest() -> None:
    ledger = RecordingLedger()
    kept = {"asset_class": "crypto", "strategy": "breakout", "instrument_id": "BTC.X"}
    ledger.held_before = [Claim(key=SIGNAL, reserved=9.0, **kept), Claim(key="gone", reserved=7.0, **kept)]
    working = make_event(quantity=4.0, working=True, signal_id=SIGNAL)
    Account(ledger).book.restore([working], {SIGNAL: Reservation("BTC.X", "breakout", 321.0)})
    assert ledger.told == [
        ("update", Claim(key=SIGNAL, reserved=321.0, open_risk=8.0, **kept)),
        ("release", "gone"),
    ]


def test_book_positions_follow_every_change(account: Account) -> None:
    changes = [
        lambda: account.book.reserve(approval(), token=0),
        lambda: account.book.give_back(SIGNAL),
        lambda: account.book.reserve(approval(), token=0),
        lambda: account.book.on_trade_event(make_event(kind="MISSED", quantity=0.0)),
        lambda: account.book.on_trade_event(make_event()),
        lambda: account.book.on_trade_event(make_event(quantity=0.0)),
    ]
    counts = []
    for change in changes:
        change()
        assert account.book.read(3).positions == account.book.positions()
        counts.append(account.book.read(3).count())
    assert counts == [1, 0, 1, 0, 1, 0]


def test_book_counts_positions_and_working_entries_once_each(account: Account) -> None:
    account.book.reserve(approval(), token=0)
    account.book.reserve(approval(ES, "es", stop=99.0), token=0)
    account.book.on_trade_event(make_event(working=True))  # BTC both open and reserved
    book = account.book.read(3)
    assert book.positions == (Held("BTC.X", "crypto", "breakout"), Held("ES.CME", "future", "breakout"))
    assert (book.count(), book.count("crypto"), book.count("future"), book.count("equity")) == (2, 1, 1, 0)
    assert book.working == 1


def test_book_holds_an_instrument_per_strategy(account: Account) -> None:
    account.book.on_trade_event(make_event())
    account.book.on_trade_event(make_event(trade_id="t2", signal_id="grid/1", strategy="grid"))
    book = account.book.read(3)
    assert book.count("crypto") == 2
    held = [book.holds("BTC.X", strategy) for strategy in ("breakout", "grid", "mean_reversion")]
    assert held == [True, True, False]
    assert not book.holds("ES.CME", "breakout")


# --- what the ledger is told ------------------------------------------------------------------------------------------


def test_book_tells_the_ledger_what_a_trade_holds_from_signal_to_end(shared: Account, ledger: RecordingLedger) -> None:
    assert shared.book.reserve(approval(), token=7)
    for changes in (
        {"quantity": 0.0, "stop": 0.0, "working": True},
        {"quantity": 4.0, "working": True},
        {"quantity": 10.0},
        {"quantity": 10.0, "stop": 99.0},
        {"quantity": 0.0},
    ):
        shared.book.on_trade_event(make_event(**changes))
    assert ledger.told == [
        ("reserve", claim(500.0, 0.0), 7),
        ("update", claim(500.0, 0.0)),
        ("update", claim(500.0, 8.0)),
        ("update", claim(0.0, 20.0)),
        ("update", claim(0.0, 10.0)),
        ("release", SIGNAL),
    ]


def test_book_reserves_nothing_that_the_ledger_does_not_take(shared: Account, ledger: RecordingLedger) -> None:
    ledger.takes = False
    assert not shared.book.reserve(approval(), token=7)
    assert (shared.book.reservations(), shared.book.heat(), shared.book.read(3).count()) == ({}, 0.0, 0)


def test_book_releases_what_is_missed_or_given_back(shared: Account, ledger: RecordingLedger) -> None:
    shared.book.reserve(approval(), token=7)
    shared.book.on_trade_event(make_event(kind="MISSED", quantity=0.0))
    shared.book.reserve(approval(ES, "es", stop=99.0), token=8)
    shared.book.give_back("es")
    assert [one for one in ledger.told if one[0] == "release"] == [("release", SIGNAL), ("release", "es")]


def test_book_tells_its_own_equity_with_every_picture(shared: Account, ledger: RecordingLedger) -> None:
    ledger.shared = Shared(equity=30_000.0)
    shared.book.read(3)
    shared.equity = math.nan
    shared.book.read(4)
    assert ledger.told[0] == ("equity", 50_000.0)
    assert math.isnan(ledger.told[1][1])


# --- what others hold -------------------------------------------------------------------------------------------------


def of_others() -> Sequence[Claim]:
    return (
        claim(100.0, 30.0, key="x", instrument_id="ETH.Y"),
        claim(0.0, 70.0, key="y", instrument_id="BTC.X", strategy="grid"),
        claim(5.0, 0.0, key="z", instrument_id="EURUSD.FX", asset_class="fx"),
    )


def test_book_adds_what_other_processes_hold(shared: Account, ledger: RecordingLedger) -> None:
    ledger.shared = Shared(claims=of_others(), equity=30_000.0, token=41)
    shared.book.reserve(approval(), token=7)
    shared.book.on_trade_event(make_event(trade_id="es", signal_id="es", instrument_id="ES.CME", quantity=1.0))  # 100
    book = shared.book.read(3)
    assert (book.open_risk, book.reserved_risk, book.heat) == (200.0, 605.0, 805.0)
    assert (book.count(), book.count("crypto"), book.count("fx"), book.count("future")) == (5, 3, 1, 1)
    assert (book.equity, shared.book.equity()) == (80_000.0, 80_000.0)
    assert (book.ledger_token, book.ledger_fault) == (41, "")
    assert book.holds("BTC.X", "grid")
    assert book.working == 1, "the working entries of others are theirs to count"
    assert shared.book.heat() == 600.0, "of this process alone"


@pytest.mark.parametrize("known", [math.nan, 50_000.0])
def test_book_equity_is_unknown_when_any_part_of_it_is(shared: Account, ledger: RecordingLedger, known: float) -> None:
    shared.equity = known
    ledger.shared = Shared(equity=30_000.0 if math.isnan(known) else math.nan)
    assert math.isnan(shared.book.read(3).equity)
    assert math.isnan(shared.book.equity())


def test_book_heat_is_unknown_when_that_of_others_is(shared: Account, ledger: RecordingLedger) -> None:
    ledger.shared = Shared(claims=(claim(math.nan, 0.0),))
    assert math.isnan(shared.book.read(3).heat)


def test_book_carries_a_fault_of_the_ledger(shared: Account, ledger: RecordingLedger) -> None:
    ledger.shared = Shared(equity=math.nan, fault="Redis is away")
    assert shared.book.read(3).ledger_fault == "Redis is away"


def test_process_ledger_has_no_others() -> None:
    ledger = ProcessLedger()
    one = claim(500.0, 0.0)
    assert ledger.reserve(one, 0)
    ledger.update(one)
    ledger.tell_equity(1.0)
    assert ledger.read() == Shared()
    ledger.release(one.key)
    ledger.close()
    assert ledger.reserve(one, -1), "nobody else can have added risk"
