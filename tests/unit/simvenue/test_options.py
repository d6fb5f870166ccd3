"""The command line: what it refuses, and what it makes of what it takes."""

import socket
from pathlib import Path

import pytest

from simvenue.command import main
from simvenue.options import parse


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--prices", "seed:x"], "seed:N"),
        (["--instrument", "EURUSD"], "EURUSD"),
        (["--from", "soon"], "--from soon"),
        (["--until", "later"], "--until later"),
        (["--balance", "-1"], "negative"),
        (["--balance", "much"], "not a number"),
        (["--speed", "1e9"], "1000000"),
        (["--maker-fee", "inf"], "finite"),
        (["--key", "a:b"], "KEY:SECRET"),
        (["--key", "a:b:fly"], "KEY:SECRET"),
        (["--prices", "pyproject.toml"], "cannot be read as Parquet"),
        (["--funding", "pyproject.toml"], "cannot be read as Parquet"),
        (["--prices", "x.parquet", "--instrument", "BTCUSDT", "--instrument", "ETHUSDT"], "one file"),
        (["--prices", "BTCUSDT=seed:1", "--instrument", "ETHUSDT"], "names the instruments"),
        (["--port", "70000"], "[0, 65535]"),
        (["--leverage", "0"], "[1, 125]"),
        (["--steps", "few"], "[4, 10000]"),
    ],
)
def test_a_wrong_option_ends_with_code_2_and_says_why(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended_with(options) == 2
    assert says in capsys.readouterr().err


def ended_with(options: list[str]) -> object:
    """Return the exit code of the command, however it ends."""
    try:
        return main(options)
    except SystemExit as ended:
        return ended.code


def test_a_port_in_use_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["--port", str(taken.getsockname()[1])]) == 2
    assert "cannot listen" in capsys.readouterr().err


def test_a_state_of_something_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.json").write_text('{"market_ms": "soon"}')
    assert main(["--state", str(tmp_path / "s.json")]) == 2
    assert "is no saved state" in capsys.readouterr().err


def test_prices_may_name_their_instruments() -> None:
    options = parse(["--prices", "BTCUSDT=a.parquet", "--prices", "ETHUSDT=seed:3"])
    assert (options.instrument, options.prices) == (["BTCUSDT", "ETHUSDT"], ["a.parquet", "seed:3"])
    assert (parse([]).instrument, parse([]).prices) == (["BTCUSDT"], ["seed:1"])
