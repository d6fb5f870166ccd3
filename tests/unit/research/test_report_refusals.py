import numpy as np
import pandas as pd
import pytest

from research.report.refusal_bars import MAX_RULES, refusal_bars, refused_entries


def decisions(*rows: tuple[str, str | None]) -> pd.DataFrame:
    """Rows of (time, rule); no rule is an approval."""
    frame = pd.DataFrame(rows, columns=["ts", "rule"])
    return frame.assign(ts=pd.to_datetime(frame["ts"], utc=True, format="ISO8601"), approved=frame["rule"].isna())


def ns(*moments: str) -> list[int]:
    return [pd.Timestamp(moment, tz="UTC").value for moment in moments]


def counts(rows: list[tuple[str, str]], span: tuple[str, str] | None) -> tuple[str, list[str], dict[str, list[int]]]:
    bars = refusal_bars(refused_entries(decisions(*rows)), tuple(ns(*span)) if span else None)
    edges = [f"{pd.Timestamp(edge):%Y-%m-%d}" for edge in bars.edges_ns]
    return bars.unit, edges, {name: values.tolist() for name, values in bars.counts.items()}


def test_refusal_bars_count_by_month_the_most_frequent_rule_first() -> None:
    rows = [("2020-01-05", "a"), ("2020-03-05", "b"), ("2020-03-06", "b"), ("2021-06-30", "a"), ("2020-03-07", "b")]
    unit, edges, found = counts(rows, ("2020-01-02", "2021-06-30"))
    assert unit == "month"
    assert (edges[0], edges[1], edges[-1], len(edges)) == ("2020-01-01", "2020-02-01", "2021-07-01", 19)
    assert list(found) == ["b", "a"]
    assert found["b"] == [0, 0, 3] + [0] * 15
    assert found["a"] == [1] + [0] * 16 + [1]


@pytest.mark.parametrize(
    ("last", "unit"),
    [
        ("2020-02-15 00:00:00", "day"),  # 45 days
        ("2020-02-15 00:00:01", "week"),
        ("2021-02-04 00:00:00", "week"),  # 400 days
        ("2021-02-04 00:00:01", "month"),
        ("2028-01-01 00:00:00", "month"),  # 8 x 365.25 days
        ("2028-01-01 00:00:01", "quarter"),
    ],
)
def test_refusal_bars_are_as_wide_as_the_span_asks_for(last: str, unit: str) -> None:
    assert counts([("2020-01-10", "a")], ("2020-01-01", last))[0] == unit


def test_refusal_bars_put_a_stamp_where_two_bars_meet_into_the_earlier_one() -> None:
    rows = [("2020-01-03 00:00", "a"), ("2020-01-03 00:01", "a"), ("2020-01-04 00:00", "a")]
    unit, edges, found = counts(rows, None)
    assert (unit, edges) == ("day", ["2020-01-02", "2020-01-03", "2020-01-04"])
    assert found == {"a": [1, 2]}


def test_refusal_bars_begin_weeks_on_monday() -> None:
    unit, edges, _ = counts([("2020-03-04 12:00", "a")], ("2020-01-01 12:00", "2020-03-10 12:00"))
    assert unit == "week"
    assert (edges[0], edges[-1]) == ("2019-12-30", "2020-03-16")


def test_refusal_bars_widen_to_refusals_outside_the_run() -> None:
    _, edges, found = counts([("2020-01-01 12:00", "a"), ("2020-01-06 12:00", "a")], ("2020-01-03 12:00", "2020-01-04"))
    assert (edges[0], edges[-1]) == ("2020-01-01", "2020-01-07")
    assert found["a"] == [1, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(("rules", "others"), [(MAX_RULES, 0), (MAX_RULES + 3, 3)])
def test_refusal_bars_beyond_eight_rules_call_the_rare_ones_other(rules: int, others: int) -> None:
    rows = [("2020-01-02 12:00", f"rule_{i:02}") for i in range(rules) for _ in range(100 if i == rules - 1 else 2)]
    _, _, found = counts(rows, None)
    assert next(iter(found)) == f"rule_{rules - 1:02}"
    assert len(found) == min(rules, MAX_RULES + 1)
    assert found.get("other", [0]) == [2 * others]
    assert list(found)[-1] == ("other" if others else "rule_06")
    assert sum(map(sum, found.values())) == len(rows)


def test_refused_entries_without_a_rule_are_named_so() -> None:
    frame = decisions(("2020-01-02", "a"), ("2020-01-02", ""), ("2020-01-02", None), ("2020-01-02", None))
    frame["approved"] = [False, False, False, True]
    assert refused_entries(frame)["rule"].tolist() == ["a", "(no rule named)", "(no rule named)"]


def test_refused_entries_of_a_frame_without_types_are_none() -> None:
    assert len(refused_entries(pd.DataFrame(columns=["ts", "approved", "rule"]))) == 0


def test_refusal_bars_of_rules_with_equal_counts_are_in_order_of_name() -> None:
    _, _, found = counts([("2020-01-02 12:00", name) for name in "cab"], None)
    assert list(found) == ["a", "b", "c"]
    assert np.sum(list(found.values())) == 3
