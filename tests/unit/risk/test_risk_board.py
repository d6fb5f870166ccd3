"""The breakers and what they remember, on a real database (Spec 5.5; D25, D29 - D31)."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from breaker_values import MON, TUE, at

from errors import StateError
from memory.config import MemoryConfig
from memory.memory import Memory
from memory.store import Store, open_store
from risk.board import KEY, KIND, BreakerBoard, load_state
from risk.breakers.events import (
    ApiBanned,
    ApiCounted,
    EquitySeen,
    Event,
    HandKill,
    HandReset,
    OrderFilled,
    TradeEnded,
    TradeOpened,
)
from risk.config import BreakerLimits, RiskConfig
from risk.messages import BreakerEvent

NOON = at(MON)
SEC = 1_000_000_000


class Life:
    """One life of a process: a board on a database."""

    def __init__(self, store: Store, config: RiskConfig) -> None:
        self.store = store
        self.memory = Memory(store)
        self.board = BreakerBoard(config, every_day=True, memory=self.memory)

    def apply(self, *events: Event) -> list[BreakerEvent]:
        told: list[BreakerEvent] = []
        for event in events:
            with self.memory.unit():
                told += self.board.apply(event)
        return told

    @property
    def writes(self) -> int:
        return self.store.version(KIND, KEY)

    @property
    def closed(self) -> set[str]:
        return {check.rule for check in self.board.checks() if not check.passed}


class Lives:
    """Processes one after the other; each ends without a word, as if it had been killed."""

    def __init__(self, folder: Path) -> None:
        self._memory = MemoryConfig(backend="sqlite", path=str(folder / "risk.sqlite"))
        self._store: Store | None = None

    def begin(self, config: RiskConfig | None = None) -> Life:
        self.end()
        self._store = open_store(self._memory)
        return Life(self._store, config or RiskConfig())

    def end(self) -> None:
        if self._store is not None:
            self._store.close()


@pytest.fixture
def lives(tmp_path: Path) -> Iterator[Lives]:
    found = Lives(tmp_path)
    yield found
    found.end()


CLOSING = {
    "kill_switch": [HandKill(NOON, "ana", "fire")],
    "drawdown": [EquitySeen(NOON, 50_000.0), EquitySeen(NOON + SEC, 40_000.0)],
    "weekly_loss": [EquitySeen(NOON, 50_000.0), EquitySeen(NOON + SEC, 46_000.0)],
    "daily_loss": [EquitySeen(NOON, 50_000.0), EquitySeen(NOON + SEC, 48_500.0)],
    "api_errors": [ApiCounted(NOON, 100, 11)],
    "slippage": [OrderFilled(NOON, 0.001, 0.006)],
}


@pytest.mark.parametrize("name", CLOSING)
def test_board_stays_closed_over_a_restart(lives: Lives, name: str) -> None:
    first = lives.begin()
    first.apply(*CLOSING[name])
    state, checks = first.board.state.tobytes(), first.board.checks()
    assert name in first.closed
    second = lives.begin()
    assert second.board.checks() == checks
    assert second.board.state.tobytes() == state


def test_board_goes_on_counting_over_restarts(lives: Lives) -> None:
    for _ in range(5):
        life = lives.begin()
        assert life.board.size_factor == 1.0
        life.apply(TradeEnded(NOON, -1.0))
    for _ in range(10):
        assert lives.begin().board.size_factor == 0.5
        life = lives.begin()
        life.apply(TradeOpened(NOON))
    assert lives.begin().board.size_factor == 1.0
    assert lives.begin().board.trades_on(NOON) == 10


def test_board_peak_and_openings_survive_a_restart(lives: Lives) -> None:
    lives.begin().apply(EquitySeen(NOON, 60_000.0), EquitySeen(at(MON, 24.0), 52_000.0))
    life = lives.begin()
    told = life.apply(EquitySeen(at(TUE), 51_000.0))
    assert [(event.breaker, event.observed) for event in told if event.kind == "TRIPPED"] == [("drawdown", 0.15)]
    told = life.apply(EquitySeen(at(TUE, 13.0), 50_440.0))  # 3 % of 52 000
    assert [(event.breaker, event.observed) for event in told if event.kind == "TRIPPED"] == [("daily_loss", 0.03)]


def test_board_takes_a_reset_along(lives: Lives) -> None:
    lives.begin().apply(ApiBanned(NOON))
    lives.begin().apply(HandReset(NOON, "api_errors", "ana", "it was a test"))
    assert lives.begin().closed == set()


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (EquitySeen(NOON + 1, 50_001.0), "a new peak"),
        (EquitySeen(NOON + 1, 49_000.0), "a warning"),
        (EquitySeen(NOON + 1, 48_500.0), "a breaker closed"),
        (EquitySeen(at(MON, 24.0), 50_000.0), "a new day"),
        (TradeOpened(NOON + 1), "one more trade"),
        (TradeEnded(NOON + 1, -1.0), "one more loss"),
        (OrderFilled(NOON + 1, 0.001, 0.004), "one more alarm"),
        (ApiCounted(NOON + 1, 100, 6), "a warning"),
        (HandKill(NOON + 1, "ana", "fire"), "a hand"),
    ],
)
def test_board_writes_at_once_what_must_not_be_lost(lives: Lives, event: Event, why: str) -> None:
    life = lives.begin()
    life.apply(EquitySeen(NOON, 50_000.0))
    assert life.writes == 1
    life.apply(event)
    assert life.writes == 2, why
    state = life.board.state.tobytes()
    assert lives.begin().board.state.tobytes() == state


@pytest.mark.parametrize(
    ("later_ns", "writes"),
    [
        pytest.param(SEC, 1, id="a-second-later"),
        pytest.param(10 * SEC - 1, 1, id="just-under-10-s"),
        pytest.param(10 * SEC, 2, id="10-s-later"),
    ],
)
def test_board_writes_mere_equity_every_ten_seconds(lives: Lives, later_ns: int, writes: int) -> None:
    life = lives.begin()
    life.apply(EquitySeen(NOON, 50_000.0), EquitySeen(NOON + later_ns, 49_900.0))
    assert life.writes == writes
    assert float(lives.begin().board.state[0].equity) == (50_000.0 if writes == 1 else 49_900.0)


def test_board_writes_mere_equity_ten_seconds_after_the_last_write(lives: Lives) -> None:
    life = lives.begin()
    life.apply(EquitySeen(NOON, 50_000.0), *(EquitySeen(NOON + n * SEC // 2, 49_900.0 + n) for n in range(1, 100)))
    assert life.writes == 1 + 4  # at 10, 20, 30 and 40 s of 49.5
    life.apply(TradeOpened(NOON + 50 * SEC))
    life.apply(EquitySeen(NOON + 59 * SEC, 49_800.0))
    assert life.writes == 6
    life.apply(EquitySeen(NOON + 60 * SEC, 49_800.0))
    assert life.writes == 7


def test_board_writes_nothing_when_nothing_is_new(lives: Lives) -> None:
    life = lives.begin()
    life.apply(EquitySeen(NOON, 50_000.0), EquitySeen(NOON + 1, math.nan), TradeEnded(NOON + 2, 5.0))
    assert life.writes == 1


@pytest.mark.parametrize("body", [b"not json", b"[1, 2]", b'{"equity": "much"}', b""])
def test_board_does_not_start_on_a_state_it_cannot_read(lives: Lives, body: bytes) -> None:
    lives.begin().store.put(KIND, KEY, body)
    with pytest.raises(StateError, match="the state of the breakers cannot be read"):
        lives.begin()


@pytest.mark.parametrize("expected", [0.0, math.nan], ids=["zero", "nan"])
def test_board_can_read_what_unknown_slippage_left(lives: Lives, expected: float) -> None:
    lives.begin().apply(*[OrderFilled(NOON, expected, 0.01)] * 5)
    assert "slippage" in lives.begin().closed


def test_board_can_read_what_an_empty_account_left(lives: Lives) -> None:
    lives.begin().apply(EquitySeen(NOON, 0.0))
    assert lives.begin().memory.is_kept


def test_board_of_a_new_account_is_open(lives: Lives) -> None:
    life = lives.begin()
    assert life.closed == set()
    assert (life.board.size_factor, life.board.trades_on(NOON), life.board.shuts_down) == (1.0, 0, False)
    assert load_state(Memory()).tobytes() == life.board.state.tobytes()


def test_board_without_a_memory_works_and_keeps_nothing() -> None:
    board = BreakerBoard(RiskConfig(), every_day=True, memory=Memory())
    board.apply(EquitySeen(NOON, 50_000.0))
    board.apply(EquitySeen(NOON + 1, 48_500.0))
    assert [check.rule for check in board.checks() if not check.passed] == ["daily_loss"]


@pytest.mark.parametrize(
    ("events", "shuts_down"),
    [
        pytest.param(CLOSING["drawdown"], True, id="D29-drawdown"),
        pytest.param(CLOSING["daily_loss"], False, id="D25-a-daily-loss-leaves-positions-alone"),
        pytest.param([HandKill(NOON, "ana", "fire")], False, id="D31-entries-only"),
        pytest.param([HandKill(NOON, "ana", "fire", True)], True, id="D31-positions-too"),
    ],
)
def test_board_says_when_positions_must_be_closed(lives: Lives, events: list[Event], shuts_down: bool) -> None:
    lives.begin().apply(*events)
    assert lives.begin().board.shuts_down is shuts_down


def test_board_goes_by_its_limits(lives: Lives) -> None:
    config = RiskConfig(breaker_limits=BreakerLimits(daily_loss_frac=0.02))
    life = lives.begin(config)
    life.apply(EquitySeen(NOON, 50_000.0), EquitySeen(NOON + 1, 49_000.0))
    assert life.closed == {"daily_loss"}
    assert next(check.limit for check in life.board.checks() if check.rule == "daily_loss") == 0.02


# --- breakers = false: research only ----------------------------------------------------------------------------------


def test_board_off_closes_for_nothing_but_a_kill(lives: Lives) -> None:
    life = lives.begin(RiskConfig(breakers=False))
    for events in (*list(CLOSING.values())[1:], [TradeEnded(NOON, -1.0)] * 9):
        assert life.apply(*events) == []
    assert (life.board.checks(), life.board.size_factor, life.board.shuts_down) == ((), 1.0, False)
    told = life.apply(HandKill(NOON, "ana", "fire", True))
    assert [(event.breaker, event.kind) for event in told] == [("kill_switch", "TRIPPED")]
    assert (life.closed, life.board.shuts_down) == ({"kill_switch"}, True)
    assert life.board.refuse(HandReset(NOON, "kill_switch", "ana", "over")) == ""
    life.apply(HandReset(NOON, "kill_switch", "ana", "over"))
    assert life.board.checks() == ()


def test_board_off_keeps_closed_only_what_a_hand_has_closed(lives: Lives) -> None:
    lives.begin().apply(*CLOSING["daily_loss"])
    life = lives.begin(RiskConfig(breakers=False))
    life.apply(EquitySeen(at(TUE), 48_500.0))
    assert life.closed == set()


def test_board_off_forgives_no_loss_streak_of_an_earlier_life(lives: Lives) -> None:
    lives.begin().apply(*[TradeEnded(NOON, -1.0)] * 5)
    assert lives.begin(RiskConfig(breakers=False)).board.size_factor == 1.0
    assert lives.begin().board.size_factor == 0.5


def test_board_off_still_counts_the_trades_of_the_day(lives: Lives) -> None:
    life = lives.begin(RiskConfig(breakers=False))
    life.apply(*[TradeOpened(NOON)] * 20)
    assert life.board.trades_on(NOON) == 20


def test_board_refuses_a_hand_with_words(lives: Lives) -> None:
    life = lives.begin()
    wish = HandReset(NOON, "api_errors", "ana", "why not")
    assert life.board.refuse(wish) == "api_errors is not closed: there is nothing to reset"
    life.apply(ApiBanned(NOON))
    assert life.board.refuse(wish) == ""


def test_board_counts_the_trades_of_a_day(lives: Lives) -> None:
    life = lives.begin()
    life.apply(EquitySeen(NOON, 50_000.0), *[TradeOpened(NOON)] * 3)
    assert life.board.trades_on(NOON) == 3
    life.apply(EquitySeen(at(MON, 24.0), 50_000.0))
    assert life.board.trades_on(at(TUE, 0.0)) == 0


def test_board_counts_a_trade_before_the_first_look_of_its_day(lives: Lives) -> None:
    life = lives.begin()
    life.apply(EquitySeen(NOON, 50_000.0), TradeOpened(at(TUE, 0.1)), EquitySeen(at(TUE, 0.25), 50_000.0))
    assert life.board.trades_on(at(TUE, 0.5)) == 1
