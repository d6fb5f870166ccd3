"""Other limits for a running board: what is closed stays closed, what comes is judged anew."""

from memory.memory import Memory
from risk.board import BreakerBoard
from risk.breakers.events import EquitySeen
from risk.config import BreakerLimits, RiskConfig

DAY_NS = 86_400_000_000_000
TIGHT = RiskConfig(breaker_limits=BreakerLimits(daily_loss_frac=0.01, daily_warning_frac=0.005))


def board(config: RiskConfig) -> BreakerBoard:
    found = BreakerBoard(config, every_day=True, memory=Memory())
    found.apply(EquitySeen(DAY_NS, 10_000.0))
    return found


def test_tighter_limit_counts_from_the_next_look():
    found = board(RiskConfig())
    found.apply(EquitySeen(DAY_NS + 1, 9_850.0))
    assert found.is_open
    found.use(TIGHT)
    found.apply(EquitySeen(DAY_NS + 2, 9_850.0))
    assert [check.rule for check in found.checks() if not check.passed] == ["daily_loss"]
    assert not found.is_open


def test_looser_limit_opens_nothing():
    found = board(TIGHT)
    found.apply(EquitySeen(DAY_NS + 1, 9_850.0))
    found.use(RiskConfig())
    found.apply(EquitySeen(DAY_NS + 2, 9_900.0))
    assert [check.rule for check in found.checks() if not check.passed] == ["daily_loss"]
