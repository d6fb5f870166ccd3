"""Walk-forward: windows tile the calendar, acceptance is monotone, a cut journal loses nothing, seeds decide."""

import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "research" / "walk_forward"))

from sample_search import SPACE, make, run, sample_config

from research.walk_forward.draw import draw
from research.walk_forward.plan import Plan
from research.walk_forward.space import Dimension, Space
from research.walk_forward.verdict import is_accepted
from research.walk_forward.windows import Lengths, add_months, anchored, fit, rolling
from research.walk_forward.write import result_json

DAYS = st.dates(date(1990, 1, 1), date(2030, 1, 1))
MONTHS = st.integers(1, 40)
RATIOS = st.floats(-10.0, 10.0)


@given(DAYS, st.integers(0, 6000), MONTHS, MONTHS, MONTHS)
def test_windows_tile_the_calendar(first: date, days: int, inside: int, out: int, step: int) -> None:
    end = first + timedelta(days=days)
    windows = rolling(first, end, Lengths(in_months=inside, out_months=out, step_months=step))
    for n, window in enumerate(windows):
        assert window.is_start < window.is_end == window.oos_start < window.oos_end <= end
        assert window.is_start == add_months(first, n * step)
        assert window.is_end == add_months(first, n * step + inside)
        assert window.oos_end == add_months(first, n * step + inside + out)
    assert add_months(first, len(windows) * step + inside + out) > end
    for window in anchored(windows) if windows else ():
        assert window.is_start == first


@given(DAYS, st.integers(70, 1500), MONTHS, MONTHS, MONTHS)
def test_shrunk_windows_fit_and_never_grow(first: date, days: int, inside: int, out: int, step: int) -> None:
    asked = Lengths(in_months=inside, out_months=out, step_months=min(step, out))
    end = first + timedelta(days=days)
    found = fit(first, end, asked, allow_short=True)
    assert rolling(first, end, found)
    assert found.in_months <= asked.in_months
    assert found.out_months <= asked.out_months
    assert found.step_months <= found.out_months


@given(st.floats(0.001, 10.0), RATIOS, st.floats(0.0, 10.0))
def test_more_out_of_sample_never_loses_acceptance(inside: float, after: float, more: float) -> None:
    assert not is_accepted(inside, after) or is_accepted(inside, after + more)


@given(RATIOS, RATIOS)
def test_nothing_is_accepted_on_a_losing_sample(inside: float, after: float) -> None:
    assert is_accepted(inside, after) <= (inside > 0.0)


@given(st.integers(0, 2**31 - 1), st.integers(1, 30))
def test_a_seed_decides_a_random_draw(seed: int, trials: int) -> None:
    values = tuple(range(10, 20))
    space = Space(
        dimensions=(
            Dimension(key="strategy.donchian_bars", values=values, ordered=True),
            Dimension(key="strategy.ema_fast_bars", values=values, ordered=True),
        )
    )
    plan = Plan(sampler="random", trials=trials, seed=seed)
    numbers = draw(space, sample_config(), plan).numbers
    assert numbers == draw(space, sample_config(), plan).numbers
    assert len(set(numbers)) == trials
    assert all(0 <= number < space.size for number in numbers)


@given(st.integers(0, 5), st.data())
def test_numbers_and_coordinates_are_one_to_one(number: int, data: st.DataObject) -> None:
    assert SPACE.number(SPACE.coordinates(number)) == number
    assert set(SPACE.parameters(number)) == {one.key for one in SPACE.dimensions}


@pytest.fixture(scope="module")
def finished() -> Iterator[tuple[bytes, bytes, bytes, str]]:
    with tempfile.TemporaryDirectory() as folder:
        study = run(Path(folder))
        work = study.folder / "work"
        files = (work / "journal.jsonl").read_bytes(), (work / "returns.f8").read_bytes()
        yield result_json(study.result), *files, study.folder.name


@given(lines=st.floats(0.0, 1.0), records=st.floats(0.0, 1.0))
@settings(max_examples=5)
def test_a_search_killed_anywhere_ends_in_the_same_bytes(
    finished: tuple[bytes, bytes, bytes, str], lines: float, records: float
) -> None:
    result, journal, returns, name = finished
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / name / "work"
        work.mkdir(parents=True)
        (work / "journal.jsonl").write_bytes(journal[: int(lines * len(journal))])
        (work / "returns.f8").write_bytes(returns[: int(records * len(returns))])
        assert result_json(run(Path(folder), make()).result) == result
