import math

import msgspec
import numpy as np
import pytest

from errors import DataError
from research import metrics, trade_stats
from research.kpi import KPI_ROWS
from research.overfitting.intervals import Interval, kpi_intervals

RNG = np.random.default_rng(1)
DAYS = RNG.normal(0.001, 0.01, 400)
PNL = RNG.normal(20.0, 100.0, 150)
R = PNL / 80.0


def intervals(
    days: np.ndarray = DAYS, pnl: np.ndarray = PNL, r: np.ndarray = R, draws: int = 300
) -> dict[str, Interval]:
    return kpi_intervals(days, pnl, r, 365, draws=draws, seed=1)


def ends(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def test_every_number_of_the_specification_has_an_interval_around_it() -> None:
    found = intervals()
    assert set(found) == {row.key for row in KPI_ROWS}
    for key, one in found.items():
        low, high = ends(one)
        assert one.value is not None
        assert low <= one.value <= high, key
        assert one.note == ""
    assert found["sharpe"].value == metrics.sharpe(DAYS, 365)
    assert found["profit_factor"].value == trade_stats.profit_factor(PNL)
    assert found["expectancy_r"].value == trade_stats.expectancy_r(R)
    assert (found["sharpe"].sample, found["win_rate"].sample) == (400, 150)


def test_ninety_percent_intervals_hold_the_truth_nine_times_in_ten() -> None:
    rng = np.random.default_rng(3)
    held = {"sharpe": 0, "win_rate": 0, "expectancy_r": 0}
    for _ in range(120):
        pnl = rng.normal(0.25, 1.0, 120)
        found = kpi_intervals(rng.normal(0.1, 1.0, 120) / 100, pnl, pnl, 365, draws=200, seed=1)
        truth = {"sharpe": 0.1 * math.sqrt(365), "win_rate": 0.5987, "expectancy_r": 0.25}
        for key, value in truth.items():
            low, high = ends(found[key])
            held[key] += low <= value <= high
    for key, count in held.items():
        assert 0.82 <= count / 120 <= 0.97, (key, count)


def test_a_wider_level_is_wider_and_the_seed_decides() -> None:
    wide, narrow, again, other = (
        ends(kpi_intervals(DAYS, PNL, R, 365, level=level, draws=300, seed=seed)["sharpe"])
        for level, seed in ((0.99, 1), (0.5, 1), (0.5, 1), (0.5, 2))
    )
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    assert narrow == again != other


def test_days_with_memory_leave_more_to_chance() -> None:
    shocks = np.random.default_rng(5).normal(0.0, 0.01, 1_000)
    for day in range(1, len(shocks)):
        shocks[day] += 0.6 * shocks[day - 1]
    shuffled = np.random.default_rng(6).permutation(shocks)
    with_memory, without = (intervals(days)["sharpe"] for days in (shocks, shuffled))
    assert with_memory.mean_block is not None
    assert without.mean_block is not None
    assert with_memory.mean_block > 3 * without.mean_block
    assert np.ptp(ends(with_memory)) > 1.4 * np.ptp(ends(without))


def test_too_few_days_or_trades_have_a_value_and_no_interval() -> None:
    found = intervals(days=DAYS[:59], pnl=PNL[:19], r=R[:19])
    for key, one in found.items():
        assert (one.low, one.high, one.mean_block) == (None, None, None), key
        assert one.value is not None
    assert found["sharpe"].note == "59 days are too few, 60 needed"
    assert found["win_rate"].note == "19 trades are too few, 20 needed"


@pytest.mark.parametrize(
    ("days", "note"),
    [(np.zeros(100), "not defined"), (np.full(100, 0.001), "not defined"), (np.r_[DAYS, math.nan], "without a return")],
    ids=["flat", "constant", "nan"],
)
def test_returns_that_say_nothing_have_no_sharpe_interval(days: np.ndarray, note: str) -> None:
    one = intervals(days=days)["sharpe"]
    assert (one.value, one.low, one.high) == (None, None, None)
    assert note in one.note


def test_no_trades_are_no_error() -> None:
    found = intervals(pnl=np.zeros(0), r=np.zeros(0))
    assert found["win_rate"] == Interval(
        value=None, low=None, high=None, level=0.9, sample=0, mean_block=None, note="0 trades are too few, 20 needed"
    )
    assert found["sharpe"].low is not None


def test_a_trade_without_a_stop_has_no_r_and_counts_elsewhere() -> None:
    r = R.copy()
    r[::10] = math.nan
    found = intervals(r=r)
    assert found["expectancy_r"].value == trade_stats.expectancy_r(r)
    assert (found["win_rate"].value, found["win_rate"].sample) == (trade_stats.win_rate(PNL), 150)


def test_few_losses_leave_the_profit_factor_without_an_upper_end() -> None:
    pnl = np.r_[np.full(60, 10.0), -5.0]
    one = intervals(pnl=pnl, r=pnl)["profit_factor"]
    assert one.low is not None
    assert (one.high, one.note) == (None, "no finite bound")


def test_all_wins_are_not_certainty() -> None:
    found = intervals(pnl=np.full(40, 10.0), r=np.full(40, 1.0))
    assert (found["win_rate"].low, found["win_rate"].note) == (None, "every resample says the same: no variance")
    assert found["profit_factor"].low is None


def test_an_account_that_is_lost_stays_lost() -> None:
    days = DAYS.copy()
    days[200] = -1.5
    low, high = ends(intervals(days=days)["max_drawdown_frac"])
    assert high == 1.0
    assert 0.0 < low < 1.0


def test_intervals_survive_json() -> None:
    found = intervals()
    assert msgspec.json.decode(msgspec.json.encode(found), type=dict[str, Interval]) == found


@pytest.mark.parametrize(("r", "level"), [(R[:-1], 0.9), (R, 0.0), (R, 1.0)])
def test_input_that_does_not_fit_is_refused(r: np.ndarray, level: float) -> None:
    with pytest.raises(DataError, match="kpi_intervals"):
        kpi_intervals(DAYS, PNL, r, 365, level=level)
