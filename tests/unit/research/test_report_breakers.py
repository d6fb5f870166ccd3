import math

import pandas as pd
import pytest

from research.report.breaker_spans import (
    BreakerEvent,
    BreakerSpan,
    Ending,
    Level,
    breaker_spans,
    closed_frac,
    level_of,
)
from research.report.risk_tables import MAX_TRIPS, breaker_table, endings, how_it_ended, share, trip_list
from research.report.run import BREAKERS

HOUR_NS = 3_600_000_000_000
END = 100  # the run ends here, in hours


def events(*rows: tuple[int, str, str] | tuple[int, str, str, str]) -> pd.DataFrame:
    """Rows of (hour, breaker, kind, operator)."""
    full = [(*row, "")[:4] for row in rows]
    frame = pd.DataFrame(
        [
            (hour * HOUR_NS, name, kind, 0.031, 0.03, operator, "why" * bool(operator))
            for hour, name, kind, operator in full
        ],
        columns=list(BREAKERS),
    )
    return frame.assign(ts=pd.to_datetime(frame["ts"], utc=True))


def span(begin: int, end: int, breaker: str = "daily_loss", **more: object) -> BreakerSpan:
    trip = BreakerEvent(begin * HOUR_NS, breaker, "TRIPPED", 0.031, 0.03, "", "")
    return BreakerSpan((trip,), end * HOUR_NS, **({"ending": Ending.ITSELF} | more))


D, W, X = "daily_loss", "weekly_loss", "drawdown"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([(10, D, "WARNING")], [], id="a warning closes nothing"),
        pytest.param([(10, D, "TRIPPED"), (24, D, "OPENED")], [(D, 10, 24, "by itself", 1)], id="D25 by itself"),
        pytest.param(
            [(9, D, "WARNING"), (10, D, "TRIPPED"), (11, D, "WARNING"), (24, D, "OPENED")],
            [(D, 10, 24, "by itself", 1)],
            id="warnings around a trip",
        ),
        pytest.param([(10, X, "TRIPPED")], [(X, 10, END, "still closed at the end", 1)], id="D29 never opened"),
        pytest.param([(END, X, "TRIPPED")], [(X, END, END, "still closed at the end", 1)], id="tripped at the end"),
        pytest.param([(120, X, "TRIPPED")], [(X, 120, 120, "still closed at the end", 1)], id="tripped after the end"),
        pytest.param([(10, X, "TRIPPED"), (40, X, "RESET", "Ann")], [(X, 10, 40, "by hand", 1)], id="D31 by hand"),
        pytest.param(
            [(10, W, "TRIPPED"), (20, W, "APPROVED", "Ann"), (60, W, "OPENED")],
            [(W, 10, 60, "after approval", 1)],
            id="D26 approved, open after seven days",
        ),
        pytest.param(
            [(10, W, "TRIPPED"), (20, W, "APPROVED", "Ann"), (30, W, "TRIPPED"), (60, W, "OPENED")],
            [(W, 10, 60, "by itself", 2)],
            id="D26 a second trip takes the approval back",
        ),
        pytest.param(
            [(10, D, "TRIPPED"), (24, D, "OPENED"), (30, D, "TRIPPED"), (48, D, "OPENED")],
            [(D, 10, 24, "by itself", 1), (D, 30, 48, "by itself", 1)],
            id="twice",
        ),
        pytest.param(
            [(10, D, "TRIPPED"), (12, W, "TRIPPED"), (24, D, "OPENED"), (90, W, "RESET", "Ann")],
            [(D, 10, 24, "by itself", 1), (W, 12, 90, "by hand", 1)],
            id="two breakers overlap, each opens its own",
        ),
        pytest.param(
            [(10, W, "TRIPPED"), (12, D, "TRIPPED"), (24, D, "OPENED"), (90, W, "RESET", "Ann")],
            [(W, 10, 90, "by hand", 1), (D, 12, 24, "by itself", 1)],
            id="one breaker inside another, in order of beginning",
        ),
        pytest.param(
            [(6, D, "RESET"), (7, W, "APPROVED"), (10, D, "TRIPPED"), (24, D, "OPENED"), (25, D, "OPENED")],
            [(D, 10, 24, "by itself", 1)],
            id="what opens an open breaker means nothing",
        ),
        pytest.param([(24, D, "OPENED"), (10, D, "TRIPPED")], [(D, 10, 24, "by itself", 1)], id="rows out of order"),
        pytest.param(
            [(10, D, "TRIPPED"), (24, D, "OPENED"), (24, D, "TRIPPED"), (48, D, "OPENED")],
            [(D, 10, 24, "by itself", 1), (D, 24, 48, "by itself", 1)],
            id="opens and trips at one moment",
        ),
    ],
)
def test_breaker_spans_of_events_are_from_trip_to_opening(rows: list, expected: list) -> None:
    spans = breaker_spans(events(*rows), END * HOUR_NS)
    found = [(s.breaker, s.begin_ns // HOUR_NS, s.end_ns // HOUR_NS, s.ending.value, len(s.trips)) for s in spans]
    assert found == expected


def test_breaker_spans_of_a_frame_without_types_or_with_missing_texts() -> None:
    assert breaker_spans(pd.DataFrame(columns=list(BREAKERS)), 0) == []
    rows = events((1, D, "TRIPPED"), (2, D, "RESET")).assign(operator=None, reason=float("nan"))
    (found,) = breaker_spans(rows, END * HOUR_NS)
    assert (found.hand.operator, found.hand.reason) == ("", "")


def test_breaker_spans_keep_the_first_trip_and_the_hand() -> None:
    rows = events((1, X, "TRIPPED"), (2, X, "TRIPPED"), (9, X, "RESET", "Ann")).assign(observed=[0.16, 0.2, 0.2])
    (found,) = breaker_spans(rows, END * HOUR_NS)
    assert (found.trips[0].observed, found.hand.operator, found.hand.reason) == (0.16, "Ann", "why")


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], 0.0),
        ([(0, 100)], 1.0),
        ([(10, 20)], 0.1),
        ([(10, 20), (20, 30)], 0.2),
        ([(10, 30), (20, 40)], 0.3),
        ([(20, 40), (10, 30)], 0.3),
        ([(10, 50), (20, 30)], 0.4),
        ([(-50, 10)], 0.1),
        ([(95, 400)], 0.05),
        ([(-20, -10), (200, 300)], 0.0),
        ([(50, 50)], 0.0),
    ],
)
def test_closed_frac_counts_overlaps_once_and_only_the_run(spans: list, expected: float) -> None:
    assert closed_frac([span(*ends) for ends in spans], 0, 100 * HOUR_NS) == pytest.approx(expected)


def test_closed_frac_of_no_time_is_not_a_number() -> None:
    assert math.isnan(closed_frac([span(0, 1)], 5, 5))


@pytest.mark.parametrize(
    ("breaker", "level"),
    [
        ("loss_streak", Level.SMALLER_SIZE),
        ("daily_loss", Level.DAY),
        ("weekly_loss", Level.HALT),
        ("suspension", Level.HALT),
        ("one_of_tomorrow", Level.HALT),
        ("drawdown", Level.SHUTDOWN),
        ("kill_switch", Level.SHUTDOWN),
    ],
)
def test_level_of_a_breaker_says_what_it_stops(breaker: str, level: Level) -> None:
    assert level_of(breaker) is level


ANN = BreakerEvent(0, X, "RESET", 0.0, 0.0, "Ann", "new capital")


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        ({}, "by itself"),
        ({"ending": Ending.HAND, "hand": ANN}, "by hand, Ann: new capital"),
        ({"ending": Ending.HAND, "hand": ANN._replace(reason="")}, "by hand, Ann"),
        ({"ending": Ending.HAND, "hand": ANN._replace(operator="")}, "by hand, operator not named: new capital"),
        ({"ending": Ending.APPROVED, "hand": ANN}, "after approval, Ann: new capital"),
        ({"ending": Ending.NEVER}, "still closed at the end"),
        ({"ending": Ending.NEVER, "hand": ANN}, "still closed at the end, approved by Ann: new capital"),
    ],
)
def test_how_it_ended_names_the_hand_and_the_reason(ended: dict, text: str) -> None:
    assert how_it_ended(span(1, 2, **ended)) == text


def test_how_it_ended_of_a_kill_by_hand_tripped_twice_says_both() -> None:
    trips = (ANN._replace(kind="TRIPPED"), ANN._replace(kind="TRIPPED"))
    text = how_it_ended(BreakerSpan(trips, 9, Ending.HAND, ANN._replace(operator="Bob", reason="checked")))
    assert text == "tripped by Ann: new capital; tripped 2 times; by hand, Bob: checked"


def test_endings_count_each_way_and_name_one_that_is_closed_still() -> None:
    ways = [Ending.HAND, Ending.ITSELF, Ending.ITSELF, Ending.APPROVED, Ending.NEVER]
    text = endings([span(1, 2, ending=way) for way in ways])
    assert text == "by itself 2, after approval 1, by hand 1, still closed at the end"


@pytest.mark.parametrize(
    ("frac", "text"),
    [
        (0.0, "0 %"),
        (0.0009, "under 0.1 %"),
        (0.001, "0.1 %"),
        (0.0994, "9.9 %"),
        (0.0995, "10 %"),
        (1.0, "100 %"),
        (math.nan, "n/a"),
    ],
)
def test_share_has_decimals_below_ten_per_cent(frac: float, text: str) -> None:
    assert share(frac) == text


def cells(row: str) -> list[str]:
    return [part.split(">", 1)[1].replace("</td>", "").replace("</tr>", "") for part in row.split("<td")[1:]]


def test_breaker_table_ranks_the_gravest_first_and_sums_what_stops_entries() -> None:
    spans = [
        span(0, 24, "loss_streak"),
        span(10, 20),
        span(30, 40),
        span(35, 50, W, ending=Ending.APPROVED),
        span(60, 100, X, ending=Ending.NEVER),
    ]
    html = breaker_table(spans, {D: 7, W: 2, "portfolio_heat": 40}, (0, 100 * HOUR_NS))
    rows = [cells(row) for row in html.split("<tr>")[2:]]
    assert [row[0].split("</i>")[-1].split("<")[0] for row in rows[:4]] == [
        "drawdown",
        "weekly loss",
        "daily loss",
        "loss streak",
    ]
    assert rows[0][1:] == [
        "1",
        "40 %",
        "0",
        "1970-01-03 12:00",
        "1970-01-03 12:00",
        "still closed at the end</tbody></table></div>"[:23],
    ]
    assert rows[2][1:] == ["2", "20 %", "7", "1970-01-01 10:00", "1970-01-02 06:00", "by itself 2"]
    assert rows[3][3] == "–"
    assert "Any that stops entries" in rows[4][0]
    assert rows[4][1:4] == ["4", "70 %", "9"]  # 10-20, 30-50, 60-100


def test_breaker_table_of_one_breaker_has_no_sum() -> None:
    assert "Any that stops" not in breaker_table([span(1, 2), span(3, 4)], {}, (0, HOUR_NS))
    assert "Any that stops" not in breaker_table([span(1, 2), span(3, 4, "loss_streak")], {}, (0, HOUR_NS))


def test_trip_list_shows_sizes_in_their_own_unit() -> None:
    sizes = [(D, 0.0312, 0.03), ("suspension", 3.0, 3.0), ("slippage", 6.25, 5.0), ("kill_switch", 1.0, 0.0)]
    spans = [
        BreakerSpan((BreakerEvent(0, name, "TRIPPED", observed, limit, "", ""),), HOUR_NS, Ending.ITSELF)
        for name, observed, limit in sizes
    ]
    rows = [cells(row)[4:6] for row in trip_list(spans).split("<tr>")[2:]]
    assert rows == [["3.1 %", "3.0 %"], ["3", "3"], ["6.25", "5"], ["–", "–"]]


def test_trip_list_has_no_end_for_what_never_opened() -> None:
    row = cells(trip_list([span(1, 49, X, ending=Ending.NEVER)]).split("<tr>")[2])
    assert row[1:4] == ["1970-01-01 01:00", "–", "2.0 d"]


@pytest.mark.parametrize(("count", "is_open"), [(12, True), (13, False)])
def test_trip_list_is_folded_when_long(count: int, is_open: bool) -> None:
    html = trip_list([span(i, i + 1) for i in range(count)])
    assert html.startswith('<details open="open"') is is_open
    assert f"<summary>{count} trips</summary>" in html


def test_trip_list_beyond_500_lists_the_last_and_says_so() -> None:
    html = trip_list([span(i, i + 1) for i in range(MAX_TRIPS + 1)])
    assert "501 trips, the last 500 listed; breakers.parquet has them all" in html
    assert html.count("<tr><td>") == MAX_TRIPS
    assert "<td>1970-01-01 00:00<td>" not in html
