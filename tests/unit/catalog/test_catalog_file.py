"""Files of any shape: columns, stamps, and what the messages say."""

import numpy as np
import pandas as pd
import pytest

from catalog.candles import Candles
from catalog.sources.file import expand, infer_interval, read_candles, read_funding
from catalog.sources.stamps import NO_STAMP, to_utc_ns
from errors import ConfigError, DataError

NS = 1_704_067_200_000_000_000
HEADER = "ts,open,high,low,close,volume"


def written(path, *lines: str):
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("stamp", ["1704067200", "1704067200000", "1704067200000000", "1704067200000000000",
                                   "2024-01-01", "2024-01-01 00:00:00", "2024-01-01T00:00:00Z",
                                   "2024-01-01T01:00:00+01:00", "20240101 00:00"])  # fmt: skip
def test_read_candles_stamp_of_any_kind_is_utc_nanoseconds(tmp_path, stamp):
    path = written(tmp_path / "a.csv", HEADER, f"{stamp},1,2,0.5,1.5,7")
    assert read_candles(path).candles.ts_open_ns.tolist() == [NS]


def test_read_candles_names_in_any_case_and_order(tmp_path):
    path = written(tmp_path / "a.csv", "Volume;Close;Low;High;Open;Date", "7;1.5;0.5;2;1;2024-01-01")
    found = read_candles(path).candles
    assert (found.open[0], found.high[0], found.low[0], found.close[0], found.volume[0]) == (1, 2, 0.5, 1.5, 7)


def test_read_candles_date_and_time_columns_are_joined(tmp_path):
    path = written(tmp_path / "a.csv", "Date,Time,Open,High,Low,Close", "2024-01-01,00:15,1,2,0.5,1.5")
    found = read_candles(path)
    assert found.candles.ts_open_ns.tolist() == [NS + 900 * 10**9]
    assert "no volume column" in found.notes[0]


def test_read_candles_unreadable_stamps_are_counted_and_text_prices_are_nan(tmp_path):
    path = written(
        tmp_path / "a.csv", HEADER, "2024-01-01,1,2,0.5,1.5,7", "never,1,2,0.5,1.5,7", "2024-01-02,x,2,1,1,7"
    )
    found = read_candles(path)
    assert found.unparsable == 1
    assert np.isnan(found.candles.open).tolist() == [False, True]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_read_candles_parquet_stamps_of_any_unit(tmp_path, unit):
    stamps = pd.to_datetime(["2024-01-01"], utc=True).astype(f"datetime64[{unit}, UTC]")
    frame = pd.DataFrame({"ts": stamps, "open": [1.0], "high": [2.0], "low": [0.5], "close": [1.5], "volume": [7]})
    frame.to_parquet(tmp_path / "a.parquet")
    assert read_candles(tmp_path / "a.parquet").candles.ts_open_ns.tolist() == [NS]


def test_read_candles_missing_columns_names_found_and_needed(tmp_path):
    path = written(tmp_path / "a.csv", "ts,opn,high,low,close", "2024-01-01,1,2,0.5,1.5")
    with pytest.raises(DataError, match=r"a.csv: no column open; did you mean 'opn'\?; columns are ts, opn, .*needed:"):
        read_candles(path)


def test_read_candles_empty_file_says_so(tmp_path):
    (tmp_path / "a.csv").touch()
    with pytest.raises(DataError, match=r"a.csv: is empty"):
        read_candles(tmp_path / "a.csv")


def test_read_candles_broken_parquet_is_one_line(tmp_path):
    path = written(tmp_path / "a.parquet", "this is no Parquet file")
    with pytest.raises(DataError, match=r"a.parquet: cannot be read as .parquet: .*") as raised:
        read_candles(path)
    assert "\n" not in str(raised.value)


def test_read_funding_takes_the_first_of_a_double(tmp_path):
    path = written(
        tmp_path / "a.csv", "ts,funding_rate", "2024-01-01,0.0001", "2024-01-01,0.0009", "2023-12-31,-0.0002"
    )
    ts_ns, rate = read_funding(path)
    assert rate.tolist() == [-0.0002, 0.0001]
    assert ts_ns[1] == NS


def test_read_funding_of_candles_names_what_is_needed(tmp_path):
    path = written(tmp_path / "a.csv", HEADER, "2024-01-01,1,2,0.5,1.5,7")
    with pytest.raises(DataError, match="needed: a stamp"):
        read_funding(path)


def test_expand_folder_pattern_and_doubles(tmp_path):
    names = ["b.csv", "a.csv", "notes.md"]
    for name in names:
        (tmp_path / name).touch()
    found = expand([str(tmp_path), str(tmp_path / "*.csv"), str(tmp_path / "b.csv")])
    assert [path.name for path in found] == ["a.csv", "b.csv"]


def test_expand_missing_file_names_a_close_match(tmp_path):
    (tmp_path / "SOLUSDT-15m.csv").touch()
    with pytest.raises(DataError, match=r"SOLUSDT-15.csv: no such file; did you mean 'SOLUSDT-15m.csv'\?"):
        expand([str(tmp_path / "SOLUSDT-15.csv")])


def test_expand_folder_without_data_says_what_it_looked_for(tmp_path):
    with pytest.raises(DataError, match=r"no data file in this folder \(looked for .parquet"):
        expand([str(tmp_path)])


def test_infer_interval_takes_the_median_spacing(tmp_path):
    stamps = NS + np.array([0, 1, 2, 10, 11, 12]) * 900 * 10**9
    candles = Candles(stamps, *[np.ones(6)] * 5)
    assert infer_interval(candles, tmp_path) == "15m"
    with pytest.raises(DataError, match=r"cannot tell the interval \(median spacing 7 min\)"):
        infer_interval(Candles(NS + np.arange(4) * 420 * 10**9, *[np.ones(4)] * 5), tmp_path)


def test_to_utc_ns_new_york_summer_and_winter():
    column = pd.Series(["2024-01-05 09:30", "2024-07-05 09:30"])
    found, notes = to_utc_ns(column, "America/New_York")
    assert [str(np.datetime64(int(ts), "ns"))[11:16] for ts in found] == ["14:30", "13:30"]
    assert notes == []


def test_to_utc_ns_repeated_hour_is_read_twice_and_counted():
    column = pd.Series(["2024-11-03 00:30", "2024-11-03 01:30", "2024-11-03 01:30", "2024-11-03 02:30"])
    found, notes = to_utc_ns(column, "America/New_York")
    assert np.diff(found).tolist() == [3600 * 10**9] * 3
    assert "2 stamps in an hour that daylight saving repeats, 0 in one that it skips" in notes[0]


def test_to_utc_ns_skipped_hour_moves_on_and_is_counted():
    found, notes = to_utc_ns(pd.Series(["2024-03-10 01:30", "2024-03-10 02:30"]), "America/New_York")
    assert str(np.datetime64(int(found[1]), "ns"))[:16] == "2024-03-10T07:00"
    assert "1 in one that it skips" in notes[0]


def test_to_utc_ns_nothing_readable_is_no_stamp():
    assert to_utc_ns(pd.Series([np.nan, np.nan]), None)[0].tolist() == [NO_STAMP] * 2


def test_check_timezone_unknown_names_a_close_match():
    from catalog.sources.stamps import check_timezone

    with pytest.raises(ConfigError, match=r"unknown 'America/NewYork'; did you mean 'America/New_York'\?"):
        check_timezone("America/NewYork")
