"""Which values a running system may be told anew, and that new rules know every bar."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from catalog.candles import Candles
from configs.load import load
from errors import ConfigError, VenueError
from live.config import LiveConfig
from live.reload.changes import changes_of
from live.reload.preparation import Preparation, make_rules
from live.stage import ROOT

NAME = "BTCUSDT-PERP.BINANCE"
FILE = ROOT / "configs" / "live" / "demo.toml"
STEP_NS = 900_000_000_000
END_NS = 1_717_500_600_000_000_000


def config(**values: Any) -> LiveConfig:
    dotted = {key.replace("__", "."): value for key, value in values.items()}
    return load(LiveConfig, FILE, (), dotted)


def test_changes_name_old_and_new_values():
    found = changes_of(config(), config(strategy__donchian_bars=30, risk__max_heat_frac=0.04, exits__trail_atr=1.0))
    assert found == {
        "exits.trail_atr": (2.0, 1.0), "risk.max_heat_frac": (0.05, 0.04), "strategy.donchian_bars": (20, 30),
    }  # fmt: skip
    assert changes_of(config(), config()) == {}
    assert changes_of(config(), config(entry__cancel_secs=40)) == {"entry.cancel_secs": (30, 40)}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"instruments": ["ETHUSDT-PERP.BINANCE"]},
        {"timeframe__signal": "30m"},
        {"venue__backstop": False},
        {"costs__maker_frac": 0.0},
        {"live__environment": "paper"},
        {"live__state_dir": "elsewhere"},
        {"live__record": True},
        {"memory__account": "b"},
        {"ledger__backend": "redis", "ledger__owner": "a"},
        {"profile": "swing"},
        {"risk__correlation_days": 40},
    ],
    ids=lambda change: next(iter(change)),
)
def test_change_that_needs_a_restart_is_refused_by_its_key(change):
    key = next(iter(change)).replace("__", ".")
    with pytest.raises(
        ConfigError, match=rf"^{key}.* cannot change while the system runs .*start it with the new file"
    ):
        changes_of(config(), config(strategy__donchian_bars=30, **change))


class History:
    """A venue that has candles; nothing else is asked of it."""

    def __init__(self, candles: Candles | None) -> None:
        self._candles = candles

    def klines(self, _symbol: str, _interval: str, start_ms: int, end_ms: int) -> Candles:
        if self._candles is None:
            raise VenueError("the venue is away")
        opens_ms = self._candles.ts_open_ns // 1_000_000
        return self._candles.take((opens_ms >= start_ms) & (opens_ms + STEP_NS // 1_000_000 <= end_ms))


def candles() -> Candles:
    random = np.random.default_rng(3)
    count = 4_000
    close = 50_000.0 * np.exp(np.cumsum(random.normal(0.0, 0.002, count)))
    open_ns = END_NS - np.arange(count, 0, -1) * STEP_NS
    return Candles(open_ns, close, close * 1.001, close * 0.999, close, random.uniform(1.0, 9.0, count))


def prepared(new: LiveConfig, closed_ns: Mapping[str, int], history: Candles | None) -> Preparation:
    found = Preparation(new, closed_ns, client=lambda: History(history))  # type: ignore[arg-type,return-value]
    found._thread.join(20.0)
    assert found.is_done
    return found


def state_of(rules: Any) -> list[list[Any]]:
    return [array.tolist() for array in rules.buffers if isinstance(array, np.ndarray)]


def test_new_rules_know_history_and_what_came_meanwhile_as_if_they_had_always_run():
    new, everything = config(strategy__donchian_bars=30), candles()
    last_ns = END_NS - 3 * STEP_NS
    ready = prepared(new, {NAME: last_ns}, everything)
    for row in range(len(everything) - 3, len(everything) - 1):
        one = everything.take(slice(row, row + 1))
        ready.take(
            (NAME, int(one.ts_open_ns[0]) + STEP_NS, *(float(c[0]) for c in (one.high, one.low, one.close, one.volume)))
        )
    ready.take_candles(NAME, everything.take(slice(len(everything) - 1, None)))
    fresh = make_rules(new)
    first_ns = last_ns - 31 * 86_400_000_000_000
    fresh.warm_up(everything.take(everything.ts_open_ns >= first_ns), STEP_NS)
    assert state_of(ready.finish()[NAME]) == state_of(fresh)


def test_history_that_cannot_be_had_is_an_error_and_no_rules():
    ready = prepared(config(), {NAME: END_NS}, None)
    assert ready.error == "the venue is away"


def test_real_money_needs_an_approval_of_the_new_configuration(tmp_path):
    real = config(live__environment="live", live__approval=str(tmp_path), live__http_url="", live__ws_url="")
    ready = prepared(real, {NAME: END_NS}, candles())
    assert "approv" in ready.error


def test_request_survives_the_memory(tmp_path):
    from live.reload.documents import REQUEST, Request, load_requests
    from memory.config import MemoryConfig
    from memory.memory import Memory
    from memory.store import open_store

    memory = Memory(open_store(MemoryConfig(backend="sqlite", path=str(tmp_path / "risk.sqlite"))))
    asked = Request(ts_ns=1, config=config(strategy__donchian_bars=30), operator="me")
    memory.put(REQUEST, "a", asked)
    memory.put(REQUEST, "b", b'{"ts_ns":1}')
    memory.flush_strictly()
    found = load_requests(memory)
    memory.close()
    assert found["a"] == asked
    assert found["a"].config.hash == asked.config.hash
    assert "cannot be read" in str(found["b"])
    assert msgspec.json.decode(msgspec.json.encode(asked), type=Request) == asked


def test_request_of_an_earlier_life_is_refused_at_the_start(tmp_path):
    """A wish that nobody took up must not count for a system that was started with a file of its own."""
    from types import SimpleNamespace

    from live.reload.documents import ANSWER, REQUEST, Answer, Request, load_running
    from live.reload.reloads import Reloads
    from memory.config import MemoryConfig
    from memory.memory import Memory
    from memory.store import open_store

    memory = Memory(open_store(MemoryConfig(backend="sqlite", path=str(tmp_path / "risk.sqlite"))))
    memory.put(REQUEST, "key", Request(ts_ns=1, config=config(strategy__donchian_bars=30), operator="me"))
    memory.flush_strictly()
    Reloads(SimpleNamespace(memory=memory, folder=tmp_path, config=config())).begin()  # type: ignore[arg-type]
    answer = msgspec.json.decode(memory.get(ANSWER, "key") or b"", type=Answer)
    found = memory.all(REQUEST), load_running(memory).hash
    memory.close()
    assert "started anew" in answer.refused
    assert found == ({}, config().hash)
    assert load(LiveConfig, tmp_path / f"config-{config().hash}.toml") == config()
