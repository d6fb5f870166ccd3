"""The watchdog against a small venue that loses answers, while node and watchdog die at any moment (Spec 9.4)."""

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.watchdog.action import Action, CancelEntry, LookUp, SendClose
from monitoring.watchdog.limits import SECOND_NS, Limits
from monitoring.watchdog.observation import Answer, Fate, Observation, SeenEntry, SeenPosition
from monitoring.watchdog.state import State
from monitoring.watchdog.transition import resume, transition

LIMITS = Limits()
SYMBOLS = ("BTCUSDT", "ETHUSDT")
symbols = st.sampled_from(SYMBOLS)
# What happens to a close on its way: it arrives and answers, arrives unheard, is lost, arrives late, is refused.
WAYS = ("heard", "unheard", "lost", "late", "refused", "not sent", "partly")


class Venue:
    """Positions, entries, closes by name; every close that arrives is written down."""

    def __init__(self) -> None:
        self.positions: dict[str, Decimal] = {}
        self.covered: set[str] = set()
        self.entries: dict[str, str] = {}
        self.closes: dict[str, str] = {}
        self.late: list[SendClose] = []
        self.arrived: list[str] = []

    def execute(self, close: SendClose, share: Decimal = Decimal(1)) -> None:
        assert close.client_id not in self.closes, "a close arrived twice"
        self.arrived.append(close.client_id)
        self.closes[close.client_id] = "OVER"
        held = self.positions.get(close.symbol, Decimal(0))
        if held * close.side < 0:  # reduce-only
            left = abs(held) - min(abs(held), close.quantity) * share
            self.positions[close.symbol] = left.copy_sign(held)
        if not self.positions.get(close.symbol):
            self.positions.pop(close.symbol, None)

    def fill_late(self) -> None:
        for close in self.late:
            self.execute(close)
        self.late.clear()


class World:
    def __init__(self) -> None:
        self.venue = Venue()
        self.now_ns = 1_700_000_000 * SECOND_NS
        self.beat_ns = self.now_ns
        self.beats = True
        self.sees = True
        self.way = "heard"
        self.disk = msgspec.json.encode(State())
        self.state: State | None = None
        self.answers: list[Answer] = []
        self.sent: set[str] = set()
        self.silent_ns = 0
        self.bare_ns: dict[str, int] = dict.fromkeys(SYMBOLS, 0)
        self.number = 0

    # --- what happens ---

    def enter(self, symbol: str, quantity: int, covered: bool) -> None:
        self.venue.positions[symbol] = Decimal(quantity)
        self.move_stop(symbol, covered)

    def work_entry(self, symbol: str) -> None:
        self.number += 1
        self.venue.entries[f"EN{self.number}"] = symbol

    def move_stop(self, symbol: str, covered: bool) -> None:
        (self.venue.covered.add if covered else self.venue.covered.discard)(symbol)

    def set(self, name: str, value: object) -> None:
        setattr(self, name, value)

    def deliver_late(self) -> None:
        self.venue.fill_late()

    # --- the watchdog ---

    def look(self, secs: int, count: int, dies_after: int) -> None:
        """Look some times; perhaps die after some actions of the last look: its state is on disk, the rest is lost."""
        for number in range(count):
            self._tick(secs, dies_after if number == count - 1 else 99)

    def die(self) -> None:
        self.state, self.answers = None, []

    def _tick(self, secs: int, dies_after: int = 99) -> None:
        self.now_ns += secs * SECOND_NS
        if self.beats:
            self.beat_ns, self.silent_ns = self.now_ns, 0
        else:
            self.silent_ns += secs * SECOND_NS
        for symbol in SYMBOLS:
            bare = symbol in self.venue.positions and symbol not in self.venue.covered
            self.bare_ns[symbol] = self.bare_ns[symbol] + secs * SECOND_NS if bare else 0
        seen = self._observe()
        if self.state is None:
            self.state, _ = resume(msgspec.json.decode(self.disk, type=State), seen, LIMITS)
        before = self.state
        self.state, actions = transition(self.state, seen, LIMITS)
        self.disk = msgspec.json.encode(self.state)
        self._judge(before, actions, seen)
        for number, action in enumerate(actions):
            if number >= dies_after:
                self.die()
                return
            self._do(action)

    def _observe(self) -> Observation:
        answers, self.answers = tuple(self.answers), []
        positions = tuple(
            SeenPosition(symbol, held, Decimal(0) if symbol in self.venue.covered else abs(held))
            for symbol, held in self.venue.positions.items()
        )
        entries = tuple(SeenEntry(symbol, name) for name, symbol in self.venue.entries.items())
        return Observation(
            now_ns=self.now_ns,
            beat_ns=self.beat_ns,
            positions=positions if self.sees else None,
            entries=entries if self.sees else None,
            answers=answers,
        )

    def _do(self, action: Action) -> None:
        if isinstance(action, CancelEntry) and self.sees:
            self.venue.entries.pop(action.venue_name, None)
        elif isinstance(action, SendClose):
            self._send(action)
        elif isinstance(action, LookUp):
            self._look_up(action)

    def _send(self, close: SendClose) -> None:
        assert close.client_id not in self.sent, "a close was sent twice"
        self.sent.add(close.client_id)
        if self.way in ("heard", "unheard"):
            self.venue.execute(close)
        elif self.way == "partly":
            self.venue.execute(close, Decimal("0.5"))
        elif self.way == "late":
            self.venue.late.append(close)
        fates = {"heard": Fate.OVER, "partly": Fate.OVER, "refused": Fate.REFUSED, "not sent": Fate.NOT_SENT}
        self.answers.append(Answer(close.client_id, fates.get(self.way, Fate.UNKNOWN)))

    def _look_up(self, question: LookUp) -> None:
        if not self.sees:
            self.answers.append(Answer(question.client_id, Fate.UNKNOWN))
        elif question.client_id in self.venue.closes:
            self.answers.append(Answer(question.client_id, Fate.OVER))
        elif question.client_id in {close.client_id for close in self.venue.late}:
            self.answers.append(Answer(question.client_id, Fate.WORKING))
        else:
            self.answers.append(Answer(question.client_id, Fate.ABSENT))

    # --- what must hold ---

    def _judge(self, before: State, actions: tuple[Action, ...], seen: Observation) -> None:
        answered = {answer.client_id for answer in seen.answers}
        for action in actions:
            if isinstance(action, SendClose):
                held = self.venue.positions[action.symbol]
                assert held * action.side < 0, "a close would open"
                assert action.quantity <= abs(held)
                open_closes = [one for one in before.closes if one.symbol == action.symbol]
                assert all(one.client_id in answered for one in open_closes), "closed again with one unanswered"
            if isinstance(action, CancelEntry):
                assert action.venue_name in self.venue.entries, "something else than an entry was cancelled"
        if before.phase == "WATCHING" and self.state is not None and self.state.phase == "CLEARING":
            silent = self.silent_ns > 0
            bare = any(self.bare_ns.values())
            assert silent or bare, "tripped with a living node and protected positions"
        if before.phase == "WATCHING":
            assert not any(isinstance(action, SendClose | CancelEntry) for action in actions)

    def end(self) -> None:
        """With a silent node and a venue that works again, the account gets flat whatever has happened before."""
        self.beats, self.sees, self.way = False, True, "heard"
        self.venue.fill_late()
        for _ in range(200):
            self._tick(1)
        assert self.venue.positions == {}
        assert self.venue.entries == {}
        assert self.state is not None
        assert self.state.phase == "GUARDING"
        assert self.state.closes == ()


quantities = st.sampled_from([-3, -1, 1, 2])
changes = st.one_of(
    st.builds(lambda *args: ("enter", args), symbols, quantities, st.booleans()),
    st.builds(lambda *args: ("work_entry", args), symbols),
    st.builds(lambda *args: ("move_stop", args), symbols, st.booleans()),
    st.builds(lambda value: ("set", ("beats", value)), st.booleans()),
    st.builds(lambda value: ("set", ("sees", value)), st.booleans()),
    st.builds(lambda value: ("set", ("way", value)), st.sampled_from(WAYS)),
    st.just(("deliver_late", ())),
    st.just(("die", ())),
)
looks = st.tuples(st.sampled_from([1, 1, 4, 11, 25]), st.integers(1, 12), st.integers(0, 12))
dying = st.sampled_from([("set", ("beats", False)), ("move_stop", ("BTCUSDT", False))])


@settings(max_examples=150)
@given(
    st.tuples(quantities, quantities),
    st.sampled_from(WAYS),
    dying,
    st.lists(st.tuples(changes, looks), max_size=12),
)
def test_watchdog_closes_what_it_must_once_and_ends_flat(
    held: tuple[int, int], way: str, first: tuple[str, Any], story: list[tuple[tuple[str, Any], tuple[int, int, int]]]
) -> None:
    world = World()
    for symbol, quantity in zip(SYMBOLS, held, strict=True):
        world.enter(symbol, quantity, True)
    world.look(1, 5, 99)
    world.way = way
    for (name, arguments), (secs, count, dies_after) in [(first, (11, 7, 99)), *story]:
        getattr(world, name)(*arguments)
        world.look(secs, count, dies_after)
    world.end()
