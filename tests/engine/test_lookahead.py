"""A rule that peeks must be caught, an honest one must pass (Spec 3.5.2)."""

import pytest

from configs.load import CONFIG_DIR, load_run
from research import simulation
from research.lookahead import check_lookahead
from strategies.breakout.breakout import BreakoutRules

SAMPLE = CONFIG_DIR / "backtest" / "sample.toml"


class PeekingRules(BreakoutRules):
    """See whether the data goes on for ten more bars: what a full-sample statistic would leak."""

    last_ns = 0

    def on_bar(self, close_ns, high, low, close, volume):
        opinion = super().on_bar(close_ns, high, low, close, volume)
        return opinion if close_ns + 10 * 86_400_000_000_000 < PeekingRules.last_ns else None


def test_breakout_rules_do_not_look_ahead() -> None:
    report = check_lookahead(load_run(SAMPLE, ["instruments=AAPL.US"]), cuts=2)
    assert report.clean
    assert report.compared > 0


def test_rule_that_knows_where_the_data_ends_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    class Peeking(simulation.Simulation):
        def _rules(self, series):
            PeekingRules.last_ns = series.ends_ns[-1]
            timeframe = self.inputs.config.timeframe
            return PeekingRules(
                self.inputs.config.strategy,
                signal_ns=timeframe.signal_ns,
                htf_ns=timeframe.htf_ns,
                max_gap_ns=series.max_gap_ns,
            )

    monkeypatch.setattr("research.simulation.Simulation", Peeking)
    report = check_lookahead(load_run(SAMPLE, ["instruments=AAPL.US"]), cuts=2)
    assert not report.clean
    assert "AAPL.US" in report.text()
