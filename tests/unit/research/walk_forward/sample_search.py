"""A small walk-forward over the bundled daily candles: two windows, six sets, real sweep and real engine."""

from pathlib import Path
from typing import Any

from configs.load import load_run
from configs.run import RunConfig
from research.walk_forward.certificate import Certificate
from research.walk_forward.plan import Plan, make_plan
from research.walk_forward.space import Dimension, Space
from research.walk_forward.study import Study, WalkForward

ROOT = Path(__file__).resolve().parents[4]
CONFIG = ROOT / "configs" / "backtest" / "sample.toml"
CERTIFICATE = Certificate(fresh=True, hash="c" * 16)
LENGTHS = {"in_months": 12, "out_months": 6, "step_months": 6}

SPACE = Space(
    dimensions=(
        Dimension(key="strategy.donchian_bars", values=(10, 20), ordered=True),
        Dimension(key="exits.stop_atr", values=(1.5, 2.0, 3.0), ordered=True),
    )
)


def sample_config(**fixed: str) -> RunConfig:
    return load_run(CONFIG, (), {"start": "2004-01-01", "end": "2007-01-01"} | fixed)


def sample_plan(**values: Any) -> Plan:
    return make_plan(**{"min_trades": 1, "lengths": LENGTHS} | values)


def make(config: RunConfig | None = None, space: Space = SPACE, **plan: Any) -> WalkForward:
    return WalkForward(config or sample_config(), space, sample_plan(**plan))


def run(out: Path, search: WalkForward | None = None, **options: Any) -> Study:
    return (search or make()).run(out, CERTIFICATE, **{"jobs": 2} | options)
