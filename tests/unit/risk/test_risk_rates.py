"""What a unit of one currency is worth in another (D22, D32)."""

import math

import pytest

from risk.rates import Pair, Rates

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
