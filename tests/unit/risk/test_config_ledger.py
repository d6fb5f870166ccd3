"""Where reservations are kept: what is refused before a process starts."""

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from risk.config_ledger import SharedLedgerConfig


def test_config_without_values_keeps_the_ledger_in_the_process() -> None:
    config = SharedLedgerConfig()
    assert (config.backend, config.lease_secs, config.lapse_secs, config.timeout_secs) == ("process", 10.0, 120.0, 0.25)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"backend": "redis"}, "owner must be given"),
        ({"url": "redis://:hunter2@host:6379/0"}, "password"),
        ({"url": "rediss://user:hunter2@host/0"}, "password"),
        ({"url": "unix://user:hunter2@/run/redis.sock"}, "password"),
        ({"url": "redis://:hun/ter2@host"}, "password"),
        ({"url": "redis://host/0?password=hunter2"}, "password"),
        ({"url": "redis://host/0?db=1&password=hunter2"}, "password"),
        ({"url": "http://host"}, "must start with redis://"),
        ({"owner": "a:b"}, "owner must be 1 to 64"),
        ({"owner": "a" * 65}, "owner must be 1 to 64"),
        ({"namespace": ""}, "namespace must be 1 to 64"),
        ({"namespace": "a}b"}, "namespace must be 1 to 64"),
        ({"venue_account": "a b"}, "venue_account must be 1 to 64"),
        ({"timeout_secs": 0.0}, "timeout_secs must be in"),
        ({"timeout_secs": math.nan}, "timeout_secs must be in"),
        ({"lease_secs": 1.0, "timeout_secs": 0.34}, "timeout_secs must be in"),
    ],
)
def test_config_that_cannot_work_or_holds_a_secret_is_refused(values: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text) as caught:
        SharedLedgerConfig(**values)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["lease_secs = 0.9", "lapse_secs = 60.0", "timeout_secs = 0.009", "lease = 1.0", "backend = 'file'", "url = 1"],
)
def test_config_from_a_file_out_of_range_or_with_an_unknown_key_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.toml.decode(text, type=SharedLedgerConfig)


def test_config_account_is_the_owner_unless_it_is_named() -> None:
    assert SharedLedgerConfig(owner="a").account == "a"
    assert SharedLedgerConfig(owner="a", venue_account="kraken-1").account == "kraken-1"


def test_shared_ledger_imports_redis_only_when_one_is_made() -> None:
    code = "import sys, risk.shared_ledger; sys.exit('redis' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[3])
