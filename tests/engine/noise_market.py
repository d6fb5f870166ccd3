"""A market of noise that costs nothing to trade, and a walk-forward over it."""

from pathlib import Path

import numpy as np

from catalog.candles import INTERVAL_NS, Candles
from catalog.definition import Definition
from catalog.load import Terms, load_candles
from catalog.store import Store
from configs.load import load_run
from research.walk_forward.certificate import Certificate
from research.walk_forward.plan import make_plan
from research.walk_forward.result import Result
from research.walk_forward.space import Dimension, Space
from research.walk_forward.study import WalkForward

NAME = "NNNUSDT-PERP.BINANCE"
START = 1_577_836_800_000_000_000  # 2020-01-01
BARS = 9_900  # four hours each: four and a half years
SPACE = Space(
    dimensions=(
        Dimension(key="strategy.donchian_bars", values=(10, 20, 40), ordered=True),
        Dimension(key="exits.stop_atr", values=(1.5, 3.0), ordered=True),
        Dimension(key="exits.trail_atr", values=(2.0, 4.0), ordered=True),
    )
)


def noise(seed: int) -> Candles:
    """Return a random walk: nothing in its past says anything of what comes."""
    draw = np.random.default_rng(seed)
    inside = np.exp(np.cumsum(draw.normal(0.0, 0.004, (BARS, 8)), axis=1))
    opens = 100.0 * np.r_[1.0, np.cumprod(inside[:-1, -1])]
    paths = opens[:, None] * np.c_[np.ones(BARS), inside]
    volume = np.round(1e7 * np.exp(draw.normal(0.0, 0.6, BARS)), 0)
    ts_ns = START + np.arange(BARS, dtype=np.int64) * INTERVAL_NS["4h"]
    prices = [np.round(values, 4) for values in (opens, paths.max(axis=1), paths.min(axis=1), paths[:, -1])]
    return Candles(ts_ns, prices[0], prices[1], prices[2], prices[3], volume)


def search(candles: Candles, folder: Path) -> Result:
    """Return the walk-forward over one market, without any cost."""
    store = Store(folder / "catalog", create=True)
    terms = Terms(definition=Definition(kind="perpetual", base="NNN", quote="USDT", tick="0.0001", lot="0.001"))
    load_candles(store, NAME, "4h", candles, source="noise", sha256="noise", terms=terms)
    config = folder / "noise.toml"
    config.write_text(
        f"catalog = '{store.path}'\ninstruments = ['{NAME}']\n[timeframe]\nsignal = '4h'\nhtf = '1d'\n"
        "[exits]\nmax_hold_secs = 864_000\n[risk]\noperator = 'simulated'\n"
        "[costs]\nmaker_frac = 0.0\ntaker_frac = 0.0\nslippage_frac = 0.0\nfunding_8h_frac = 0.0\n",
        encoding="utf-8",
    )
    found = WalkForward(load_run(config), SPACE, make_plan(min_trades=10))
    return found.run(folder / "runs", Certificate(fresh=True, hash="c" * 16), jobs=2).result
