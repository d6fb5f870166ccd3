"""A certificate holds for the sources, candles and configuration it was made of, and for nothing else."""

from pathlib import Path

import msgspec
import pytest
from handmade import BTC, calm, candles, make_config, make_inputs

from errors import ConfigError, StateError
from research.inputs import Inputs
from research.parity import certificate
from research.parity.certificate import Certificate, check, issue, path_of
from research.parity.command import main
from research.parity.compare import first_difference


@pytest.fixture
def inputs() -> Inputs:
    return make_inputs({BTC: candles(calm(10))}, make_config([BTC]))


def make(inputs: Inputs, folder: Path) -> Certificate:
    return issue(inputs, signals=3, trades=2, variations=("as configured",), folder=folder)


def test_certificate_holds_for_other_parameters_of_the_same_configuration(inputs: Inputs, tmp_path: Path) -> None:
    made = make(inputs, tmp_path)
    turned = msgspec.structs.replace(
        inputs.config, strategy=msgspec.structs.replace(inputs.config.strategy, donchian_bars=33), start="2024-01-01"
    )
    assert check(turned, certificate.data_of(inputs), tmp_path) == made


@pytest.mark.parametrize(
    "settings", [{"costs": {"taker_frac": 0.0}}, {"timeframe": {"signal": "1h"}}, {"entry": {"reprice_secs": 10}}]
)
def test_no_certificate_for_another_configuration(inputs: Inputs, tmp_path: Path, settings: dict[str, object]) -> None:
    make(inputs, tmp_path)
    with pytest.raises(ConfigError, match=r"no certificate.*scripts/parity\.py"):
        check(make_config([BTC], **settings), None, tmp_path)


def test_certificate_of_other_candles_is_refused(inputs: Inputs, tmp_path: Path) -> None:
    make(inputs, tmp_path)
    with pytest.raises(ConfigError, match="other candles"):
        check(inputs.config, {BTC: "else"}, tmp_path)


def test_certificate_of_other_sources_is_refused(inputs: Inputs, tmp_path: Path) -> None:
    path = path_of(inputs.config, tmp_path)
    make(inputs, tmp_path)
    values = msgspec.json.decode(path.read_bytes()) | {"code_hash": "0" * 64}
    path.write_bytes(msgspec.json.encode(values))
    with pytest.raises(ConfigError, match="other sources"):
        check(inputs.config, None, tmp_path)


def test_certificate_that_is_torn_is_refused(inputs: Inputs, tmp_path: Path) -> None:
    make(inputs, tmp_path)
    path_of(inputs.config, tmp_path).write_text("{")
    with pytest.raises(StateError, match="cannot be read"):
        check(inputs.config, None, tmp_path)


def test_first_difference_names_the_row_the_fields_and_what_both_had_before() -> None:
    rows = [{"instrument": "A", "ts": str(n), "quantity": 1.0, "net_pnl": 5.0} for n in range(4)]
    other = [*rows[:3], rows[3] | {"quantity": 1.001}]
    found = first_difference(rows, other, "trade", 0.01)
    assert found is not None
    assert found.what.startswith("trade 4: A 3")
    assert found.fields == {"quantity": (1.0, 1.001)}
    assert len(found.before) == 2
    assert first_difference(rows, [*rows[:3], rows[3] | {"net_pnl": 5.0 + 1e-12}], "trade", 0.01) is None
    shorter = first_difference(rows, rows[:2], "trade", 0.01)
    assert shorter is not None
    assert shorter.fields == {"number": (4, 2)}


@pytest.mark.parametrize(("cents", "differs"), [(0.4, False), (1.0, True)])
def test_first_difference_takes_no_cent_of_a_large_account_for_the_same(cents: float, differs: bool) -> None:
    engine, sweep = [{"instrument": "A", "equity": 10_000_000.0}], [{"instrument": "A", "equity": 10_000_000.0}]
    sweep[0]["equity"] = 10_000_000.0 + 0.01 * cents
    assert (first_difference(engine, sweep, "signal", 0.01) is not None) == differs


def test_command_compares_the_sample_and_leaves_a_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = Path(__file__).resolve().parents[2] / "configs" / "backtest" / "sample.toml"
    assert main([str(sample), "--set", "start=2008-01-01", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said.count(" identical: ") == 8
    assert "identical: " in said.splitlines()[-2]
    [path] = tmp_path.glob("*.json")
    assert msgspec.json.decode(path.read_bytes(), type=Certificate).trades > 100


def test_command_refuses_a_configuration_that_the_sweep_cannot_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = Path(__file__).resolve().parents[2] / "configs" / "backtest" / "sample.toml"
    assert main([str(sample), "--set", "entry.on_timeout=market", "--out", str(tmp_path)]) == 2
    assert "entry.on_timeout: the sweep allows 'cancel'" in capsys.readouterr().err
    assert main([str(tmp_path / "none.toml")]) == 2
