"""A whole walk-forward over real daily candles, sweep and engine: what it leaves, and that it can be gone on with."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sample_search import CERTIFICATE, LENGTHS, ROOT, SPACE, make, run, sample_config, sample_plan

from configs.load import load_run
from errors import ConfigError, DataError
from research.approval.walk_forward import judge_walk_forward, read_walk_forward
from research.backtest import run_backtest
from research.identity import trading_hash
from research.walk_forward.history import Job
from research.walk_forward.journal import Tried, WorkJournal
from research.walk_forward.space import Dimension, Space, with_parameters
from research.walk_forward.study import Study, WalkForward
from research.walk_forward.write import result_json, write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("walk_forward")


@pytest.fixture(scope="module")
def study(folder: Path) -> Study:
    return run(folder)


@pytest.fixture(scope="module")
def page(study: Study) -> Path:
    return write_study(study)


def test_every_set_was_tried_in_every_sample_and_every_window_tested_in_the_engine(study: Study) -> None:
    result = study.result
    assert [(w.is_start, w.oos_start, w.oos_end) for w in result.windows] == [
        (date(2004, 1, 2), date(2005, 1, 2), date(2005, 7, 2)),
        (date(2004, 7, 2), date(2005, 7, 2), date(2006, 1, 2)),
        (date(2005, 1, 2), date(2006, 1, 2), date(2006, 7, 2)),
    ]
    assert result.short
    assert result.tries.sets == 6
    assert all(len(scores) == 6 for scores in study.scores.values())
    assert all(w.differences == () and w.tried == 6 for w in result.windows)


def test_out_of_sample_figures_are_those_of_a_back_test_of_these_days(study: Study, tmp_path: Path) -> None:
    window = study.result.windows[0]
    config = msgspec.structs.replace(
        with_parameters(sample_config(), window.parameters), start=str(window.oos_start), end=str(window.oos_end)
    )
    metrics = run_backtest(config, tmp_path).metrics
    sharpe = next(row["value"] for row in metrics["kpis"] if row["key"] == "sharpe")
    assert window.oos_sharpe == pytest.approx(sharpe, rel=1e-9)
    assert window.oos_net == pytest.approx(metrics["other"]["net_profit_quote"], rel=1e-9)
    assert window.oos_trades == metrics["counts"]["trades"]


def test_in_sample_figures_are_those_of_a_back_test_of_these_days(study: Study, tmp_path: Path) -> None:
    window = study.result.windows[0]
    config = msgspec.structs.replace(
        with_parameters(sample_config(), window.parameters), start=str(window.is_start), end=str(window.is_end)
    )
    metrics = run_backtest(config, tmp_path).metrics
    sharpe = next(row["value"] for row in metrics["kpis"] if row["key"] == "sharpe")
    assert window.is_sharpe == pytest.approx(sharpe, rel=1e-6)
    assert window.is_trades == metrics["counts"]["trades"]


def test_the_folder_can_be_judged_for_approval(page: Path, study: Study) -> None:
    found, piece = read_walk_forward(page.parent)
    assert found.short
    assert found.accepted == study.result.accepted
    assert piece.config_hash == study.result.config_hash
    assert [row.passed for row in judge_walk_forward(found)][3:] == [False, True]  # short; certificate fresh


def test_config_toml_is_the_configuration_with_the_last_choice(page: Path, study: Study) -> None:
    config = load_run(page.parent / "config.toml")
    last = study.result.windows[-1]
    assert config == with_parameters(sample_config(), last.parameters)
    assert (trading_hash(config), config.hash) == (study.result.trading_hash, study.result.config_hash)


def test_tables_hold_every_trial_and_the_stitched_days(page: Path, study: Study) -> None:
    trials = pq.read_table(page.parent / "trials.parquet").to_pandas()
    assert len(trials) == study.result.tries.evaluations
    assert {"strategy.donchian_bars", "exits.stop_atr", "sharpe", "net", "trades"} <= set(trials.columns)
    stitched = pq.read_table(page.parent / "stitched.parquet").to_pandas()
    rolling = stitched[stitched["kind"] == "rolling"]
    growth = float(np.prod(1.0 + rolling["return_frac"])) - 1.0
    assert growth == pytest.approx(study.result.stitched["total_return_frac"])
    assert rolling["day"].is_unique
    windows = pd.read_parquet(page.parent / "windows.parquet")
    assert set(windows["kind"]) == {"rolling", "anchored"}


def test_the_page_says_the_verdict_and_asks_the_network_for_nothing(page: Path, study: Study) -> None:
    text = page.read_text("utf-8")
    assert f'<h1 class="loss">{study.result.verdict.split(":")[0]}: ' in text
    assert "<script src" not in text
    assert "https://" not in text.split('<script type="text/plain"')[0]
    assert "Short" in text or "short" in text


def test_a_second_call_repeats_nothing_and_gives_the_same_bytes(study: Study, folder: Path) -> None:
    search = make()
    search.history.sweep.run = None  # type: ignore[method-assign,assignment]
    pieces = 6 * len(search.samples)
    with WorkJournal(study.folder / "work", search.header) as journal:
        assert sum(map(len, journal.scores.values())) == pieces
        assert [journal.missing(span, range(6)) for span in search.samples] == [[]] * len(search.samples)
    again = run(folder)
    assert again.resumed == pieces + len(journal.checks)
    assert result_json(again.result) == result_json(study.result)


def test_one_thread_gives_the_same_bytes_as_two(study: Study, tmp_path: Path) -> None:
    assert result_json(run(tmp_path, jobs=1).result) == result_json(study.result)


def test_finished_work_of_other_candles_or_code_is_refused(study: Study) -> None:
    header = msgspec.structs.replace(make().header, data="other", code="changed")
    with pytest.raises(ConfigError, match=r"of another data, code .*--restart"):
        WorkJournal(study.folder / "work", header)


def test_restart_throws_finished_work_away(study: Study, tmp_path: Path) -> None:
    span = (date(2004, 1, 1), date(2005, 1, 1))
    header = make().header
    with WorkJournal(tmp_path, header) as journal:
        journal.add(Tried(span=span, number=3, score=next(iter(study.scores.values()))[3]))
    with WorkJournal(tmp_path, header) as journal:
        assert journal.missing(span, range(4)) == [0, 1, 2]
    with WorkJournal(tmp_path, header, restart=True) as journal:
        assert journal.missing(span, range(4)) == [0, 1, 2, 3]


def test_two_processes_do_not_write_one_journal(tmp_path: Path) -> None:
    header = make().header
    with WorkJournal(tmp_path, header), pytest.raises(ConfigError, match="another process is at work"):
        WorkJournal(tmp_path, header)


def test_a_damaged_line_in_the_middle_is_told(tmp_path: Path) -> None:
    header = make().header
    WorkJournal(tmp_path, header).close()
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes() + b'{"type":"tried"\n' + path.read_bytes())
    with pytest.raises(DataError, match=r"journal.jsonl:2: damaged"):
        WorkJournal(tmp_path, header)


def test_no_eligible_set_is_said_and_not_accepted(tmp_path: Path) -> None:
    found = run(tmp_path, make(min_trades=1000))
    result = found.result
    assert not result.accepted
    assert found.config is None
    assert result.search is None
    assert all("had 1000 trades" in window.why_not for window in result.windows)
    assert result.stitched["total_return_frac"] == 0.0
    page = write_study(found)
    assert not (page.parent / "config.toml").exists()
    assert "nothing could be chosen" in page.read_text("utf-8")


def test_short_candles_are_refused_or_shrunk_and_marked() -> None:
    config, plan = sample_config(), sample_plan(lengths={})
    with pytest.raises(DataError, match=r"35 whole months .*42"):
        WalkForward(config, SPACE, plan)
    allowed = WalkForward(config, SPACE, msgspec.structs.replace(plan, allow_short=True))
    assert allowed.lengths.short
    assert allowed.windows


def test_a_search_without_warm_up_is_refused() -> None:
    config = msgspec.structs.replace(sample_config(), data=msgspec.structs.replace(sample_config().data, warmup="none"))
    with pytest.raises(ConfigError, match=r'data.warmup: .*"none"'):
        make(config)


def test_tpe_repeats_itself_and_tries_only_what_is_allowed(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    first, second = (run(tmp_path / name, make(sampler="tpe", trials=8)) for name in ("a", "b"))
    assert result_json(first.result) == result_json(second.result)
    assert first.result.tries.sets <= 6


def test_the_rule_that_was_asked_for_chooses(tmp_path: Path) -> None:
    values = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
    space = Space(dimensions=(SPACE.dimensions[0], Dimension(key="exits.trail_atr", values=values, ordered=True)))
    plateau, best = (run(tmp_path, make(space=space, choice=rule)).result.windows for rule in ("plateau", "best"))
    assert [w.number for w in plateau] == [w.plateau.number for w in plateau if w.plateau is not None]
    assert [w.number for w in best] == [w.best.number for w in best if w.best is not None]
    assert [w.number for w in plateau] != [w.number for w in best]


def test_a_killed_search_goes_on_where_it_was(study: Study, tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(Path(__file__).parent)!r}]\n"
        "from pathlib import Path\nfrom sample_search import run\nrun(Path(sys.argv[1]), jobs=1)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    journal = tmp_path / study.folder.name / "work" / "journal.jsonl"
    until = time.monotonic() + 60.0
    while not (journal.is_file() and journal.read_bytes().count(b"\n") > 2):
        assert time.monotonic() < until, "the search did not begin"
        assert process.poll() is None, "the search ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    found = run(tmp_path)
    assert found.resumed >= 1
    assert result_json(found.result) == result_json(study.result)


def test_work_is_the_same_wherever_it_is_done(study: Study) -> None:
    """What a Ray worker computes from bytes is what this process computed."""
    from research.walk_forward.ray_backend import do_jobs

    search = make()
    span = search.longest
    shared = (msgspec.json.encode(search.config), msgspec.json.encode(SPACE), search.history.data, search.code)
    ((entry, returns),) = do_jobs(shared, [Job(number=4, spans=(span,))], span)[0]
    assert entry.score == study.scores[span][4]
    assert returns is not None
    with pytest.raises(DataError, match="other candles"):
        do_jobs((*shared[:2], "0" * 64, shared[3]), [Job(number=4, spans=(span,))], span)
    with pytest.raises(ConfigError, match="other code"):
        do_jobs((*shared[:3], "0" * 64), [Job(number=4, spans=(span,))], span)


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="Ray is installed here")
def test_ray_that_is_not_installed_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pip install .*ray"):
        make().run(tmp_path, CERTIFICATE, jobs=2, backend="ray")


def test_lengths_of_the_plan_are_in_the_name(tmp_path: Path) -> None:
    assert make().name != make(lengths=LENGTHS | {"step_months": 3}).name
    assert make().name == make().name
