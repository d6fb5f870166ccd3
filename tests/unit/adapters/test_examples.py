"""The examples in docstrings of what speaks to the venue and watches over it."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "adapters.binance.answers",
        "adapters.binance.candle_pages",
        "adapters.binance.names",
        "adapters.binance.picture",
        "adapters.binance.signing",
        "execution.audit.cover",
        "monitoring.watchdog.closing",
        "operations.watchdog.diary",
    ],
)
def test_examples_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert result.attempted > 0
