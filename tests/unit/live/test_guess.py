"""Which fills are the engine's inference: they know no fee, the venue is asked instead."""

from types import SimpleNamespace

import pytest

from live.strategy import is_guess


@pytest.mark.parametrize(
    ("reconciliation", "commission", "guess"),
    [
        (False, 1.5, False),
        (False, 0.0, False),  # a fill that the stream told, free of charge
        (True, 1.5, False),  # of the venue's own list of fills
        (True, 0.0, True),
        (True, None, True),
    ],
)
def test_fill_without_a_fee_that_the_stream_did_not_tell_is_a_guess(
    reconciliation: bool, commission: float | None, guess: bool
) -> None:
    assert is_guess(SimpleNamespace(reconciliation=reconciliation, commission=commission)) is guess
