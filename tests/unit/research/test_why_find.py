from pathlib import Path

import pytest
from why_journal import BTC, ETH, HOUR, NOON, Handmade, make_signal, trade_id

from errors import ConfigError
from research.why.history import History

LATER = NOON + HOUR


@pytest.fixture
def history(tmp_path: Path) -> History:
    """Three signals: BTC twice, ETH once; only the first has a trade."""
    made = Handmade(tmp_path)
    made.open(make_signal())
    made.signal(make_signal(ETH))
    made.signal(make_signal(at=LATER))
    return made.read()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(f"breakout/{BTC}/{NOON}", f"breakout/{BTC}/{NOON}", id="whole"),
        pytest.param(str(LATER), f"breakout/{BTC}/{LATER}", id="its time"),
        pytest.param(str(LATER)[:10], f"breakout/{BTC}/{LATER}", id="the begin of its time"),
        pytest.param("ETH", f"breakout/{ETH}/{NOON}", id="instrument"),
        pytest.param("eth", f"breakout/{ETH}/{NOON}", id="any case"),
        pytest.param(f"BTC/{NOON}", f"breakout/{BTC}/{NOON}", id="pieces"),
        pytest.param(trade_id(make_signal()), f"breakout/{BTC}/{NOON}", id="trade"),
    ],
)
def test_find_signal_by_id_part_or_trade(history: History, text: str, found: str) -> None:
    assert history.find_signal(text) == found


def test_find_signal_whole_id_wins_over_longer_ones(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    short = made.signal(make_signal(signal_id="breakout/BTC/1"))
    made.signal(make_signal(signal_id="breakout/BTC/12"))
    assert made.read().find_signal("breakout/BTC/1") == short.signal_id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("BTC", f"--signal BTC: 2 signals are called so: breakout/{BTC}/{NOON}, breakout/{BTC}/{LATER}",
                     id="several"),
        pytest.param(f"breakout/{BTC}/{NOON + 1}", f"is called so; close to it: breakout/{BTC}/{NOON}, ", id="close"),
        pytest.param(f"{NOON}/BTC", "none of the 3 signals in ", id="pieces in the wrong order"),
        pytest.param("", "none of the 3 signals in ", id="nothing"),
    ],
)  # fmt: skip
def test_find_signal_that_is_not_one_says_which_are(history: History, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        history.find_signal(text)
    assert said in str(caught.value)


def test_find_signal_shows_a_few_of_many(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    for hour in range(7):
        made.signal(make_signal(at=NOON + hour * HOUR))
    with pytest.raises(ConfigError, match=r"7 signals are called so: (breakout/\S+, ){4}breakout/\S+, and 2 more$"):
        made.read().find_signal("breakout")


@pytest.mark.parametrize(
    ("text", "others", "found"),
    [
        pytest.param(BTC, (), BTC, id="whole"),
        pytest.param("btc", (), BTC, id="part in any case"),
        pytest.param("SOL", ("SOL.X",), "SOL.X", id="of the configuration only"),
        pytest.param(ETH, (f"{ETH}2",), ETH, id="whole wins over longer"),
    ],
)
def test_find_instrument_by_id_or_part(history: History, text: str, others: tuple[str, ...], found: str) -> None:
    assert history.find_instrument(text, others) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("USDT", f"--instrument USDT: 2 instruments are called so: {BTC}, {ETH}"),
        ("SOL", f"(there are: {BTC}, {ETH})"),
    ],
)
def test_find_instrument_that_is_not_one_says_which_are(history: History, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        history.find_instrument(text)
    assert said in str(caught.value)


def test_find_instrument_in_a_journal_of_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there are: none: it has no signals"):
        Handmade(tmp_path).read().find_instrument("BTC")
