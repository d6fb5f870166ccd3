"""Where values come from: files, includes, ``--set``, options; and what is said when one cannot be read."""

from pathlib import Path

import pytest
from config_files import MINIMAL, fails

from configs.load import load_run

# --- files that cannot be read ----------------------------------------------------------------------------------------


def test_missing_file_names_the_close_match(write, tmp_path: Path) -> None:
    write(MINIMAL, "sample.toml")
    missing = tmp_path / "sampel.toml"
    assert fails(missing) == f"{missing}: no such configuration file; did you mean 'sample.toml'?"


def test_missing_file_lists_what_is_there(write, tmp_path: Path) -> None:
    write(MINIMAL, "a.toml")
    assert fails(tmp_path / "zzzzzzzz").endswith("no such configuration file (there are: a.toml)")
    assert fails(tmp_path / "no" / "x.toml").endswith("no such configuration file")


def test_folder_is_not_a_configuration(tmp_path: Path) -> None:
    assert fails(tmp_path).startswith(f"{tmp_path}: cannot be read (")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_bytes(b"name = '\xff\xfe'")
    assert fails(path).startswith(f"{path}: cannot be read (")


@pytest.mark.parametrize(
    "text", ["name = ", "[risk", "a = 1\na = 2", "name: x"], ids=["value", "table", "twice", "yaml"]
)
def test_bad_toml_names_file_and_line(write, text: str) -> None:
    path = write(text)
    message = fails(path)
    assert message.startswith(f"{path}: not TOML: ")
    assert "line" in message or "end of document" in message


# --- includes ---------------------------------------------------------------------------------------------------------


def test_include_is_overridden_by_later_files_and_by_the_file_itself(write) -> None:
    first = write("[exits]\nstop_atr = 1.1\ntp1_atr = 3.1\nbackstop_r = 3.0", "first.toml")
    second = write("[exits]\nstop_atr = 1.2\ntp1_atr = 3.2", "second.toml")
    path = write(f"include = ['{first}', '{second}']\n{MINIMAL}[exits]\nstop_atr = 1.3")
    exits = load_run(path).exits
    assert (exits.stop_atr, exits.tp1_atr, exits.backstop_r) == (1.3, 3.2, 3.0)


def test_included_file_is_named_in_its_errors(write) -> None:
    profile = write("[strategy]\ndonchian_bar = 20\n", "profile.toml")
    path = write(f"include = ['{profile}']\n{MINIMAL}[exits]\nstop_atr = 2.0\n")
    assert fails(path).startswith(f"{profile}: unknown key 'strategy.donchian_bar'")
    profile.write_text("[strategy]\ndonchian_bars = 1\n", encoding="utf-8")
    assert fails(path).startswith(f"{profile}: strategy.donchian_bars: expected")
    profile.write_text("[timeframe]\nhtf = '1h'\nsignal = '1h'\n", encoding="utf-8")
    assert fails(path).startswith(f"{profile}: timeframe: htf must be")
    profile.write_text("[timeframe", encoding="utf-8")
    assert fails(path).startswith(f"{profile}: not TOML")


def test_file_that_overrides_an_include_is_named_in_its_errors(write) -> None:
    profile = write("[strategy]\ndonchian_bars = 20\n", "profile.toml")
    path = write(f"include = ['{profile}']\n{MINIMAL}[strategy]\ndonchian_bars = 1")
    assert fails(path).startswith(f"{path}: strategy.donchian_bars: expected")


@pytest.mark.parametrize("length", [1, 2, 3])
def test_include_cycle_is_shown(write, tmp_path: Path, length: int) -> None:
    names = [tmp_path / f"file{number}.toml" for number in range(length)]
    for number, name in enumerate(names):
        write(f"include = ['{names[(number + 1) % length]}']\n{MINIMAL}", name.name)
    message = fails(names[0])
    assert message.startswith(f"{names[0]}: includes itself: ")
    assert all(str(name) in message for name in names)


def test_same_include_twice_is_no_cycle(write) -> None:
    base = write("[exits]\nstop_atr = 2.0\n", "base.toml")
    one = write(f"include = ['{base}']\n", "one.toml")
    path = write(f"include = ['{base}', '{one}']\n{MINIMAL}")
    assert load_run(path).exits.stop_atr == 2.0


def test_missing_include_names_the_close_match(write) -> None:
    path = write(f"include = ['profiles/intradya.toml']\n{MINIMAL}")
    message = fails(path)
    assert message.startswith(f"{path}: include 'profiles/intradya.toml' is not a file in ")
    assert message.endswith("did you mean 'profiles/intraday.toml'?")


@pytest.mark.parametrize("value", ["'profiles/swing.toml'", "[1]", "3"])
def test_include_must_be_a_list_of_names(write, value: str) -> None:
    assert "include must be a list of file names, was" in fails(write(f"include = {value}\n{MINIMAL}"))


# --- --set and options ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        pytest.param("strategy.donchian_bars=30", "strategy.donchian_bars", 30, id="int"),
        pytest.param("exits.stop_atr=2", "exits.stop_atr", 2.0, id="int-for-float"),
        pytest.param("exits.stop_atr = 2.25", "exits.stop_atr", 2.25, id="float-with-spaces"),
        pytest.param("risk.risk_frac=5e-3", "risk.risk_frac", 0.005, id="exponent"),
        pytest.param("strategy.require_volume=false", "strategy.require_volume", False, id="bool"),
        pytest.param("account.starting_balance=1_000", "account.starting_balance", 1000.0, id="underscore"),
        pytest.param("timeframe.htf=1d", "timeframe.htf", "1d", id="bare-text"),
        pytest.param('timeframe.htf="1d"', "timeframe.htf", "1d", id="quoted-text"),
        pytest.param("name=a=b", "name", "a=b", id="equals-in-the-value"),
        pytest.param("start=2024-01-01", "start", "2024-01-01", id="date"),
        pytest.param("risk.crypto.max_positions=1", "risk.crypto.max_positions", 1, id="deep"),
        pytest.param("instruments=C.X", "instruments", ("C.X",), id="one-instrument"),
        pytest.param("instruments=C.X, D-PERP.X", "instruments", ("C.X", "D-PERP.X"), id="instruments"),
        pytest.param('instruments=["C.X", "D.X"]', "instruments", ("C.X", "D.X"), id="toml-list"),
        pytest.param("instruments=[C.X,D.X]", "instruments", ("C.X", "D.X"), id="bare-list"),
    ],
)
def test_set_replaces_one_value(write, text: str, where: str, expected: object) -> None:
    found: object = load_run(write(MINIMAL), [text])
    for name in where.split("."):
        found = getattr(found, name)
    assert found == expected
    assert type(found) is type(expected)


def test_set_wins_over_files_and_the_last_one_wins(write) -> None:
    path = write(MINIMAL + "[exits]\nstop_atr = 1.3\n")
    assert load_run(path, ["exits.stop_atr=1.4", "exits.stop_atr=1.6"]).exits.stop_atr == 1.6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("foo", "--set foo: must be KEY=VALUE, for example ", id="no-equals"),
        pytest.param("=3", "--set =3: must be KEY=VALUE", id="no-key"),
        pytest.param("strategy.donchian_bar=3", "--set: unknown key 'strategy.donchian_bar'; did you mean 'donchian_b",
                     id="unknown-key"),
        pytest.param("exit.stop_atr=3", "--set: unknown key 'exit'; did you mean 'exits'?", id="unknown-table"),
        pytest.param("a..b=3", "--set: unknown key 'a'", id="two-dots"),
        pytest.param("name.x=3", "--set name.x: 'name' is a value, not a table", id="below-a-value"),
        pytest.param("strategy.donchian_bars=many", "--set: strategy.donchian_bars: expected `int`, got `str`, was 'm",
                     id="wrong-type"),
        pytest.param("risk.risk_frac=0.02", "--set: risk.risk_frac: expected `float` <= 0.01, was 0.02", id="range"),
        pytest.param("instruments=", "--set: instruments: expected `array` of length >= 1, was []", id="no-instrument"),
        pytest.param("instruments=A.X,A.X", "--set: instruments must be unique, found twice: A.X", id="doubled"),
        pytest.param("start=soon", "--set: start must be a date like", id="date"),
        pytest.param("timeframe.htf=15m", "--set: timeframe.htf: must be one of 1h, 4h", id="choice"),
        pytest.param("exits.tp1_r=1.5", "--set: exits: tp1_r must be at least 2.0", id="contradiction"),
    ],
)  # fmt: skip
def test_set_that_cannot_be_is_named(write, text: str, expected: str) -> None:
    assert fails(write("name = 'x'\n" + MINIMAL), (text,)).startswith(expected)


def test_options_win_over_set_and_are_named(write) -> None:
    path = write(MINIMAL)
    config = load_run(path, ["start=2020-01-01", "catalog=b"], {"start": "2021-01-01", "catalog": "c"})
    assert (config.start, config.catalog) == ("2021-01-01", "c")
    assert fails(path, start="soon").startswith("--start: start must be a date like")
    assert fails(path, start="2024-01-02", end="2024-01-01").startswith("--end: end must be after start")
