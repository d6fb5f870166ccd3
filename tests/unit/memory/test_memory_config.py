"""The configuration of the memory holds values, and no password (Spec 4.2.5)."""

import msgspec
import pytest
from sqlalchemy import make_url

from memory.config import MemoryConfig

URL = "postgresql://bot@db.example:5432/tidebreak"


def test_default_keeps_nothing() -> None:
    config = MemoryConfig()
    assert (config.backend, config.path, config.url, config.account) == ("none", "state/risk.sqlite", "", "default")


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "postgresql:///tidebreak",
        "postgresql://db:5432/tidebreak",
        "postgresql://[::1]:5432/tidebreak",
        f"{URL}?sslmode=require&passfile=/run/secrets/pgpass",
        "postgresql://bot%3Anight@db/tidebreak",  # the name "bot:night"
    ],
)
def test_url_without_password_is_taken(url: str) -> None:
    assert MemoryConfig(backend="postgresql", url=url).url == url
    assert make_url(url).password is None


@pytest.mark.parametrize("backend", ["none", "sqlite", "postgresql"])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bot:hunter2@db.example:5432/tidebreak",
        "postgresql://bot:@db/tidebreak",
        "postgresql://bot:hunter2/slash@db/tidebreak",
        "postgresql://bot:hunter2?mark@db/tidebreak",
        "postgresql://:hunter2@db/tidebreak",
        f"{URL}?password=hunter2",
        f"{URL}?sslmode=require&pass%77ord=hunter2",
        f"{URL}?sslpassword=hunter2",
    ],
)
def test_password_is_refused_and_not_repeated(url: str, backend: str) -> None:
    with pytest.raises(ValueError, match="PGPASSWORD") as caught:
        MemoryConfig(backend=backend, url=url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "db.example:5432/tidebreak", "mysql://bot@db/tidebreak"])
def test_postgresql_needs_its_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"postgresql://user@host:port/database .* was '"):
        MemoryConfig(backend="postgresql", url=url)


@pytest.mark.parametrize("name", ["path", "account"])
def test_empty_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        MemoryConfig(**{name: ""})
    with pytest.raises(msgspec.ValidationError, match=name):
        msgspec.convert({name: ""}, MemoryConfig)


def test_unknown_name_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="pasword"):
        msgspec.convert({"pasword": "hunter2"}, MemoryConfig)
