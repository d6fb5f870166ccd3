"""The Binance archive, served on loopback: verified, parallel, resumable."""

import argparse
import datetime as dt
import hashlib
import io
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Answer, Asked, Loopback, RecordingLoader

from catalog.sources import binance_archive
from catalog.sources.binance_csv import FUNDING_COLUMNS, KLINE_COLUMNS
from errors import BotError, ConfigError, DataError, FatalError, RetryableError

ROOT = Path(__file__).resolve().parents[2]
HOUR_MS = 3_600_000
DAY_NS = 86_400_000_000_000


class Archive:
    """Files as the archive keeps them, served with ranges and checksums."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.ranges = True

    def add(self, path: str, content: bytes) -> None:
        self.files[path] = content
        self.files[f"{path}.CHECKSUM"] = f"{hashlib.sha256(content).hexdigest()}  {path.rpartition('/')[2]}\n".encode()

    def month(self, label: str, **kwargs: Any) -> str:
        return self.klines(label, "monthly", **kwargs)

    def day(self, label: str, **kwargs: Any) -> str:
        return self.klines(label, "daily", **kwargs)

    def klines(
        self,
        label: str,
        cadence: str,
        market: str = "spot",
        symbol: str = "BTCUSDT",
        *,
        header: bool = False,
        us: bool = False,
    ) -> str:
        """Add a file with one hourly candle at the first hour of each day."""
        path = f"/data/{market}/{cadence}/klines/{symbol}/1h/{symbol}-1h-{label}.zip"
        lines = [",".join(KLINE_COLUMNS)] if header else []
        lines += [f"{ms * (1000 if us else 1)},1,4,0.5,2,10,{ms},1,1,1,1,0" for ms in _days_ms(label)]
        self.add(path, _zipped("\n".join(lines) + "\n"))
        return path

    def respond(self, asked: Asked) -> Answer:
        content = self.files.get(asked.path)
        if content is None:
            return Answer(404)
        if asked.range is None or not self.ranges:
            return Answer(body=content)
        first = int(asked.range.removeprefix("bytes=").removesuffix("-"))
        if first >= len(content):
            return Answer(416)
        shown = {"Content-Range": f"bytes {first}-{len(content) - 1}/{len(content)}"}
        return Answer(206, content[first:], shown)


def _zipped(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("data.csv", text)
    return buffer.getvalue()


def _days_ms(label: str) -> list[int]:
    first = dt.datetime.strptime(label + ("-01" if len(label) == 7 else ""), "%Y-%m-%d").replace(tzinfo=dt.UTC)
    days = 1 if len(label) == 10 else ((first + dt.timedelta(days=32)).replace(day=1) - first).days
    return [int((first + dt.timedelta(days=k)).timestamp() * 1000) for k in range(days)]


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture
def server(archive: Archive) -> Iterator[Loopback]:
    with Loopback(archive.respond) as server:
        yield server


@pytest.fixture
def load(server: Loopback, tmp_path: Path) -> Any:
    def load(options: str) -> RecordingLoader:
        loader = RecordingLoader()
        binance_archive.run(parse(server, tmp_path, options), loader)
        return loader

    return load


def parse(server: Loopback, tmp_path: Path, options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    binance_archive.add_arguments(parser)
    shared = f"--symbols BTCUSDT --base-url {server.url} --cache {tmp_path / 'cache'}"
    return parser.parse_args(f"{shared} {options}".split())


def test_archive_takes_whole_months_and_days_for_the_rest(archive: Archive, server: Loopback, load: Any) -> None:
    archive.day("2024-12-31", us=False)
    archive.month("2025-01", us=True, header=True)
    archive.day("2025-02-01", us=True)
    loader = load("--intervals 1h --start 2024-12-31 --end 2025-02-01")
    opens = loader.all_candles().ts_open_ns
    first = 1_735_603_200_000_000_000  # 2024-12-31
    assert opens.tolist() == [first + k * DAY_NS for k in range(33)]
    assert [(batch[0], batch[1]) for batch in loader.batches] == [("BTCUSDT.BINANCE", "1h")]
    assert loader.metadata == {"BTCUSDT.BINANCE": None}
    assert len(server.asked) == 6


def test_archive_hands_over_the_digest_of_one_file_and_of_the_listing_of_several(
    archive: Archive, server: Loopback, load: Any
) -> None:
    paths = [archive.month("2024-01"), archive.month("2024-02")]
    digests = [hashlib.sha256(archive.files[path]).hexdigest() for path in paths]
    assert load("--intervals 1h --start 2024-01 --end 2024-01").batches[0][3:] == (
        f"{server.url}{paths[0]}",
        digests[0],
    )
    source, sha256 = load("--intervals 1h --start 2024-01 --end 2024-02").batches[0][3:]
    listing = f"{digests[0]}  BTCUSDT-1h-2024-01.zip\n{digests[1]}  BTCUSDT-1h-2024-02.zip\n"
    assert sha256 == hashlib.sha256(listing.encode()).hexdigest()
    assert source.endswith("BTCUSDT-1h-2024-01.zip to BTCUSDT-1h-2024-02.zip (2 files)")


def test_archive_hands_over_in_batches(archive: Archive, load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binance_archive, "BATCH_ROWS", 40)
    for month in ("2024-01", "2024-02", "2024-03"):
        archive.month(month)
    assert [len(batch[2]) for batch in load("--intervals 1h --start 2024-01 --end 2024-03").batches] == [60, 31]


def test_archive_takes_days_where_the_month_is_not_published_yet(archive: Archive, load: Any, capsys: Any) -> None:
    archive.month("2024-01")
    for day in range(1, 28):
        if day != 5:
            archive.day(f"2024-02-{day:02}")
    loader = load("--intervals 1h --start 2024-01 --end 2024-02")
    assert len(loader.all_candles()) == 31 + 26
    said = capsys.readouterr().err
    assert "missing in between: 2024-02-05" in said
    assert "2 days not published yet" in said


def test_archive_skips_months_before_the_listing_with_a_count(
    archive: Archive, server: Loopback, load: Any, capsys: Any
) -> None:
    archive.month("2024-03")
    loader = load("--intervals 1h --start 2023-01 --end 2024-03")
    assert len(loader.all_candles()) == 31
    assert "425 days before the first file" in capsys.readouterr().err
    assert sum("/daily/" in path for path in server.paths()) == 29  # February only: older months cannot have any


def test_archive_takes_the_days_of_a_listing_month_without_a_file(archive: Archive, load: Any) -> None:
    archive.day("2024-01-31")
    archive.month("2024-02")
    assert len(load("--intervals 1h --start 2023-11 --end 2024-02").all_candles()) == 30


def test_archive_without_any_file_says_what_to_check(load: Any) -> None:
    with pytest.raises(DataError, match=r"spot BTCUSDT 1h: the archive has no file from 2024-01-01 .*--symbols"):
        load("--intervals 1h --start 2024-01 --end 2024-02")


def test_archive_loads_futures_and_funding_within_the_span(archive: Archive, load: Any) -> None:
    archive.klines("2024-01-02", "daily", market="futures/um", header=True)
    rates = [",".join(FUNDING_COLUMNS)] + [f"{ms + 3},8,0.0001" for ms in _days_ms("2024-01")]
    archive.add(
        "/data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2024-01.zip", _zipped("\n".join(rates))
    )
    loader = load("--market um --intervals 1h --funding --start 2024-01-02 --end 2024-01-02")
    assert loader.batches[0][0] == "BTCUSDT-PERP.BINANCE"
    assert list(loader.metadata) == ["BTCUSDT-PERP.BINANCE"]
    instrument_id, ts_ns, rate, source, _ = loader.rates[0]
    assert (instrument_id, ts_ns.tolist(), rate.tolist()) == (
        "BTCUSDT-PERP.BINANCE",
        [1_704_153_600_000_000_000],
        [0.0001],
    )
    assert source.endswith("BTCUSDT-fundingRate-2024-01.zip")


def test_archive_never_loads_a_file_that_does_not_match_its_checksum(
    archive: Archive, server: Loopback, load: Any, tmp_path: Path
) -> None:
    path = archive.month("2024-01")
    archive.files[path] += b"more"
    with pytest.raises(DataError, match=r"BTCUSDT-1h-2024-01\.zip: sha256 must be [0-9a-f]{64} .* twice; not loaded"):
        load("--intervals 1h --start 2024-01 --end 2024-01")
    assert server.paths().count(path) == 2
    assert [file.name for file in tmp_path.rglob("*.zip*")] == []


def test_archive_loads_a_file_that_matches_at_the_second_try(archive: Archive, server: Loopback, load: Any) -> None:
    path = archive.month("2024-01")
    server.first[path] = [Answer(body=b"junk")]
    assert len(load("--intervals 1h --start 2024-01 --end 2024-01").all_candles()) == 31


@pytest.mark.parametrize(
    ("checksum", "expected"),
    [
        (None, r"CHECKSUM: must be there to verify the file"),
        (b"<html>", r"CHECKSUM: must start with the 64 hex.*<html>"),
    ],
)
def test_archive_without_a_usable_checksum_is_not_loaded(
    archive: Archive, load: Any, checksum: bytes | None, expected: str
) -> None:
    path = f"{archive.month('2024-01')}.CHECKSUM"
    del archive.files[path]
    if checksum is not None:
        archive.files[path] = checksum
    with pytest.raises(DataError, match=expected):
        load("--intervals 1h --start 2024-01 --end 2024-01")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_archive_tries_again_when_the_server_is_busy(
    archive: Archive, server: Loopback, load: Any, status: int
) -> None:
    path = archive.month("2024-01")
    server.first[path] = [Answer(status, headers={"retry-after": "0"})] * 2
    server.first[f"{path}.CHECKSUM"] = [Answer(status, headers={"Retry-After": "0"})]
    assert len(load("--intervals 1h --start 2024-01 --end 2024-01").all_candles()) == 31
    assert server.paths() == [path] * 3 + [f"{path}.CHECKSUM"] * 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(503, headers={"Retry-After": "0"}), (RetryableError, "HTTP 503 .*, after 2 attempts; try again later")),
        (Answer(429, headers={"Retry-After": "9999"}), (RetryableError, "HTTP 429 .* asks to wait 9999 s")),
        (Answer(403), (FatalError, "HTTP 403 .*will not give this file")),
    ],
)
def test_archive_that_stays_down_ends_with_one_line(
    archive: Archive, server: Loopback, load: Any, answer: Answer, expected: tuple[type[BotError], str]
) -> None:
    path = archive.month("2024-01")
    server.first[path] = [answer] * 5
    with pytest.raises(expected[0], match=expected[1]) as caught:
        load("--retries 1 --intervals 1h --start 2024-01 --end 2024-01")
    assert "\n" not in str(caught.value)


def test_archive_that_is_not_there_ends_with_one_line(server: Loopback, tmp_path: Path) -> None:
    args = parse(server, tmp_path, "--retries 0 --intervals 1h --start 2024-01 --end 2024-01")
    args.base_url = "http://127.0.0.1:9"  # the discard port: nobody listens
    with pytest.raises(RetryableError, match=r"no answer \(.*refused"):
        binance_archive.run(args, RecordingLoader())


@pytest.mark.parametrize("ranges", [True, False])
def test_archive_continues_a_connection_that_was_cut(
    archive: Archive, server: Loopback, load: Any, ranges: bool
) -> None:
    path = archive.month("2024-01")
    archive.ranges = ranges
    server.first[path] = [Answer(body=archive.files[path], cut_after=100)]
    assert len(load("--intervals 1h --start 2024-01 --end 2024-01").all_candles()) == 31
    assert [asked.range for asked in server.asked if asked.path == path] == [None, "bytes=100-"]


def test_archive_does_not_fetch_again_what_it_has(archive: Archive, server: Loopback, load: Any, capsys: Any) -> None:
    archive.month("2024-01")
    first = load("--intervals 1h --start 2024-01 --end 2024-01")
    server.asked.clear()
    second = load("--intervals 1h --start 2024-01 --end 2024-01")
    assert server.asked == []
    assert second.batches[0][3:] == first.batches[0][3:]
    assert "1 files, 1 of them cached" in capsys.readouterr().err


def test_archive_fetches_again_what_changed_on_disk(
    archive: Archive, server: Loopback, load: Any, tmp_path: Path
) -> None:
    path = archive.month("2024-01")
    load("--intervals 1h --start 2024-01 --end 2024-01")
    (tmp_path / "cache" / path[1:]).write_bytes(b"rotten")
    assert len(load("--intervals 1h --start 2024-01 --end 2024-01").all_candles()) == 31
    assert server.paths().count(path) == 2


def test_archive_verifies_a_complete_partial_file_without_fetching_it_again(
    archive: Archive, server: Loopback, load: Any, tmp_path: Path
) -> None:
    path = archive.month("2024-01")
    part = tmp_path / "cache" / f"{path[1:]}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(archive.files[path])
    assert len(load("--intervals 1h --start 2024-01 --end 2024-01").all_candles()) == 31
    assert server.paths() == [path, f"{path}.CHECKSUM"]
    assert server.asked[0].range == f"bytes={len(archive.files[path])}-"


def test_archive_killed_in_the_middle_continues_where_it_was(
    archive: Archive, server: Loopback, load: Any, tmp_path: Path
) -> None:
    done, cut = archive.month("2024-01"), archive.month("2024-02")
    options = "--intervals 1h --start 2024-01 --end 2024-02 --jobs 1"
    held = Answer(body=archive.files[cut], cut_after=500, release=threading.Event())
    server.first[cut] = [held]
    child = _start(server, tmp_path, options)
    try:
        assert held.reached.wait(30)
        _wait_for_size(tmp_path / "cache" / f"{cut[1:]}.part", 500, child)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert held.release is not None
        held.release.set()
    server.asked.clear()
    assert len(load(options).all_candles()) == 60
    assert done not in server.paths()
    assert [asked.range for asked in server.asked if asked.path == cut] == ["bytes=500-"]


def _start(server: Loopback, tmp_path: Path, options: str) -> subprocess.Popen[bytes]:
    code = (
        "import argparse, sys; from catalog.sources import binance_archive as b; p = argparse.ArgumentParser();"
        "b.add_arguments(p); b.run(p.parse_args(sys.argv[1:]), None)"
    )
    shared = f"--symbols BTCUSDT --base-url {server.url} --cache {tmp_path / 'cache'} {options}"
    return subprocess.Popen([sys.executable, "-c", code, *shared.split()], cwd=ROOT)


def _wait_for_size(path: Path, size_bytes: int, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while not (path.exists() and path.stat().st_size >= size_bytes):
        assert time.monotonic() < deadline
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.02)


def test_archive_downloads_as_many_at_a_time_as_jobs_say(archive: Archive, server: Loopback, load: Any) -> None:
    barrier = threading.Barrier(3)
    for month in ("2024-01", "2024-02", "2024-03"):
        path = archive.month(month)
        server.first[path] = [Answer(body=archive.files[path], before=lambda: barrier.wait(10))]
    assert len(load("--intervals 1h --start 2024-01 --end 2024-03 --jobs 3").all_candles()) == 91
    assert not barrier.broken  # all three were being asked for at the same time


def test_archive_says_where_a_verified_file_is_malformed(archive: Archive, load: Any) -> None:
    archive.add("/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip", _zipped("a,b\n1,2\n"))
    with pytest.raises(DataError, match=r"2024-01\.zip:data\.csv:2: must have 12 columns"):
        load("--intervals 1h --start 2024-01 --end 2024-01")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--intervals 1h --symbols BTC/USDT", "--symbols must be letters and digits .* was 'BTC/USDT'; 'BTCUSDT'"),
        ("--intervals 1h --symbols ,", "--symbols must be one or more names"),
        ("--intervals 15min", "--intervals must be of 1m, .* was '15min'; did you mean '15m'"),
        ("", "--intervals must be given"),
        ("--funding", "--funding must go with --market um, was --market spot"),
        ("--intervals 1h --jobs 0", "--jobs must be from 1 to 32, was 0"),
        ("--intervals 1h --retries -1", "--retries must be from 0 to 20, was -1"),
        ("--intervals 1h --base-url ftp://x", "--base-url must start with http:// or https://"),
        ("--intervals 1h --cache /proc/nowhere", r"/proc/nowhere/.*: cannot be written .*--cache"),
    ],
)
def test_archive_options_that_cannot_work_say_which_and_why(load: Any, options: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        load(f"--start 2024-01 --end 2024-01 {options}")
