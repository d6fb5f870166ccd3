import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic_run import START_NS, write_run
from test_report_parts import decode

from research.report import write_report
from research.report.breaker_spans import breaker_spans
from research.report.payload import Payload
from research.report.risk import breaker_sentence, heat_sentence, risk_section
from research.report.risk_data import add_risk
from research.report.run import Run, load_run

HOUR_NS = 3_600_000_000_000
TRIPS = {"daily_loss": 5, "weekly_loss": 2, "drawdown": 1, "loss_streak": 2}
BAD = "<img src=x onerror=alert(1)>\"'&"


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "risky"
    write_report(path, prices=write_run(path, trades=120, bars=4000, instruments=2, trips=TRIPS))
    return path


@pytest.fixture(scope="module")
def run(run_dir: Path) -> Run:
    return load_run(run_dir)


def risk_part(page: Path) -> str:
    text = re.sub(r'<script type="text/plain".*?</script>', "", page.read_text(), flags=re.DOTALL)
    return text[text.index('<section id="risk">') : text.index('<section id="prices">')]


def with_heat(run: Run, heat: list[float], cap: float | None = 0.05) -> Run:
    equity = run.equity.head(len(heat)).assign(heat_frac=heat)
    return replace(run, equity=equity, config={"risk": {} if cap is None else {"max_heat_frac": cap}})


@pytest.mark.parametrize(
    ("heat", "cap", "text"),
    [
        ([0.0, 0.031, 0.002], 0.05, "Heat was 1.1 % of equity on average and 3.1 % at its peak, cap 5 %."),
        ([0.05], 0.05, "Heat was 5 % of equity on average and 5 % at its peak, cap 5 %."),
        ([0.05 + 1e-12], 0.05, "Heat was 5 % of equity on average and 5 % at its peak, cap 5 %."),
        ([0.0512], 0.05, "5.12 % at its peak, above the cap of 5 %: the cap holds at entry"),
        ([0.01], None, "1 % at its peak; the configuration names no cap."),
        ([0.01, np.nan], 0.02, "1 % of equity on average and 1 % at its peak, cap 2 %."),
        ([0.002] + [0.0] * 99, 0.05, "Heat was under 0.01 % of equity on average and 0.2 % at its peak"),
        ([0.01] + [0.0] * 199, 0.05, "Heat was 0.01 % of equity on average"),
        ([0.0, 0.0], 0.05, "Nothing was at risk at any bar close."),
        ([np.nan], 0.05, "No heat was recorded."),
        ([], 0.05, "No heat was recorded."),
    ],
)
def test_heat_sentence_puts_the_peak_beside_the_cap(run: Run, heat: list[float], cap: float, text: str) -> None:
    assert text in heat_sentence(with_heat(run, heat, cap))


def closures(run: Run, *rows: tuple[str, int, int]) -> Run:
    """A run of 100 hours in which breakers were closed from hour to hour."""
    ts = pd.to_datetime(START_NS + HOUR_NS * np.array([0, 100]), utc=True)
    events = [
        (START_NS + HOUR_NS * hour, name, kind, 0.04, 0.03, "", "")
        for name, begin, end in rows
        for hour, kind in ((begin, "TRIPPED"), (end, "OPENED"))
    ]
    frame = pd.DataFrame(events, columns=run.breakers.columns)
    decisions = pd.DataFrame({"ts": ts[:1].repeat(4), "approved": [True, False, False, False]})
    decisions["rule"] = [None, "daily_loss", "weekly_loss", "portfolio_heat"]
    breakers = frame.assign(ts=pd.to_datetime(frame["ts"].astype("int64"), utc=True))
    return replace(run, equity=run.equity.head(2).assign(ts=ts), breakers=breakers, decisions=decisions)


def sentence(run: Run) -> str:
    return breaker_sentence(run, breaker_spans(run.breakers, run.span_ns[1]))


def test_breaker_sentence_names_what_stopped_entries_the_longest_first(run: Run) -> None:
    assert sentence(closures(run, ("daily_loss", 0, 10), ("weekly_loss", 5, 45), ("daily_loss", 50, 52))) == (
        "Breakers stopped entries during 47 % of the run: weekly loss 40 % (once), daily loss 12 % (2 times). "
        "They refused 2 of 4 signals."
    )


def test_breaker_sentence_does_not_count_smaller_size_as_a_halt(run: Run) -> None:
    streak = "After losing streaks positions were smaller during 30 % of the run."
    assert sentence(closures(run, ("loss_streak", 0, 30))) == f"No breaker stopped entries. {streak}"
    both = sentence(closures(run, ("loss_streak", 0, 30), ("daily_loss", 10, 20)))
    assert both.startswith("Breakers stopped entries during 10 % of the run: daily loss 10 % (once). They refused 1 of")
    assert both.endswith(streak)


def test_breaker_sentence_tells_none_tripped_from_none_recorded_from_off(run: Run) -> None:
    quiet = closures(run)
    assert sentence(quiet) == "No breaker stopped entries."
    assert sentence(replace(quiet, records_breakers=False)) == "This run recorded no breakers."
    assert sentence(replace(quiet, config={"risk": {"breakers": False}})) == ""


def test_breaker_sentence_says_when_the_hand_was_simulated(run: Run) -> None:
    told = "The hand that reset them was simulated."
    simulated = replace(run, config={"risk": {"operator": "simulated"}})
    assert told in sentence(simulated)
    assert told not in sentence(run)
    assert told not in sentence(replace(run, config={"risk": {"operator": "none"}}))
    assert told not in sentence(closures(simulated, ("daily_loss", 0, 10)))


@pytest.mark.parametrize(
    ("config", "is_on", "cap"),
    [
        ({}, True, None),
        ({"risk": {}}, True, None),
        ({"risk": {"breakers": True, "max_heat_frac": 0.04}}, True, 0.04),
        ({"risk": {"breakers": False}}, False, None),
    ],
)
def test_run_without_a_word_about_breakers_has_them(run: Run, config: dict, is_on: bool, cap: float | None) -> None:
    told = replace(run, config=config)
    assert (told.breakers_on, told.max_heat_frac) == (is_on, cap)


def arrays(run: Run) -> tuple[Payload, str]:
    payload = Payload()
    add_risk(payload, run, breaker_spans(run.breakers, run.span_ns[1] if run.span_ns else 0))
    return payload, payload.encode()


def test_risk_arrays_keep_the_highest_heat_of_a_long_run_and_leave_gaps_out(run: Run) -> None:
    heat = np.random.default_rng(3).uniform(0, 0.03, 50_000)
    heat[[31_000, 31_001]] = [0.0473, np.nan]
    ts = pd.to_datetime(START_NS + HOUR_NS * np.arange(len(heat)), utc=True)
    long = replace(run, equity=pd.DataFrame({"ts": ts, "heat_frac": heat}), breakers=run.breakers.head(0))
    payload, text = arrays(long)
    shown = decode(text, "h.frac")
    assert len(shown) <= 2100
    assert np.nanmax(shown) == pytest.approx(0.0473, abs=1e-5)
    at = decode(text, "h.ts")[shown.argmax()]
    assert at == (START_NS + HOUR_NS * 31_000) // 1_000_000
    assert payload.meta["max_heat_frac"] == 0.05


def test_risk_arrays_hold_the_spans_cut_at_the_end_of_the_run(run: Run) -> None:
    payload, text = arrays(closures(run, ("drawdown", 10, 20), ("daily_loss", 90, 124)))
    assert payload.meta["breakers"] == [{"name": "daily loss", "level": 1}, {"name": "drawdown", "level": 3}]
    assert ((decode(text, "b.begin") - START_NS / 1e6) / 3600e3).tolist() == [10, 90]
    assert ((decode(text, "b.end") - START_NS / 1e6) / 3600e3).tolist() == [20, 100]
    assert decode(text, "b.name").tolist() == [1, 0]
    assert decode(text, "b.never").tolist() == [0, 0]


def test_risk_arrays_hold_the_refusals_of_every_rule(run: Run) -> None:
    payload, text = arrays(run)
    rules = run.decisions.loc[~run.decisions["approved"], "rule"].value_counts()
    assert payload.meta["refusal_unit"] == "week"
    assert {rule: decode(text, f"r.{i}").sum() for i, rule in enumerate(payload.meta["refusal_rules"])} == dict(rules)


def test_risk_arrays_without_rows_are_empty(run: Run) -> None:
    payload, text = arrays(
        replace(run, equity=run.equity.head(0), decisions=run.decisions.head(0), breakers=run.breakers.head(0))
    )
    assert payload.meta["refusal_rules"] == payload.meta["breakers"] == []
    assert len(decode(text, "h.ts")) == len(decode(text, "b.begin")) == 0


def test_report_has_a_risk_section_with_charts_tables_and_navigation(run_dir: Path) -> None:
    part = risk_part(run_dir / "report.html")
    page = (run_dir / "report.html").read_text()
    assert '<a href="#risk">Risk</a>' in page
    assert "Shaded while a breaker was closed" in page
    assert 'id="heat-chart"' in part
    assert 'id="refusal-chart"' in part
    for name, count in (("daily loss", 5), ("weekly loss", 2), ("drawdown", 1), ("loss streak", 2)):
        assert re.search(rf'</i>{name}.*?</td><td class="n">{count}</td>', part)
    assert "after approval, A. Example: looked at every trade of the week" in part
    assert "<summary>10 trips</summary>" in part


def test_report_of_a_run_of_an_earlier_version_says_that_breakers_were_not_recorded(tmp_path: Path) -> None:
    page = write_report(tmp_path, prices=write_run(tmp_path, trades=9, bars=300, instruments=1))
    part = risk_part(page)
    assert "This run recorded no breakers." in part
    assert "No breaker tripped" not in part
    assert "trips</summary>" not in part
    assert "Shaded while" not in page.read_text()


def test_report_of_a_run_in_which_nothing_tripped_says_so(tmp_path: Path) -> None:
    part = risk_part(write_report(tmp_path, prices=write_run(tmp_path, trades=9, bars=300, instruments=1, trips={})))
    assert "No breaker tripped." in part
    assert "No breaker stopped entries." in part


def test_report_of_a_run_without_breakers_says_research_only_twice(tmp_path: Path) -> None:
    prices = write_run(tmp_path, trades=9, bars=300, instruments=1, trips={})
    with (tmp_path / "config.toml").open("a") as config:
        config.write("breakers = false\n")
    page = write_report(tmp_path, prices=prices)
    head = page.read_text()[: page.read_text().index('<section id="targets">')]
    for part in (head, risk_part(page)):
        assert part.count('<p class="banner"><strong>Breakers were off: research only. </strong>') == 1
    assert "No breaker" not in risk_part(page)


def test_report_with_breakers_on_has_no_banner_about_them(run_dir: Path) -> None:
    assert "Breakers were off" not in (run_dir / "report.html").read_text()


@pytest.mark.parametrize(
    ("change", "texts"),
    [
        ({"decisions": 0}, ["No signal reached the risk gate"]),
        ({"equity": 0}, ["No heat to draw.", "No heat was recorded.", "of the run: "]),
        ({"breakers": 0}, ["No breaker tripped."]),
    ],
)
def test_risk_section_says_what_is_missing(run: Run, change: dict[str, int], texts: list[str]) -> None:
    poor = replace(run, **{name: getattr(run, name).head(rows) for name, rows in change.items()})
    html = risk_section(poor, breaker_spans(poor.breakers, 0))
    for text in texts:
        assert text in html
    assert "nan" not in html
    assert ('id="refusal-chart"' in html) is ("decisions" not in change)
    assert ('id="heat-chart"' in html) is ("equity" not in change)


def test_risk_section_without_a_refusal_has_no_chart_of_them(run: Run) -> None:
    html = risk_section(replace(run, decisions=run.decisions[run.decisions["approved"]]), [])
    assert "No entry was refused." in html
    assert "refusal-chart" not in html


def test_report_escapes_breakers_operators_reasons_and_rules(tmp_path: Path) -> None:
    prices = write_run(tmp_path, trades=9, bars=300, instruments=1, trips={"drawdown": 2})
    rows = pd.read_parquet(tmp_path / "breakers.parquet")
    rows = pd.concat([rows, rows.assign(kind="RESET")]).assign(breaker=BAD, operator=BAD, reason=BAD)
    rows.to_parquet(tmp_path / "breakers.parquet")
    pd.read_parquet(tmp_path / "decisions.parquet").assign(rule=BAD).to_parquet(tmp_path / "decisions.parquet")
    page = write_report(tmp_path, prices=prices).read_text()
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;") >= 6


def test_report_of_a_big_run_grows_by_under_100_kb_with_breakers(tmp_path: Path) -> None:
    size = {"trades": 1500, "bars": 52_600, "instruments": 1}
    many = {"daily_loss": 600, "weekly_loss": 20, "drawdown": 2, "loss_streak": 100}
    without = write_report(tmp_path / "a", prices=write_run(tmp_path / "a", **size)).stat().st_size
    with_breakers = write_report(tmp_path / "b", prices=write_run(tmp_path / "b", **size, trips=many)).stat().st_size
    assert with_breakers - without < 90_000
