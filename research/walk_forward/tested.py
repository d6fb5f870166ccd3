"""Try the choice of every window on what came after it."""

from collections.abc import Sequence

import msgspec

from research.equity_curve import DAY_NS
from research.walk_forward.choose import Choice, choose
from research.walk_forward.engine_check import check_in_engine
from research.walk_forward.history import History, ns_of
from research.walk_forward.journal import Checked, Span, WorkJournal
from research.walk_forward.plan import Plan
from research.walk_forward.progress import SearchProgress
from research.walk_forward.result import Candidate, Stability, TestedWindow
from research.walk_forward.score import objective_of, score_of
from research.walk_forward.search import Search
from research.walk_forward.space import Space, with_parameters
from research.walk_forward.verdict import is_accepted, kept_frac, why_not
from research.walk_forward.windows import Window


class Tester:
    """What it takes to try a choice.

    Parameters
    ----------
    history, space, plan, search, journal
        Of the walk-forward; the search is finished.
    """

    def __init__(self, history: History, space: Space, plan: Plan, search: Search, journal: WorkJournal) -> None:
        self._history, self._space, self._plan = history, space, plan
        self._search, self._journal = search, journal
        self._choices: dict[Span, Choice] = {}

    def test(self, windows: Sequence[Window], bar: SearchProgress, name: str) -> tuple[TestedWindow, ...]:
        """Return every window with its choice re-run in the engine."""
        bar.begin(f"{name} windows in the engine", len(windows))
        found = []
        for window in windows:
            found.append(self._test(window))
            bar.step()
        return tuple(found)

    def check_of(self, window: TestedWindow) -> Checked | None:
        """Return what the engine did in a window; None where nothing was chosen."""
        if window.number is None:
            return None
        return self._journal.checks[(window.oos_start, window.oos_end), window.number]

    def choice_of(self, span: Span) -> Choice:
        """Return what both rules take in a sample."""
        if span not in self._choices:
            self._choices[span] = choose(self._space, self._search.scores(span), self._plan)
        return self._choices[span]

    def _test(self, window: Window) -> TestedWindow:
        sample = (window.is_start, window.is_end)
        scores, choice = self._search.scores(sample), self.choice_of(sample)
        number = choice.plateau if self._plan.choice == "plateau" else choice.best
        inside = None if number is None else scores[number]
        check = None if number is None else self._check(number, (window.oos_start, window.oos_end))
        is_sharpe = None if inside is None else inside.sharpe
        oos_sharpe = None if check is None else check.score.sharpe
        differs = check is not None and bool(check.differences)
        return TestedWindow(
            **msgspec.structs.asdict(window),
            is_sharpe=is_sharpe,
            oos_sharpe=oos_sharpe,
            ratio=kept_frac(is_sharpe, oos_sharpe),
            parameters={} if number is None else self._space.parameters(number),
            accepted=is_accepted(is_sharpe, oos_sharpe) and not differs,
            why_not=why_not(
                chosen=number is not None,
                eligible=f"no set of {len(scores):,} had {self._plan.min_trades} trades in the sample",
                is_sharpe=is_sharpe,
                oos_sharpe=oos_sharpe,
                differs=differs,
            ),
            number=number,
            eligible=choice.eligible,
            tried=len(scores),
            is_net=None if inside is None else inside.net,
            oos_net=None if check is None else check.score.net,
            is_trades=None if inside is None else inside.trades,
            oos_trades=None if check is None else check.score.trades,
            oos_max_drawdown_frac=None if check is None else check.score.max_drawdown_frac,
            is_idle_days=None if number is None else self._idle_days(number, sample),
            differences=() if check is None else check.differences,
            plateau=self._candidate(window, choice.plateau, choice.plateau_value),
            best=self._candidate(window, choice.best, choice.best_value),
        )

    def _check(self, number: int, span: Span) -> Checked:
        if (span, number) not in self._journal.checks:
            config = with_parameters(self._history.config, self._space.parameters(number))
            self._journal.add(check_in_engine(self._history, config, number, span))
        return self._journal.checks[span, number]

    def _idle_days(self, number: int, sample: Span) -> int:
        config = with_parameters(self._history.config, self._space.parameters(number))
        exits = self._history.outcome(config, sample).trades["exit_ns"]
        last_ns = int(exits[-1]) if len(exits) else ns_of(sample[0])
        return (ns_of(sample[1]) - last_ns) // DAY_NS

    def _candidate(self, window: Window, number: int | None, value: float | None) -> Candidate | None:
        if number is None or value is None:
            return None
        inside = self._search.scores((window.is_start, window.is_end))[number]
        config = with_parameters(self._history.config, self._space.parameters(number))
        seen = self._history.outcome(config, (window.oos_start, window.oos_end))
        start_equity = config.account.starting_balance
        after = score_of(seen.equity, seen.trades["r_multiple"], start_equity, self._history.annual_days)
        return Candidate(
            number=number,
            parameters=self._space.parameters(number),
            value=value,
            objective=objective_of(inside, self._plan.objective),
            is_sharpe=inside.sharpe,
            oos_sharpe=after.sharpe,
            is_trades=inside.trades,
            oos_trades=after.trades,
        )


def stability(space: Space, windows: Sequence[TestedWindow]) -> tuple[Stability, ...]:
    """Return how steady the choice of each parameter was."""
    found = []
    for one in space.dimensions:
        chosen = tuple(window.parameters.get(one.key) for window in windows)
        ends = {one.values[0], one.values[-1]} if one.ordered and len(one.values) > 2 else set()
        found.append(
            Stability(
                key=one.key,
                values=one.values,
                chosen=chosen,
                distinct=len(set(chosen) - {None}),
                at_border=sum(value in ends for value in chosen if value is not None),
            )
        )
    return tuple(found)
