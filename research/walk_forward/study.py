"""A walk-forward from configuration and space to its result (Spec 3.5.3, D39)."""

import hashlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from configs.run import RunConfig
from errors import ConfigError
from research.identity import code_hash, trading_hash
from research.overfitting.search_statistics import SearchStatistics
from research.overfitting.too_good import too_good
from research.overfitting.verdict import judge_search
from research.walk_forward.backend import Backend
from research.walk_forward.cautions import warnings_of
from research.walk_forward.certificate import Certificate
from research.walk_forward.history import History
from research.walk_forward.journal import Header, Span, WorkJournal
from research.walk_forward.local import LocalBackend
from research.walk_forward.plan import Plan
from research.walk_forward.progress import SearchProgress
from research.walk_forward.result import Result, Run, TestedWindow, Tries
from research.walk_forward.score import Score, returns_of
from research.walk_forward.search import Search
from research.walk_forward.space import Space, with_parameters
from research.walk_forward.stitch import Piece, Stitched, stitch
from research.walk_forward.tested import Tester, stability
from research.walk_forward.verdict import Judged, sentence
from research.walk_forward.windows import Lengths, anchored, fit, rolling


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """The result, and what its tables and charts need beside it."""

    result: Result
    config: RunConfig | None  # with the final parameters; None when none could be chosen
    space: Space
    scores: dict[Span, dict[int, Score]]  # of every sample, in the order of its begin
    stitched: dict[str, Stitched]  # rolling, anchored
    folder: Path
    resumed: int  # pieces of work that an earlier call had finished


class WalkForward:
    """One walk-forward, ready to run.

    Parameters
    ----------
    config : RunConfig
    space : Space
    plan : Plan

    Candles are read at once, so that bad data is told before anything is written.

    Raises
    ------
    ConfigError, DataError
        The configuration cannot be swept; the candles are too short.
    """

    def __init__(self, config: RunConfig, space: Space, plan: Plan) -> None:
        self.config, self.space, self.plan = config, space, plan
        self.history = History(config)
        self.first, self.end = self.history.whole_days
        self.lengths: Lengths = fit(self.first, self.end, plan.lengths, allow_short=plan.allow_short)
        self.windows = rolling(self.first, self.end, self.lengths)
        self.anchored = anchored(self.windows)
        self.longest: Span = (self.anchored[-1].is_start, self.anchored[-1].is_end)
        every = (*self.windows, *self.anchored)
        self.samples = sorted({(window.is_start, window.is_end) for window in every}, key=lambda s: (s[1], s[0]))
        self.code = code_hash()

    @property
    def name(self) -> str:
        """Return the name of what is asked: configuration, space, plan; twelve hex digits."""
        return _sha256((self.config.hash, self.space, self.plan))[:12]

    @property
    def header(self) -> Header:
        """Return what finished work counts for."""
        return Header(
            configuration=self.config.hash,
            space=_sha256(self.space),
            plan=_sha256(self.plan),
            data=self.history.data,
            code=self.code,
            longest=self.longest,
            days=len(self.history.days(self.longest)),
        )

    def run(
        self,
        out: Path,
        certificate: Certificate,
        *,
        jobs: int,
        backend: Literal["local", "ray"] = "local",
        restart: bool = False,
        bar: SearchProgress | None = None,
    ) -> Study:
        """Search, choose and test; a killed run goes on where it was.

        ``certificate`` is that of the sweep, for this configuration and these candles.

        Raises
        ------
        ConfigError, DataError
            Finished work in the folder is of something else, or cannot be read.
        """
        bar = bar or SearchProgress(shown=False)
        folder = out / f"walk-forward-{self.name}"
        with WorkJournal(folder / "work", self.header, restart=restart) as journal:
            resumed = journal.resumed
            with closing(self._backend(backend, jobs)) as workers:
                search = Search(self.config, self.space, self.plan, journal, workers, bar)
                search.run(self.samples, self.longest)
            tester = Tester(self.history, self.space, self.plan, search, journal)
            windows = tester.test(self.windows, bar, "rolling")
            anchors = tester.test(self.anchored, bar, "anchored")
            curves = {name: self._stitch(tester, rows) for name, rows in (("rolling", windows), ("anchored", anchors))}
            bar.begin("overfitting statistics", 1)
            statistics = self._statistics(search, journal, windows[-1].number)
            bar.step()
            return Study(
                result=self._result(search, certificate, windows, anchors, curves, statistics),
                config=self._final(windows[-1]),
                space=self.space,
                scores={span: dict(search.scores(span)) for span in self.samples},
                stitched=curves,
                folder=folder,
                resumed=resumed,
            )

    def _backend(self, name: str, jobs: int) -> Backend:
        if name == "ray":
            from research.walk_forward.ray_backend import RayBackend  # noqa: PLC0415 - an extra

            return RayBackend(self.config, self.space, self.history.data, jobs)
        return LocalBackend(self.history, self.space, jobs)

    def _stitch(self, tester: Tester, windows: Sequence[TestedWindow]) -> Stitched:
        pieces = []
        for window in windows:
            days = self.history.days((window.oos_start, window.oos_end))
            check = tester.check_of(window)
            equity = np.full(len(days), self.config.account.starting_balance) if check is None else check.equity
            returns = returns_of(np.asarray(equity), self.config.account.starting_balance)
            if len(returns) != len(days):
                raise ConfigError(f"window {window.oos_start}: {len(returns)} days in the engine, {len(days)} expected")
            pieces.append(Piece(start=window.oos_start, days=days, returns=returns))
        return stitch(pieces)

    def _statistics(self, search: Search, journal: WorkJournal, chosen: int | None) -> SearchStatistics | None:
        """Judge the final choice among all sets that were tried anywhere, on the longest sample."""
        if chosen is None:
            return None
        numbers = search.numbers
        column = numbers.index(chosen)
        return judge_search(journal.returns(numbers), column, self.history.annual_days, self.plan.seed)

    def _final(self, last: TestedWindow) -> RunConfig | None:
        return None if last.number is None else with_parameters(self.config, last.parameters)

    def _result(
        self,
        search: Search,
        certificate: Certificate,
        windows: tuple[TestedWindow, ...],
        anchors: tuple[TestedWindow, ...],
        curves: dict[str, Stitched],
        statistics: SearchStatistics | None,
    ) -> Result:
        config, last = self.config, windows[-1]
        final = self._final(last) or config
        figures = {name: curve.figures(self.history.annual_days) for name, curve in curves.items()}
        same = not any(window.differences for window in (*windows, *anchors))
        suspects = tuple(too_good(windows, figures["rolling"]["sharpe"]))
        accepted = all(window.accepted for window in windows) and same and not suspects
        short = self.lengths.short
        total = figures["rolling"]["total_return_frac"]
        judged = [_judged(window) for window in windows]
        return Result(
            trading_hash=trading_hash(final),
            config_hash=final.hash,
            data=self.history.fingerprints,
            code_hash=self.code,
            certificate=certificate,
            short=short,
            accepted=accepted,
            windows=windows,
            anchored=Run(
                accepted=all(window.accepted for window in anchors),
                windows=anchors,
                stitched=figures["anchored"],
                stability=stability(self.space, anchors),
            ),
            stitched=figures["rolling"],
            search=statistics,
            verdict=sentence(judged, accepted=accepted, stitched_return_frac=total, short=short, too_good=suspects),
            warnings=tuple(warnings_of(self.history, self.lengths, windows, anchors, suspects)),
            final=final_choice(last),
            stability=stability(self.space, windows),
            tries=Tries(
                space=self.space.size,
                sets=len(search.numbers),
                refused=search.refused,
                evaluations=sum(map(len, search.tried.values())),
            ),
            plan=msgspec.structs.replace(self.plan, lengths=self.lengths),
            base_config_hash=config.hash,
            name=config.name,
            profile=config.profile,
            instruments=config.instruments,
            currency=self.history.inputs.account,
            start_equity=config.account.starting_balance,
            annual_days=self.history.annual_days,
            first=self.first,
            end=self.end,
            signal=config.timeframe.signal,
        )


def final_choice(last: TestedWindow) -> dict[str, object]:
    """Return what ``config.toml`` holds: the choice of the last rolling window, the procedure that was tried."""
    return {
        "number": last.number,
        "parameters": last.parameters,
        "is_start": last.is_start,
        "is_end": last.is_end,
        "of": "the last rolling window",
    }


def _judged(window: TestedWindow) -> Judged:
    return Judged(
        name=str(window.oos_start),
        is_sharpe=window.is_sharpe,
        oos_sharpe=window.oos_sharpe,
        accepted=window.accepted,
        differs=bool(window.differences),
    )


def _sha256(values: object) -> str:
    return hashlib.sha256(msgspec.json.encode(values, order="sorted")).hexdigest()
