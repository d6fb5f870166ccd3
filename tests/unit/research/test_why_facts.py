import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from why_journal import BTC, CONFIG, NOON, T0, Handmade

from configs.dump import to_toml
from research.why.read import read_history
from research.why.run_facts import RunFacts, load_facts


def facts(made: Handmade) -> RunFacts:
    return load_facts(read_history(made.finish()))


def bare(folder: Path) -> Handmade:
    """A journal of a version that wrote no RUN_STARTED."""
    made = Handmade(folder, config=None)
    made.write(NOON, "HAND_REFUSED", {})
    return made


def test_facts_of_a_journal_that_names_its_configuration(tmp_path: Path) -> None:
    found = facts(Handmade(tmp_path))
    assert (found.config, found.source, found.fault, found.currency) == (CONFIG, "RUN_STARTED", "", "USDT")
    assert found.name == f"handmade {CONFIG.hash}"
    assert found.instruments == CONFIG.instruments


def test_facts_of_an_older_run_are_in_the_files_beside_it(tmp_path: Path) -> None:
    made = bare(tmp_path)
    (tmp_path / "config.toml").write_text(to_toml(CONFIG))
    span = {BTC: {"first": "2024-01-10T00:00:00Z", "last": "2024-01-10T12:00:00Z"}}
    (tmp_path / "metrics.json").write_text(json.dumps({"currency": "EUR", "data": span}))
    found = facts(made)
    assert (found.config, found.source) == (CONFIG, str(tmp_path / "config.toml"))
    assert (found.currency, found.data_ns) == ("EUR", {BTC: (T0, NOON)})


def test_facts_of_the_journal_win_over_the_files(tmp_path: Path) -> None:
    made = Handmade(tmp_path)
    (tmp_path / "config.toml").write_text(to_toml(replace(CONFIG, name="other")))
    assert facts(made).config == CONFIG


def test_facts_of_a_bare_journal_are_none(tmp_path: Path) -> None:
    found = facts(bare(tmp_path))
    assert (found.config, found.name, found.currency, found.instruments) == (None, "", "", ())
    assert found.fault == "the journal has no RUN_STARTED and there is no config.toml beside it"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("name = ", "config.toml: cannot be read ("),
        ("name = 'x'", "config.toml: this version cannot read the configuration (Object missing required field"),
        ("instruments = ['A']\nnew = 1", "config.toml: this version cannot read the configuration (Object contains"),
    ],
)
def test_facts_that_cannot_be_read_say_why(tmp_path: Path, text: str, fault: str) -> None:
    made = bare(tmp_path)
    (tmp_path / "config.toml").write_text(text)
    found = facts(made)
    assert (found.config, found.source) == (None, "")
    assert found.fault.startswith(f"{tmp_path}/{fault}")


@pytest.mark.parametrize("text", ["", "[]", '{"data": 3}', '{"data": {"A": {}}}', '{"data": {"A": {"first": "x"}}}'])
def test_metrics_that_cannot_be_read_are_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "metrics.json").write_text(text)
    assert facts(Handmade(tmp_path)).data_ns == {}


def test_currency_falls_back_on_the_configuration(tmp_path: Path) -> None:
    made = bare(tmp_path)
    account = replace(CONFIG.account, currency="JPY")
    (tmp_path / "config.toml").write_text(to_toml(replace(CONFIG, account=account)))
    assert facts(made).currency == "JPY"
