"""Binance kline and funding files: every form that the archive has had, and what a bad one says."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from catalog.sources.binance_csv import FUNDING_COLUMNS, KLINE_COLUMNS, looks_like_klines, read_funding, read_klines
from errors import DataError

HEADER = ",".join(KLINE_COLUMNS)
MS = 1_704_067_200_000  # 2024-01-01T00:00Z
US = 1_735_689_600_000_000  # 2025-01-01T00:00Z


def line(open_time: int | str, close: str = "42475.23", volume: str = "12.5") -> str:
    return f"{open_time},42283.58,42554.57,42261.02,{close},{volume},{open_time},53957.2,47134,6.8,28957.4,0"


def write(path: Path, *lines: str, end: str = "\n") -> Path:
    path.write_bytes((end.join(lines) + end).encode())
    return path


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        pytest.param([line(MS), line(MS + 60_000)], "\n", id="no header"),
        pytest.param([HEADER, line(MS), line(MS + 60_000)], "\n", id="header"),
        pytest.param([HEADER, line(MS), line(MS + 60_000)], "\r\n", id="header, CRLF"),
        pytest.param(["\ufeff" + HEADER, line(MS), line(MS + 60_000)], "\n", id="byte order mark"),
        pytest.param(
            ["Open time,Open,High,Low,Close,Volume,a,b,c,d,e,f", line(MS), line(MS + 60_000)], "\n", id="words"
        ),
    ],
)
def test_klines_with_or_without_header_read_the_same(tmp_path: Path, lines: list[str], end: str) -> None:
    candles = read_klines(write(tmp_path / "k.csv", *lines, end=end))
    assert candles.ts_open_ns.tolist() == [1_704_067_200_000_000_000, 1_704_067_260_000_000_000]
    assert candles.ts_open_ns.dtype == np.int64
    assert (candles.open[0], candles.high[0], candles.low[0], candles.close[0], candles.volume[0]) == (
        42283.58,
        42554.57,
        42261.02,
        42475.23,
        12.5,
    )


def test_klines_with_both_units_in_one_file_are_told_row_by_row(tmp_path: Path) -> None:
    candles = read_klines(write(tmp_path / "k.csv", line(US), line(MS), line(US + 60_000_000)))
    assert candles.ts_open_ns.tolist() == [US * 1_000, MS * 1_000_000, US * 1_000 + 60_000_000_000]


def test_klines_of_several_csv_in_a_zip_are_joined_in_order_of_names(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "k.zip", "w") as archive:
        archive.writestr("b.csv", line(US) + "\n")
        archive.writestr("a.csv", HEADER + "\n" + line(MS) + "\n")
        archive.writestr("readme.txt", "not this")
        archive.writestr("__MACOSX/a.csv", b"\x00\x01")
    assert read_klines(tmp_path / "k.zip").ts_open_ns.tolist() == [MS * 1_000_000, US * 1_000]


def test_klines_with_an_empty_price_hold_nan(tmp_path: Path) -> None:
    candles = read_klines(write(tmp_path / "k.csv", line(MS, close=""), line(MS + 60_000)))
    assert np.isnan(candles.close).tolist() == [True, False]


def test_klines_of_a_header_alone_are_no_candles(tmp_path: Path) -> None:
    assert len(read_klines(write(tmp_path / "k.csv", HEADER))) == 0


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([HEADER, line(MS), "1,2,3"], r"k\.csv:3: must have 12 columns .*, has 3", id="short line"),
        pytest.param([line(MS, close="abc")], r"k\.csv:1: column close must be a number, was 'abc'", id="word"),
        pytest.param(
            [line(MS), line("1.7e12")], r"k\.csv:2: column open_time must be an integer, was '1\.7e12'", id="e"
        ),
        pytest.param([line(MS), HEADER], r"k\.csv:2: column open_time must be an integer", id="header inside"),
        pytest.param(
            [line(MS), line(1_704_067_200)], "open_time of data row 2 must be epoch milli.*was 1704067200", id="s"
        ),
        pytest.param([line(MS), line("")], "open_time of data row 2 is empty", id="no time"),
    ],
)
def test_klines_that_are_malformed_name_file_line_and_column(tmp_path: Path, lines: list[str], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        read_klines(write(tmp_path / "k.csv", *lines))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("k.csv", b"", r"k\.csv: must have data rows, has none"),
        ("k.zip", b"not a zip at all", r"k\.zip: not a readable zip"),
    ],
)
def test_klines_of_a_broken_file_say_which(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=expected):
        read_klines(tmp_path / name)


def test_klines_of_a_zip_with_a_flipped_bit_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "k.zip", "w") as archive:
        archive.writestr("a.csv", line(MS) + "\n")
    content = bytearray((tmp_path / "k.zip").read_bytes())
    content[60] ^= 1
    (tmp_path / "k.zip").write_bytes(content)
    with pytest.raises(DataError, match="not a readable zip"):
        read_klines(tmp_path / "k.zip")


def test_klines_of_a_zip_without_csv_say_what_it_holds(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "k.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(DataError, match=r"must hold at least one \.csv, holds \['a\.txt'\]"):
        read_klines(tmp_path / "k.zip")


def test_klines_of_a_missing_file_say_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.csv: cannot be read \(No such file"):
        read_klines(tmp_path / "gone.csv")


@pytest.mark.parametrize(
    ("name", "first", "expected"),
    [
        ("k.csv", HEADER, True),
        ("k.csv", line(MS), True),
        ("k.CSV", line(US), True),
        ("k.csv", line(1_704_067_200), False),
        ("k.csv", "ts,open,high,low,close,volume", False),
        ("k.csv", "2024-01-01,1,2,3,4,5,6,7,8,9,10,11", False),
        ("k.csv", "", False),
        ("k.parquet", line(MS), False),
        ("k.zip", "not a zip", False),
    ],
)
def test_looks_like_klines_judges_the_first_line(tmp_path: Path, name: str, first: str, expected: bool) -> None:
    assert looks_like_klines(write(tmp_path / name, first)) is expected


def test_looks_like_klines_looks_into_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "k.zip", "w") as archive:
        archive.writestr("a.csv", line(MS) + "\n")
    assert looks_like_klines(tmp_path / "k.zip")
    assert not looks_like_klines(tmp_path / "gone.zip")


@pytest.mark.parametrize("header", [[], [",".join(FUNDING_COLUMNS)]])
def test_funding_is_stamped_on_the_minute_and_kept_per_interval(tmp_path: Path, header: list[str]) -> None:
    rates = read_funding(write(tmp_path / "f.csv", *header, f"{MS + 7},8,0.00037409", f"{MS + 14_400_000},4,-0.0001"))
    assert rates.ts_ns.tolist() == [MS * 1_000_000, (MS + 14_400_000) * 1_000_000]
    assert rates.rate_frac.tolist() == [0.00037409, -0.0001]
    assert rates.interval_hours.tolist() == [8, 4]


def test_funding_with_klines_in_it_says_what_it_must_have(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"f\.csv:1: must have 3 columns \(calc_time, funding_interval_hours"):
        read_funding(write(tmp_path / "f.csv", line(MS)))
