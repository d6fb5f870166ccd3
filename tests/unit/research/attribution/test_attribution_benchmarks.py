from pathlib import Path

import numpy as np
import pytest

from catalog.candles import Candles
from catalog.load import load_candles
from catalog.store import Store
from research.attribution.benchmarks import mixed_equity
from research.attribution.series import Closes, catalogs_near, find_closes

DAY_NS = 86_400_000_000_000
START = 1_577_923_200_000_000_000  # 2020-01-02 00:00


def closes(prices: list[float], ts_ns: np.ndarray) -> Closes:
    return Closes(ts_ns, np.array(prices), "x")


def days(*stamps: str) -> np.ndarray:
    return np.array(stamps, dtype="datetime64[ns]").astype(np.int64)


def test_mix_goes_back_to_60_40_with_the_month() -> None:
    ts = days("2024-01-30", "2024-01-31", "2024-02-01", "2024-02-02")
    stock, bond = closes([10.0, 15.0, 20.0, 10.0], ts), closes([5.0, 5.0, 5.0, 10.0], ts)
    # to the first row of February: 100 (0.6 x 2 + 0.4 x 1) = 160, then 160 (0.6 x 0.5 + 0.4 x 2) = 176
    assert mixed_equity(ts, stock, bond, 100.0).tolist() == pytest.approx([100.0, 130.0, 160.0, 176.0])


def test_mix_of_one_thing_with_itself_is_that_thing() -> None:
    ts = START + DAY_NS * np.arange(200)
    one = closes(np.exp(np.random.default_rng(1).normal(0, 0.01, 200).cumsum()).tolist(), ts)
    assert mixed_equity(ts, one, one, 50.0) == pytest.approx(50.0 * one.close / one.close[0])


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    for folder, name, skipped in (("a", "BTC.X", []), ("b", "SPY.US", []), ("b", "AGG.US", range(40, 80))):
        rows = np.array([day for day in range(120) if day not in skipped and (START // DAY_NS + day + 3) % 7 < 5])
        price = np.round(100.0 + 0.1 * rows, 2)
        candles = Candles(START + DAY_NS * rows, price, price, price, price, np.full(len(rows), 1000.0))
        load_candles(Store(tmp_path / folder, create=True), name, "1d", candles, source="made", sha256=name)
    return tmp_path


def test_closes_are_found_in_a_catalog_beside_the_runs_own(catalog: Path) -> None:
    near = catalogs_near(str(catalog / "a"))
    assert [path.name for path in near] == ["a", "b"]
    found = find_closes(["VOO.US", "SPY.US"], near, (START + 10 * DAY_NS, START + 110 * DAY_NS))
    assert found.why_not == ""
    assert found.source == "SPY.US, 1d, b"
    assert found.ts_ns[0] >= START
    assert found.ts_ns[-1] <= START + 110 * DAY_NS


@pytest.mark.parametrize(
    ("name", "span_days", "why_not"),
    [
        ("VOO.US", (10, 110), "none of VOO.US is in a catalog (a, b)"),
        ("SPY.US", (-20, 110), "does not cover the run, 2019-12-13 to 2020-04-21"),
        ("SPY.US", (10, 140), "does not cover the run"),
        ("AGG.US", (10, 110), "has a hole of"),
    ],
)
def test_closes_that_do_not_cover_the_run_say_so(
    catalog: Path, name: str, span_days: tuple[int, int], why_not: str
) -> None:
    first, last = (START + day * DAY_NS for day in span_days)
    found = find_closes([name], catalogs_near(str(catalog / "a")), (first, last))
    assert len(found) == 0
    assert why_not in found.why_not


@pytest.mark.parametrize("named", [None, "", 3, "no/such/catalog"])
def test_run_without_a_catalog_has_none_to_look_in(named: object) -> None:
    assert catalogs_near(named) == []


def test_damaged_catalog_is_a_reason_and_no_failure(catalog: Path) -> None:
    for path in (catalog / "b").rglob("*.json"):
        path.write_text("{")
    found = find_closes(["SPY.US"], catalogs_near(str(catalog / "a")), (START, START + 100 * DAY_NS))
    assert "SPY.US in b cannot be read" in found.why_not
