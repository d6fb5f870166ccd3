"""What a watchdog may be told, and how a wrong value is said."""

from pathlib import Path

import pytest

from configs.load import CONFIG_DIR, load
from configs.watchdog import WatchdogConfig
from errors import ConfigError

SHIPPED = CONFIG_DIR / "live" / "watchdog.toml"


def test_shipped_configuration_has_the_times_of_the_specification() -> None:
    config = load(WatchdogConfig, SHIPPED)
    assert (config.heartbeat_secs, config.unprotected_secs) == (60.0, 10.0)
    assert config.venue.key_secret != "TIDEBREAK_VENUE_KEY"  # a key of its own
    assert config.heartbeat_file == Path("state/live/heartbeat.json")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("state_dir=''", "state_dir and account must not be empty"),
        ("heartbeat_secs=2", "heartbeat_secs must be at least three looks"),
        ("unprotected_secs=2.9", "unprotected_secs must be at least three looks"),
        ("heartbeat_secs=601", "heartbeat_secs: expected `float` <= 600.0, was 601"),
        ("fresh_secs=60", "fresh_secs must be under heartbeat_secs (60), was 60"),
        ("venue.key_secre='abc'", "unknown key 'venue.key_secre'; did you mean 'venue.key_secret'?"),
        ("budget.backend='memcached'", "budget.backend: must be one of process, redis"),
        ("budget.url='redis://:pw@h/0'", "url holds a password"),
        ("budget.url='http://h'", "url must start with redis://"),
        ("budget.namespace='a b'", "namespace must be 1 to 64 of"),
        ("budget.max_backoff_secs=0.5", "max_backoff_secs must be at least backoff_secs (1), was 0.5"),
        ("budget.reserve_frac=1", "budget.reserve_frac: expected `float` <= 0.9"),
    ],
)
def test_wrong_value_is_named_with_what_is_allowed(setting: str, said: str) -> None:
    with pytest.raises(ConfigError) as found:
        load(WatchdogConfig, SHIPPED, [setting])
    assert said in str(found.value)


def test_three_looks_suffice() -> None:
    config = load(WatchdogConfig, SHIPPED, ["unprotected_secs=3", "heartbeat_secs=6"])
    assert config.unprotected_secs == 3.0
