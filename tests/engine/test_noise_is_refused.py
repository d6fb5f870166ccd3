"""A search over pure noise, traded for nothing, is not accepted (issue 4: in at least 95 of 100 trials)."""

from pathlib import Path

import pytest
from noise_market import noise, search


def is_accepted(seed: int, folder: Path) -> bool:
    return bool(search(noise(seed), folder).accepted)


@pytest.mark.parametrize("seed", range(2))
def test_noise_is_not_accepted(seed: int, tmp_path: Path) -> None:
    assert not is_accepted(seed, tmp_path)


@pytest.mark.long
def test_noise_is_not_accepted_in_95_of_100_trials(tmp_path: Path) -> None:
    accepted = 0
    for seed in range(100):
        folder = tmp_path / str(seed)
        folder.mkdir()
        accepted += is_accepted(seed, folder)
    assert accepted <= 5
