"""What the loader accepts, and what it says when it does not."""

from pathlib import Path

import pytest
from config_files import MINIMAL, fails

from configs.load import CONFIG_DIR, load_run
from configs.run import RunConfig

SHIPPED = sorted((CONFIG_DIR / "backtest").rglob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_configuration_loads(path: Path) -> None:
    assert isinstance(load_run(path), RunConfig)


def test_shipped_configurations_are_there() -> None:
    assert {"sample", "crypto_intraday"} <= {path.stem for path in SHIPPED}


def test_minimal_configuration_has_the_specification_values(write) -> None:
    config = load_run(write(MINIMAL))
    assert config == RunConfig(instruments=("A.X", "B.X"))
    assert (config.account.starting_balance, config.risk.max_heat_frac, config.exits.stop_atr) == (50_000.0, 0.05, 1.5)
    assert (config.costs.taker_frac, config.costs.slippage_frac) == (0.001, 0.0005)  # D34: on by default


# --- unknown keys -----------------------------------------------------------------------------------------------------

UNKNOWN = [
    pytest.param("catalogue = 'x'", "'catalogue'; did you mean 'catalog'?", id="top-level"),
    pytest.param("includes = []", "'includes'; did you mean 'include'?", id="top-level-include"),
    pytest.param("[strategi]\nx = 1", "'strategi'; did you mean 'strategy'?", id="table"),
    pytest.param(
        "[strategy]\ndonchian_bar = 20", "'strategy.donchian_bar'; did you mean 'donchian_bars'?", id="nested"
    ),
    pytest.param(
        "[risk.crypto]\nmax_leverag = 2.0", "'risk.crypto.max_leverag'; did you mean 'max_leverage'?", id="deep"
    ),
    pytest.param("[risk]\nqqq = 2.0", "'risk.qqq' (allowed: risk_frac, ", id="nothing-close"),
]


@pytest.mark.parametrize(("text", "expected"), UNKNOWN)
def test_unknown_key_names_file_key_and_close_match(write, text: str, expected: str) -> None:
    path = write(MINIMAL + text)
    message = fails(path)
    assert message.startswith(f"{path}: unknown key {expected}")
    assert "(allowed: " in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[strategy]\ndonchian_bars = 1", "strategy.donchian_bars: expected `int` >= 2, was 1", id="below"),
        pytest.param("[risk]\nrisk_frac = 0.02", "risk.risk_frac: expected `float` <= 0.01, was 0.02", id="2.6-risk"),
        pytest.param("[risk]\nrisk_frac = 0.0", "risk.risk_frac: expected `float` > 0.0, was 0.0", id="zero-risk"),
        pytest.param("[risk]\nrisk_frac = nan", "risk.risk_frac: expected `float` > 0.0, was nan", id="nan"),
        pytest.param("[risk]\nmax_heat_frac = 0.0501", "risk.max_heat_frac: expected `float` <= 0.05, was 0.0501",
                     id="2.6-heat"),
        pytest.param("[risk.crypto]\nmax_leverage = 11", "risk.crypto.max_leverage: expected `float` <= 10.0, was 11",
                     id="deep"),
        pytest.param("[account]\nstarting_balance = inf",
                     "account.starting_balance: expected `float` <= 1000000000000.0, was inf", id="inf"),
        pytest.param("[strategy]\ndonchian_bars = '20'", "strategy.donchian_bars: expected `int`, got `str`, was '20'",
                     id="text-for-int"),
        pytest.param("[strategy]\ndonchian_bars = 20.5",
                     "strategy.donchian_bars: expected `int`, got `float`, was 20.5", id="float-for-int"),
        pytest.param("[strategy]\nrequire_volume = 1",
                     "strategy.require_volume: expected `bool`, got `int`, was 1", id="int-for-bool"),
        pytest.param("risk = 3", "risk: expected `object`, got `int`, was 3", id="value-for-table"),
        pytest.param("[name]\nx = 1", "name: expected `str`, got `object`", id="table-for-value"),
        pytest.param("[timeframe]\nhtf = '4hr'",
                     "timeframe.htf: must be one of 1h, 4h, 12h, 1d, 1w; did you mean '4h'?, was '4hr'", id="choice"),
        pytest.param("[data]\nfills = 'x'", "data.fills: must be one of finest, signal, was 'x'", id="far-choice"),
    ],
)  # fmt: skip
def test_bad_value_names_file_key_value_and_what_is_allowed(write, text: str, expected: str) -> None:
    path = write(MINIMAL + text)
    assert fails(path) == f"{path}: {expected}"


def test_values_at_the_bounds_load(write) -> None:
    text = "[risk]\nrisk_frac = 0.01\nmax_heat_frac = 0.05\n[risk.crypto]\nmax_leverage = 10\n[strategy]\nmin_score = 5"
    config = load_run(write(MINIMAL + text))
    assert (config.risk.risk_frac, config.risk.crypto.max_leverage, config.strategy.min_score) == (0.01, 10.0, 5)


def test_one_limit_of_a_class_can_be_set_alone(write) -> None:
    limits = load_run(write(MINIMAL + "[risk.equity]\nmax_positions = 3")).risk.equity
    assert (limits.max_leverage, limits.max_positions) == (1.0, 3)


# --- values that contradict each other --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[timeframe]\nsignal = '1h'\nhtf = '1h'",
                     "timeframe: htf must be longer than signal (1h), was 1h (Spec 2.3.1)", id="2.3.1-equal"),
        pytest.param("[timeframe]\nsignal = '4h'\nhtf = '1h'",
                     "timeframe: htf must be longer than signal (4h), was 1h (Spec 2.3.1)", id="2.3.1-shorter"),
        pytest.param("[strategy]\nema_fast_bars = 50", "strategy: ema_fast_bars must be below ema_slow_bars (50), "
                     "was 50 (Spec 2.3.1)", id="2.3.1-ema"),
        pytest.param("[exits]\ntp1_r = 1.9", "exits: tp1_r must be at least 2.0 (minimum reward to risk, Spec 2.6), "
                     "was 1.9", id="2.6-reward"),
        pytest.param("[exits]\ntp2_atr = 3.0", "exits: tp2 must lie beyond tp1: tp2_atr 3.0 > tp1_atr 3.0 "
                     "and tp2_r 4.0 > tp1_r 2.0 (Spec 2.4.2)", id="2.4.2-targets"),
        pytest.param("[entry]\nreprice_secs = 31",
                     "entry: reprice_secs must not exceed cancel_secs (30), was 31", id="7.4-reprice"),
    ],
)  # fmt: skip
def test_contradiction_names_file_table_and_values(write, text: str, expected: str) -> None:
    path = write(MINIMAL + text)
    assert fails(path) == f"{path}: {expected}"


@pytest.mark.parametrize(("signal", "htf"), [("15m", "1h"), ("1h", "4h"), ("4h", "12h"), ("1d", "1w")])
def test_longer_higher_time_frame_loads(write, signal: str, htf: str) -> None:
    frame = load_run(write(f"{MINIMAL}[timeframe]\nsignal = '{signal}'\nhtf = '{htf}'")).timeframe
    assert frame.htf_ns > frame.signal_ns


def test_doubled_instruments_are_named(write) -> None:
    path = write('instruments = ["B.X", "A.X", "B.X", "A.X"]')
    assert fails(path) == f"{path}: instruments must be unique, found twice: A.X, B.X"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("instruments = []", "expected `array` of length >= 1", id="none"),
        pytest.param("instruments = 'A.X'", "expected `array`, got `str`", id="text"),
        pytest.param("", "missing required field `instruments`", id="absent"),
    ],
)
def test_instruments_are_a_list_of_at_least_one(write, text: str, expected: str) -> None:
    path = write(text)
    message = fails(path)
    assert message.startswith(f"{path}: ")
    assert expected in message


# --- dates ------------------------------------------------------------------------------------------------------------

DAY_NS = 1_704_067_200_000_000_000  # 2024-01-01T00:00Z


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        pytest.param("start = '2024-01-01'", DAY_NS, id="quoted"),
        pytest.param("start = 2024-01-01", DAY_NS, id="unquoted"),
        pytest.param("start = 2024-01-01T12:30:00", DAY_NS + 45_000 * 10**9, id="unquoted-time"),
        pytest.param("start = 2024-01-01T12:30:00Z", DAY_NS + 45_000 * 10**9, id="unquoted-zulu"),
        pytest.param("start = '2024-01-01T02:00:00+02:00'", DAY_NS, id="quoted-offset"),
        pytest.param("start = 2024-01-01T02:00:00+02:00", DAY_NS, id="unquoted-offset"),
        pytest.param("start = '2024-01-01T00:00:00.000001'", DAY_NS + 1000, id="microsecond"),
    ],
)
def test_date_is_utc_with_or_without_quotes(write, text: str, ns: int) -> None:
    assert load_run(write(MINIMAL.replace("\n", f"\n{text}\n"))).start_ns == ns


@pytest.mark.parametrize("key", ["start", "end"])
@pytest.mark.parametrize("value", ["'yesterday'", "'2024-13-01'", "''", "'01.02.2024'"])
def test_bad_date_shows_what_a_date_looks_like(write, key: str, value: str) -> None:
    path = write(f"{MINIMAL}{key} = {value}")
    assert fails(path) == f"{path}: {key} must be a date like 2024-01-31 or 2024-01-31T12:00, was {value}"


@pytest.mark.parametrize(
    ("start", "end", "good"),
    [
        pytest.param("2024-01-01", "2024-01-02", True, id="a-day"),
        pytest.param("2024-01-01T00:00", "2024-01-01T00:00:00.000001", True, id="a-microsecond"),
        pytest.param("2024-01-01", "2024-01-01", False, id="equal"),
        pytest.param("2024-01-01", "2024-01-01T01:00+02:00", False, id="earlier-in-utc"),
        pytest.param("2024-01-02", "2024-01-01", False, id="reversed"),
    ],
)
def test_end_must_be_after_start(write, start: str, end: str, good: bool) -> None:
    path = write(f"{MINIMAL}start = '{start}'\nend = '{end}'")
    if good:
        assert load_run(path).end == end
    else:
        assert fails(path) == f"{path}: end must be after start ({start}), was {end}"


# --- the hash is the run's name ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "name=other", "profile=other", "instruments=B.X,A.X", "instruments=A.X", "start=2020-01-01", "end=2020-01-01",
        "account.starting_balance=50001", "account.currency=USD", "timeframe.htf=1d", "data.fills=signal",
        "strategy.donchian_bars=21", "strategy.require_volume=false", "entry.cancel_secs=31", "exits.stop_atr=1.6",
        "risk.risk_frac=0.01", "risk.crypto.max_leverage=2", "costs.seed=8", "costs.taker_frac=0.0011",
        "venue.backstop=true",
    ],
)  # fmt: skip
def test_hash_changes_with_every_value(write, text: str) -> None:
    path = write(MINIMAL)
    assert load_run(path, [text]).hash != load_run(path).hash


def test_hash_does_not_depend_on_where_data_lies_or_how_values_are_written(write) -> None:
    plain = load_run(write(MINIMAL)).hash
    assert load_run(write(MINIMAL), ["catalog=/elsewhere"]).hash == plain
    assert load_run(write(MINIMAL), ["account.starting_balance=50000", "exits.stop_atr=1.50"]).hash == plain
    assert len(plain) == 12
    assert int(plain, 16) >= 0


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_no_configuration_key_holds_a_secret() -> None:
    import msgspec

    def names(kind: type) -> set[str]:
        found = set()
        for field in msgspec.structs.fields(kind):
            found.add(field.name)
            if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
                found |= names(field.type)
        return found

    words = ("secret", "password", "api_key", "token", "passphrase", "credential")
    found = {name for name in names(RunConfig) if any(word in name for word in words)}
    assert {name for name in found if not name.endswith("_secret")} == set()  # the name of a secret may be there
    for path in CONFIG_DIR.rglob("*.toml"):
        text = path.read_text(encoding="utf-8").lower()
        assert not any(word in text for word in words), path
