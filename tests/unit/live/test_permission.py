"""Real money needs an acknowledgement, an approval and a harmless key; nothing else starts (D40, Spec 9.5, 10.3)."""

from pathlib import Path

import pytest

from configs.load import load
from errors import ConfigError
from live.command import secrets_of
from live.config import LiveConfig
from live.permission import WORDS, check_permission, disclosure_path

DEMO = Path(__file__).resolve().parents[3] / "configs" / "live" / "demo.toml"
LIVE = ["live.environment=live", "live.http_url=", "live.ws_url="]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_real_money_needs_an_acknowledgement_of_the_risk() -> None:
    config = load(LiveConfig, DEMO, LIVE)

    with pytest.raises(ConfigError, match=r"risk_acknowledged.txt: the risk has not been acknowledged \(Spec 10.3\)"):
        check_permission(config, "key", "secret")


def test_real_money_needs_an_approval(tmp_path: Path) -> None:
    disclosure_path().parent.mkdir(parents=True)
    disclosure_path().write_text(f"{WORDS}. A. Trader")
    config = load(LiveConfig, DEMO, [*LIVE, f"live.approval={tmp_path / 'approvals'}"])

    with pytest.raises(ConfigError, match="approvals"):
        check_permission(config, "key", "secret")


def test_a_missing_key_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIDEBREAK_VENUE_KEY", raising=False)

    with pytest.raises(ConfigError, match="environment variable TIDEBREAK_VENUE_KEY is not set"):
        secrets_of(load(LiveConfig, DEMO, LIVE))


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("live.environment=real", "live.environment: must be one of simulated, paper, live, was 'real'"),
        ("live.http_url=", "http_url and ws_url must name the simulated venue"),
        ("live.watch_millis=900", "live.watch_millis: expected `int` <= 500, was 900"),
        ("live.enviroment=live", "unknown key 'live.enviroment'; did you mean 'environment'?"),
    ],
)
def test_a_wrong_setting_is_told_with_what_is_allowed(setting: str, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(LiveConfig, DEMO, [setting])

    assert text in str(caught.value)
