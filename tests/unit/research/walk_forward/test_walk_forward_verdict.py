"""Acceptance, its words, stitching and the comparison with the engine."""

from datetime import date

import msgspec
import numpy as np
import pytest

from research.walk_forward.engine_check import Deal, EngineRun, differences
from research.walk_forward.stitch import Piece, stitch
from research.walk_forward.verdict import Judged, is_accepted, sentence

NAN = float("nan")


@pytest.mark.parametrize(
    ("inside", "after", "accepted"),
    [
        (1.0, 0.7, True),
        (1.0, 0.6999, False),
        (2.0, 3.0, True),
        (0.0, 1.0, False),
        (-1.0, -0.5, False),
        (None, 1.0, False),
        (1.0, None, False),
        (NAN, 1.0, False),
        (1.0, NAN, False),
    ],
    ids=str,
)
def test_d39_keeps_seventy_percent_of_a_positive_sharpe(
    inside: float | None, after: float | None, accepted: bool
) -> None:
    assert is_accepted(inside, after) is accepted


def judged(inside: float, after: float | None) -> Judged:
    return Judged(name="2024-01-01", is_sharpe=inside, oos_sharpe=after, accepted=is_accepted(inside, after))


def test_one_failed_window_fails_all_and_the_worst_is_named() -> None:
    rows = [judged(1.0, 1.0), judged(1.0, 0.5), judged(1.5, -2.0)]
    text = sentence(rows, accepted=False, stitched_return_frac=-0.1, short=False)
    assert text == (
        "Not accepted: 1 of 3 windows kept 70 % of a positive in-sample Sharpe ratio, all must; the worst had 1.50 in "
        "and −2.00 out (from 2024-01-01). Out of sample it lost 10.0 % in all."
    )


def test_short_is_said_even_when_accepted() -> None:
    text = sentence([judged(1.0, 1.0)], accepted=True, stitched_return_frac=0.1, short=True)
    assert text.startswith("Accepted: the only window kept 70 %")
    assert "Marked short" in text
    assert "cannot be approved" in text


def test_too_good_is_said_where_the_ratio_is_kept() -> None:
    suspects = ["Sharpe ratio 8.00", "more"]
    text = sentence([judged(8.0, 8.0)], accepted=False, stitched_return_frac=0.1, short=False, too_good=suspects)
    assert text == (
        "Not accepted: the only window kept 70 % of a positive in-sample Sharpe ratio; too good to be true: Sharpe "
        "ratio 8.00. Out of sample it gained 10.0 % in all."
    )


def test_disagreement_alone_is_said() -> None:
    assert "kernel and engine disagree" in sentence(
        [judged(1.0, 1.0)], accepted=False, stitched_return_frac=0.1, short=False
    )


def test_stitching_takes_each_day_once_from_the_newest_choice() -> None:
    day0 = (date(2024, 1, 1) - date(1970, 1, 1)).days
    first = Piece(start=date(2024, 1, 1), days=day0 + np.arange(4), returns=np.array([0.1, 0.0, 9.0, 9.0]))
    second = Piece(start=date(2024, 1, 3), days=day0 + np.arange(2, 6), returns=np.array([-0.5, 0.0, 1.0, 0.0]))
    found = stitch([first, second])
    assert (found.days - day0).tolist() == [0, 1, 2, 3, 4, 5]
    assert found.windows.tolist() == [0, 0, 1, 1, 1, 1]
    assert found.equity.tolist() == pytest.approx([1.1, 1.1, 0.55, 0.55, 1.1, 1.1])
    figures = found.figures(365)
    assert figures["total_return_frac"] == pytest.approx(0.1)
    assert figures["max_drawdown_frac"] == pytest.approx(0.5)


DEAL = Deal(
    instrument="A.X",
    side=1,
    entry_ns=1,
    exit_ns=2,
    quantity=3.0,
    entry_px=100.0,
    exit_px=101.0,
    net=2.5,
    r_multiple=1.0,
)
RUN = EngineRun(deals=(DEAL,), equity=(50_000.0, 50_002.5))


def test_equal_runs_do_not_differ_and_rounding_is_no_difference() -> None:
    near = msgspec.structs.replace(DEAL, net=2.5 + 1e-7, entry_px=100.0 * (1 + 5e-7))
    assert differences(RUN, RUN) == []
    assert differences(RUN, EngineRun(deals=(near,), equity=RUN.equity)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("side", -1), ("entry_ns", 5), ("exit_ns", 3), ("quantity", 3.1), ("exit_px", 101.01), ("net", 2.50001)],
)
def test_any_difference_of_a_trade_is_named(name: str, value: float) -> None:
    other = EngineRun(deals=(msgspec.structs.replace(DEAL, **{name: value}),), equity=RUN.equity)
    assert name in differences(RUN, other)[0]


def test_missing_trades_and_other_equity_are_named() -> None:
    assert "trades: 1 in the engine, 0 in the sweep" in differences(RUN, EngineRun(deals=(), equity=RUN.equity))[0]
    assert "equity on day 2" in differences(RUN, EngineRun(deals=RUN.deals, equity=(50_000.0, 50_003.0)))[0]
    assert "days: 2 in the engine, 1 in the sweep" in differences(RUN, EngineRun(deals=RUN.deals, equity=(5e4,)))[0]
