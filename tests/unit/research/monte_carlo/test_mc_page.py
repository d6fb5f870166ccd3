"""The page: whole, alone, and as plain as the verdict."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from made_runs import make_run, mixed

from research.monte_carlo.charts import bin_edges, build_payload
from research.monte_carlo.page import render
from research.monte_carlo.plan import Plan, parse_income
from research.monte_carlo.read import read_run
from research.monte_carlo.study import Outcome, run_study


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    run = make_run(tmp_path_factory.mktemp("runs") / "run", mixed(80), run="<b>made</b>")
    return run_study(read_run(run), Plan(paths=400, incomes=(parse_income("1000/month"),)))


def test_page_is_one_file_that_asks_the_network_for_nothing(outcome: Outcome) -> None:
    page = render(outcome)
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"(src|href)=[\"'](https?:)?//", markup)
    assert "default-src 'none'" in page
    assert "<b>made</b>" not in markup
    for anchor in ("results", "fans", "distributions", "ruin", "milestones", "income", "notes"):
        assert f'<section id="{anchor}">' in markup


def test_headline_is_the_sentence_of_the_verdict_in_its_colour(outcome: Outcome) -> None:
    assert f'<h1 class="loss">{outcome.study.verdict.sentence}</h1>' in render(outcome).replace("\u00a0", " ")
    assert "loses" in outcome.study.verdict.sentence


def test_histograms_count_every_path(outcome: Outcome) -> None:
    shares = build_payload(outcome)._bytes
    names = list(build_payload(outcome)._index)
    found = {name: np.frombuffer(part) for name, part in zip(names, shares, strict=True)}
    for key in ("final_return_frac", "max_drawdown_frac", "recovery_trades", "sharpe"):
        assert found[f"{key}.block"].sum() == pytest.approx(1.0)
        assert len(found[f"{key}.x"]) == len(found[f"{key}.block"]) <= 61


def test_bins_of_one_value_of_none_and_of_whole_numbers() -> None:
    assert len(bin_edges(np.array([]))) == 2
    assert bin_edges(np.full(5, 0.2))[0] < 0.2 < bin_edges(np.full(5, 0.2))[-1]
    edges = bin_edges(np.arange(200.0))
    assert set(np.diff(edges)) == {4.0}
    assert edges[0] < 0
    assert edges[-1] > 198


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_browser_draws_every_chart(outcome: Outcome, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(render(outcome), "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom"]
    done = subprocess.run(["chromium", *options, str(page)], capture_output=True, text=True, check=True, timeout=60)
    assert 'data-drawn="yes"' in done.stdout
    assert done.stdout.count('class="chart short js-plotly-plot"') == 7
