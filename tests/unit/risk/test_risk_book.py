"""What the gate knows of the account: open risk, reservations, rates (D19, D20, D22)."""

import math

import pytest
from risk_values import BTC, ES, EURUSD, make_event

from risk.book import RiskBook
from risk.ledger import Ledger
from risk.rates import Pair, Rates

MARKETS = {market.instrument_id: market for market in (BTC, EURUSD, ES)}


class Account:
    """An account whose equity and rates the test sets."""

    def __init__(self) -> None:
        self.equity = 50_000.0
        self.rates = dict.fromkeys(MARKETS, 1.0)
        self.ledger = Ledger()
        self.book = RiskBook(
            asset_classes={name: market.asset_class for name, market in MARKETS.items()},
            multipliers={name: market.multiplier for name, market in MARKETS.items()},
            equity=lambda: self.equity,
            rate=lambda name: self.rates[name],
            ledger=self.ledger,
        )


@pytest.fixture
def account() -> Account:
    return Account()


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


def test_book_open_risk_uses_multiplier_and_rate(account: Account) -> None:
    account.rates = {"BTC.X": 1.0, "EURUSD.FX": 0.5, "ES.CME": 2.0}
    account.book.on_trade_event(make_event(trade_id="fx", instrument_id="EURUSD.FX"))  # 2 * 10 * 1 * 0.5
    account.book.on_trade_event(make_event(trade_id="es", instrument_id="ES.CME", quantity=1.0))  # 2 * 1 * 50 * 2
    assert account.book.read(3).open_risk == pytest.approx(210.0)
    assert account.book.heat() == pytest.approx(210.0)


def test_book_open_risk_with_unknown_rate_is_unknown(account: Account) -> None:
    account.rates["BTC.X"] = math.nan
    account.book.on_trade_event(make_event())
    assert math.isnan(account.book.read(3).heat)


def test_book_keeps_the_reservation_while_the_entry_works(account: Account) -> None:
    account.ledger.reserve("breakout/BTC.X/1", "BTC.X", 20.0)
    account.book.on_trade_event(make_event(quantity=0.0, stop=0.0, working=True))
    assert (account.book.read(3).open_risk, account.book.read(3).reserved_risk) == (0.0, 20.0)
    account.book.on_trade_event(make_event(quantity=4.0, working=True))  # partly filled: the rest may still come
    book = account.book.read(3)
    assert (book.open_risk, book.reserved_risk, book.count()) == (8.0, 20.0, 1)
    account.book.on_trade_event(make_event(quantity=10.0, working=False))
    book = account.book.read(3)
    assert (book.open_risk, book.reserved_risk, book.count()) == (20.0, 0.0, 1)


def test_book_gives_the_reservation_back_when_the_entry_is_gone(account: Account) -> None:
    account.ledger.reserve("breakout/BTC.X/1", "BTC.X", 20.0)
    account.book.on_trade_event(make_event(kind="MISSED", quantity=0.0, working=False))
    book = account.book.read(3)
    assert (book.heat, book.count(), account.book.open_positions) == (0.0, 0, 0)


def test_book_forgets_a_closed_trade(account: Account) -> None:
    account.book.on_trade_event(make_event())
    assert account.book.open_positions == 1
    account.book.on_trade_event(make_event(quantity=0.0))
    assert account.book.open_positions == 0
    assert account.book.read(3).positions == {}


def test_book_counts_positions_and_working_entries_once_each(account: Account) -> None:
    account.ledger.reserve("breakout/ES.CME/1", "ES.CME", 1.0)
    account.ledger.reserve("breakout/BTC.X/1", "BTC.X", 1.0)
    account.book.on_trade_event(make_event(working=True))  # BTC both open and reserved
    book = account.book.read(3)
    assert book.positions == {"BTC.X": "crypto", "ES.CME": "future"}
    assert (book.count(), book.count("crypto"), book.count("future"), book.count("equity")) == (2, 1, 1, 0)


def test_book_reads_equity_when_asked(account: Account) -> None:
    assert account.book.read(3).equity == 50_000.0
    account.equity = math.nan
    assert math.isnan(account.book.read(4).equity)
    assert account.book.read(4).ts_ns == 4


def test_ledger_reserves_and_releases_each_signal_once() -> None:
    ledger = Ledger()
    ledger.reserve("a", "BTC.X", 10.0)
    ledger.reserve("a", "BTC.X", 10.0)  # the same approval again
    ledger.reserve("b", "ETH.X", 5.0)
    assert (ledger.reserved_risk(), ledger.instruments()) == (15.0, {"BTC.X", "ETH.X"})
    ledger.release("a")
    ledger.release("a")
    ledger.release("never")
    assert (ledger.reserved_risk(), ledger.instruments()) == (5.0, {"ETH.X"})
    ledger.release("b")
    assert (ledger.reserved_risk(), ledger.instruments()) == (0.0, set())


PAIRS = {"EURUSD.FX": Pair("EUR", "USD"), "USDJPY.FX": Pair("USD", "JPY"), "EURGBP.FX": Pair("EUR", "GBP")}
PRICES = {"EURUSD.FX": 1.25, "USDJPY.FX": 160.0, "EURGBP.FX": 0.8}


@pytest.mark.parametrize(
    ("account", "currency", "rate"),
    [
        pytest.param("USD", "USD", 1.0, id="same"),
        pytest.param("USD", "EUR", 1.25, id="direct"),
        pytest.param("USD", "JPY", 1.0 / 160.0, id="inverse"),
        pytest.param("USD", "GBP", math.nan, id="no-route-is-unknown"),
        pytest.param("EUR", "GBP", 1.25, id="inverse-of-0.8"),
        pytest.param("USD", "XXX", math.nan, id="unheard-of"),
    ],
)
def test_rates_convert_to_account_money(account: str, currency: str, rate: float) -> None:
    rates = Rates(account, PAIRS, PRICES.__getitem__)
    assert rates.of_currency(currency) == pytest.approx(rate, nan_ok=True)
    assert rates.has(currency) is not math.isnan(rate)


def test_rates_of_instrument_is_that_of_its_quote_currency() -> None:
    rates = Rates("USD", PAIRS, PRICES.__getitem__)
    assert rates.of_instrument("EURUSD.FX") == 1.0
    assert rates.of_instrument("USDJPY.FX") == 1.0 / 160.0
    assert math.isnan(rates.of_instrument("EURGBP.FX"))


def test_rates_without_a_price_are_unknown() -> None:
    rates = Rates("USD", PAIRS, lambda _name: math.nan)
    assert math.isnan(rates.of_currency("EUR"))
    assert math.isnan(rates.of_currency("JPY"))


def test_rates_follow_the_price() -> None:
    prices = dict(PRICES)
    rates = Rates("USD", PAIRS, prices.__getitem__)
    prices["USDJPY.FX"] = 80.0
    assert rates.of_currency("JPY") == 1.0 / 80.0


def test_rates_with_a_price_of_zero_are_unknown() -> None:
    rates = Rates("USD", PAIRS, lambda _name: 0.0)
    assert math.isnan(rates.of_currency("JPY"))
