"""Each requirement of D40, spoiled one at a time: that row fails, and no other."""

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest
from finished_research import BTC, DAYS, ETH, GOOD, SHA, Research, make_config, window

from errors import ConfigError, DataError
from research.approval.costs import judge_costs
from research.approval.judge import gather, judge
from research.approval.record import Row

OTHER = "0" * 64
WF, MC, RUN = "wf/walk_forward.json", "mc/monte_carlo.json", "run/metrics.json"


def rows_of(research: Research, known: frozenset[str] = frozenset()) -> tuple[Row, ...]:
    found = gather(
        research.config, walk_forward=research.walk_forward, monte_carlo=research.monte_carlo, run=research.run,
        asset_runs=research.assets, known=known,
    )  # fmt: skip
    return judge(dataclasses.replace(found, code=research.code))  # sources may be edited while tests run


def failed(rows: tuple[Row, ...]) -> list[str]:
    return [row.requirement for row in rows if not row.passed]


def test_good_research_meets_every_requirement(research: Research) -> None:
    rows = rows_of(research)
    assert failed(rows) == []
    assert len({row.requirement for row in rows}) == len(rows) > 25


@pytest.mark.parametrize(
    ("file", "key", "value", "requirement"),
    [
        (WF, "windows/1/oos_sharpe", 1.3999, "walk-forward: Sharpe kept out of sample"),  # of 2.0: 69.995 %
        (WF, "windows/1/oos_sharpe", None, "walk-forward: Sharpe kept out of sample"),
        (WF, "windows/0/is_sharpe", 0.0, "walk-forward: Sharpe kept out of sample"),
        (WF, "windows/0", window(2019, -1.0, -0.1), "walk-forward: Sharpe kept out of sample"),
        (WF, "stitched/sharpe", 4.2, "walk-forward: not too good to be true"),  # of 1.5 years, at most 4.14
        (WF, "windows/1/oos_sharpe", 5.4, "walk-forward: not too good to be true"),  # of half a year, at most 5.34
        (WF, "accepted", False, "walk-forward: its own verdict"),
        (WF, "short", True, "walk-forward: length"),
        (WF, "windows/0/is_start", "2019-02-01", "walk-forward: length"),
        (WF, "windows/0/oos_end", "2022-06-01", "walk-forward: length"),
        (WF, "certificate/fresh", False, "walk-forward: parity certificate"),
        (WF, "certificate/hash", "", "walk-forward: parity certificate"),
        (WF, "trading_hash", "0" * 12, "walk-forward: configuration"),
        (WF, "code_hash", OTHER, "walk-forward: code"),
        (WF, f"data/{BTC}", OTHER, "walk-forward: candles"),
        (WF, f"data/{ETH}", ..., "walk-forward: candles"),
        (MC, "methods/resample/ruin/ci_high", 0.02, "ruin probability, resample"),
        (MC, "methods/block/ruin/ci_high", 0.5, "ruin probability, block"),
        (MC, "paths", 9_999, "Monte Carlo: paths"),
        (MC, "verdict", {"passed": False, "reasons": ["29 trades"]}, "Monte Carlo: its own verdict"),
        (MC, "config_hash", "0" * 12, "Monte Carlo: of this run"),
        (MC, "trades_sha256", OTHER, "Monte Carlo: of this run"),
        (MC, "trades_sha256", ..., "Monte Carlo: of this run"),
        (MC, f"data/{BTC}", OTHER, "Monte Carlo: candles"),
        (MC, "trading_hash", "0" * 12, "Monte Carlo: configuration"),
        (MC, "code_hash", OTHER, "Monte Carlo: code"),
        (RUN, "complete", False, "run: complete"),
        (RUN, "shut", {"drawdown": "2024-05-18T00:00"}, "run: traded to its end"),
        (RUN, "lookahead", {"clean": False}, "run: look-ahead check"),
        (RUN, "code_hash", OTHER, "run: code"),
        (RUN, "code_hash", ..., "run: code"),
        ("run-BTC/metrics.json", "code_hash", OTHER, f"new asset {BTC}: code"),
        ("run-BTC/metrics.json", f"data/{BTC}/sha256", OTHER, f"new asset {BTC}: candles"),
        ("run-BTC/metrics.json", "complete", False, f"new asset {BTC}: complete"),
        ("run-BTC/metrics.json", f"data/{BTC}/first", "2024-07-02T00:00:00Z", f"new asset {BTC}: length"),
    ],
)
def test_one_spoiled_value_fails_its_requirement(
    research: Research, file: str, key: str, value: Any, requirement: str
) -> None:
    research.edit(file, key, value)
    assert failed(rows_of(research)) == [requirement]


def test_window_at_exactly_70_percent_is_accepted(research: Research) -> None:
    research.edit(WF, "windows", [window(2019, 2.0, 1.4)])
    assert failed(rows_of(research)) == []


def test_walk_forward_without_windows_is_refused(research: Research) -> None:
    research.edit(WF, "windows", [])
    assert failed(rows_of(research)) == ["walk-forward: Sharpe kept out of sample", "walk-forward: length"]


def test_look_ahead_check_that_passed_is_shown(research: Research) -> None:
    research.edit(RUN, "lookahead", {"clean": True})
    assert [row.passed for row in rows_of(research) if row.requirement == "run: look-ahead check"] == [True]


def test_run_that_was_interrupted_is_refused_by_its_name(research: Research) -> None:
    research.run = research.run.rename(research.root / "run-partial")
    assert failed(rows_of(research)) == ["run: complete"]


def test_metrics_of_another_configuration_than_beside_them_are_refused(research: Research) -> None:
    research.edit(RUN, "config_hash", "0" * 12)
    assert failed(rows_of(research)) == ["run: its files agree", "Monte Carlo: of this run"]


def test_run_without_breakers_is_refused(research: Research) -> None:
    config = make_config(risk={"breakers": False})
    found = failed(rows_of(Research(research.root, config)))
    assert found == [f"new asset {BTC}: breakers", f"new asset {ETH}: breakers", "run: breakers"]


@pytest.mark.parametrize(
    ("maker", "taker", "slippage", "failing"),
    [
        (0.001, 0.001, 0.0005, []),
        (0.0002, 0.0005, 0.0005, []),  # configs/venues/binance_usdm.toml
        (0.0001, 0.0005, 0.0005, ["costs: fees a side"]),
        (0.0, 0.0, 0.0, ["costs: fees a side", "costs: slippage"]),
        (0.001, 0.001, 0.0004, ["costs: slippage"]),
    ],
)
def test_costs_below_d34_are_refused(maker: float, taker: float, slippage: float, failing: list[str]) -> None:
    costs = make_config(costs={"maker_frac": maker, "taker_frac": taker, "slippage_frac": slippage}).costs
    assert failed(tuple(judge_costs(costs))) == failing


def test_new_asset_numbers_are_those_of_the_closed_form(research: Research) -> None:
    """Days of +2 % and -1 % in turn: mean 0.5 %, deviation 1.5 % * sqrt(n / (n - 1)), n = 184 from 1 July on."""
    rows = {row.requirement: row for row in rows_of(research)}
    sharpe = rows[f"new asset {BTC}: Sharpe 2024-07-01 to 2025-01-01"]
    assert sharpe.value == pytest.approx(0.005 / 0.015 * (183 / 184) ** 0.5 * 365**0.5)
    assert rows[f"new asset {BTC}: drawdown 2024-07-01 to 2025-01-01"].value == pytest.approx(0.01)


def test_new_asset_is_judged_on_its_last_six_months_only(research: Research) -> None:
    half = DAYS - 184
    fall, rise = [-0.01] * half, GOOD[:184].tolist()
    research.write_asset_run(BTC, [*fall, *rise])
    assert failed(rows_of(research)) == []
    research.write_asset_run(BTC, [*rise, *fall])
    assert [name.partition(" 2024")[0] for name in failed(rows_of(research))] == [
        f"new asset {BTC}: Sharpe",
        f"new asset {BTC}: drawdown",
    ]


def test_new_asset_drawdown_of_15_percent_is_refused(research: Research) -> None:
    for fall, count in ((0.15, 1), (0.1499, 0)):
        returns = [*GOOD[:365], -fall]
        returns[-2] = 0.02  # a peak right before the fall
        research.write_asset_run(BTC, returns)
        assert len(failed(rows_of(research))) == count


def test_new_asset_that_never_traded_is_refused(research: Research) -> None:
    research.write_asset_run(BTC, [0.0] * DAYS)
    rows = rows_of(research)
    assert failed(rows) == [f"new asset {BTC}: Sharpe 2024-07-01 to 2025-01-01"]
    assert {row.observed for row in rows if not row.passed} == {"undefined"}


def test_new_asset_run_with_other_parameters_is_refused(research: Research) -> None:
    research.write_asset_run(BTC, strategy=make_config(strategy={"donchian_bars": 30}).strategy)
    assert failed(rows_of(research)) == [f"new asset {BTC}: configuration"]


def test_new_asset_without_run_is_refused_unless_approved_earlier(research: Research) -> None:
    research.assets = research.assets[:1]
    assert failed(rows_of(research)) == [f"new asset {ETH}"]
    assert failed(rows_of(research, frozenset({ETH}))) == []


def test_run_on_one_asset_alone_speaks_for_it(tmp_path: Path) -> None:
    research = Research(tmp_path, make_config(BTC))
    research.assets = []
    assert failed(rows_of(research)) == []
    research.write_run("run", msgspec.structs.replace(research.config, start="2024-01-01", end="2025-01-01"), -GOOD)
    assert len(failed(rows_of(research))) == 2


def test_new_asset_run_on_several_or_twice_is_bad_input(research: Research) -> None:
    good = research.assets
    research.assets = [research.run]
    with pytest.raises(ConfigError, match="must be a run on one of"):
        rows_of(research)
    research.assets = [good[0], good[0]]
    with pytest.raises(ConfigError, match="already: give one"):
        rows_of(research)


@pytest.mark.parametrize(
    ("file", "key", "value", "message"),
    [
        (WF, "kind", "monte_carlo", r"invalid enum value"),
        (WF, "code_hash", ..., "missing required field `code_hash`"),
        (WF, "windows/0/is_sharpe", "1.5", r"windows\[0\]\.is_sharpe"),
        (WF, "windows/0/is_sharpe", float("nan"), "malformed"),
        (WF, "windows/0/oos_start", "2021-12-31", "window must go"),
        (WF, "accepted", 1, "expected `bool`"),
        (MC, "methods/block", ..., "missing required field `block`"),
        (MC, "methods/block/ruin/ci_high", -0.01, "expected `float` >= 0"),
        (MC, "methods/block/ruin/ci_high", 0.001, "ci_low <= frac <= ci_high"),
        (MC, "methods/block/ruin/ci_high", None, "expected `float`"),
        (RUN, "shut", ..., "missing required field `shut`"),
        (RUN, f"data/{BTC}/sha256", "1234", "matching regex"),
        (RUN, "data", {BTC: {"sha256": SHA[BTC], "first": "2024-01-01T00:00:00Z", "last": "2025-01-01T00:00:00Z"}},
         "data: must be of"),
    ],
)  # fmt: skip
def test_file_that_says_too_little_is_bad_input(
    research: Research, file: str, key: str, value: Any, message: str
) -> None:
    research.edit(file, key, value)
    with pytest.raises(DataError, match=message):
        rows_of(research)


@pytest.mark.parametrize("content", [b"", b"PAR1"])
def test_equity_that_cannot_be_read_is_bad_input(research: Research, content: bytes) -> None:
    (research.assets[0] / "equity.parquet").write_bytes(content)
    with pytest.raises(DataError, match=r"equity\.parquet: cannot be read"):
        rows_of(research)
