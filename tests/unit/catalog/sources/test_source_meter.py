"""The progress bar: there on a terminal, silent elsewhere."""

import io

from rich.console import Console

from catalog.sources.meter import Meter


def shown(*, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120, color_system=None, _environ={})
    with Meter("BTCUSDT 1h", 10, "files", console) as meter:
        meter.extend(5)
        meter.advance(3)
    return out.getvalue()


def test_meter_on_a_terminal_shows_count_rate_and_time_left() -> None:
    out = shown(terminal=True)
    assert "BTCUSDT 1h" in out
    assert "3/15" in out
    assert "files/s" in out
    assert "-:--:--" in out


def test_meter_elsewhere_shows_nothing() -> None:
    assert shown(terminal=False) == ""
