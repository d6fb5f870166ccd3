"""Search spaces: what a file may say, and which sets come out."""

from pathlib import Path

import pytest
from sample_search import sample_config

from configs.run import RunConfig
from errors import ConfigError
from research.walk_forward.draw import draw
from research.walk_forward.plan import Plan, make_plan
from research.walk_forward.space import Dimension, Space, with_parameters
from research.walk_forward.space_file import load_space

SEARCHES = Path(__file__).resolve().parents[4] / "configs" / "search"


@pytest.fixture(scope="module")
def config() -> RunConfig:
    return sample_config()


def read(folder: Path, text: str) -> Space:
    path = folder / "space.toml"
    path.write_text(text, encoding="utf-8")
    return load_space(path)


def test_ranges_and_lists_are_read_in_decimals_as_written(tmp_path: Path) -> None:
    space = read(tmp_path, "exits.stop_atr = {low = 1.1, high = 1.4, step = 0.1}\n[strategy]\ndonchian_bars = [30, 10]")
    assert space.dimensions == (
        Dimension(key="exits.stop_atr", values=(1.1, 1.2, 1.3, 1.4), ordered=True),
        Dimension(key="strategy.donchian_bars", values=(10, 30), ordered=True),
    )


def test_switches_have_no_order(tmp_path: Path) -> None:
    assert not read(tmp_path, "strategy.require_volume = [true, false]").dimensions[0].ordered


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("strategy.donchian_bar = [1]", "'strategy.donchian_bar' is no key.*did you mean 'strategy.donchian_bars'"),
        ("costs.taker_frac = [0.0]", "'costs.taker_frac' cannot be searched.*allowed: strategy.donchian_bars"),
        ("risk.breakers = [true, false]", "'risk.breakers' cannot be searched"),
        ("risk.operator = ['none']", "cannot be searched"),
        ("strategy.donchian_bars = [1]", "space.toml: strategy.donchian_bars: expected `int` >= 2, was 1"),
        ("strategy.donchian_bars = [20.5]", "expected `int`.*was 20.5"),
        ("strategy.donchian_bars = 'all'", "must be a list of values or"),
        ("strategy.donchian_bars = []", "must be a list of values or"),
        ("strategy.donchian_bars = [20, 20]", "stands there twice"),
        ("exits.stop_atr = {low = 1.0, high = 2.0}", "step missing"),
        ("exits.stop_atr = {low = 1.0, high = 2.0, steps = 2, step = 1}", "unknown 'steps'"),
        ("exits.stop_atr = {low = 2.0, high = 1.0, step = 0.5}", "low <= high"),
        ("exits.stop_atr = {low = 1.0, high = 2.0, step = 0.3}", "1.9 or 2.2"),
        ("exits.stop_atr = {low = 1.0, high = 2.0, step = 0.0}", "step > 0"),
        ("exits.stop_atr = {low = 1.0, high = nan, step = 0.5}", "low <= high"),
        ("exits.stop_atr = {low = 1.0, high = 90.0, step = 0.01}", "8901 values, at most 1000"),
        ("exits.stop_atr = {low = '1', high = 2, step = 1}", "low must be a number"),
        ("exits.stop_atr = {low = 50, high = 150, step = 50}", "expected `float` <= 100.0, was 150"),
        ("", "nothing to search"),
        ("exits.stop_atr", "not TOML"),
    ],
)  # fmt: skip
def test_a_bad_space_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=f"(?s){says}"):
        read(tmp_path, text)


def test_a_missing_space_names_the_ones_that_are_there() -> None:
    with pytest.raises(ConfigError, match=r"no such search space.*breakout\.toml"):
        load_space(SEARCHES / "breakouts.toml")


@pytest.mark.parametrize("path", sorted(SEARCHES.glob("*.toml")), ids=lambda path: str(path.stem))
def test_published_spaces_can_be_drawn(path: Path, config: RunConfig) -> None:
    space = load_space(path)
    assert len(draw(space, config, Plan()).numbers) == space.size


def test_sets_that_contradict_themselves_are_left_out_and_counted(config: RunConfig) -> None:
    fast = Dimension(key="strategy.ema_fast_bars", values=(10, 20, 50), ordered=True)
    slow = Dimension(key="strategy.ema_slow_bars", values=(20, 50), ordered=True)
    drawn = draw(Space(dimensions=(fast, slow)), config, Plan())
    space = Space(dimensions=(fast, slow))
    pairs = [tuple(space.parameters(number).values()) for number in drawn.numbers]
    assert pairs == [(10, 20), (10, 50), (20, 50)]
    assert drawn.refused == 3


def test_a_space_of_contradictions_only_is_refused(config: RunConfig) -> None:
    dimension = Dimension(key="strategy.ema_fast_bars", values=(50, 60), ordered=True)
    with pytest.raises(ConfigError, match="refuses all 2 combinations"):
        draw(Space(dimensions=(dimension,)), config, Plan())


def test_parameters_change_only_what_they_name(config: RunConfig) -> None:
    found = with_parameters(config, {"strategy.donchian_bars": 33, "exits.stop_atr": 2.5, "risk.max_correlation": 0.5})
    assert (found.strategy.donchian_bars, found.exits.stop_atr, found.risk.max_correlation) == (33, 2.5, 0.5)
    back = with_parameters(
        found,
        {
            "strategy.donchian_bars": config.strategy.donchian_bars,
            "exits.stop_atr": config.exits.stop_atr,
            "risk.max_correlation": config.risk.max_correlation,
        },
    )
    assert back == config


def test_a_huge_space_is_drawn_at_random_and_refused_as_a_grid(config: RunConfig) -> None:
    names = ("stop_atr", "trail_atr", "tp1_atr", "stop_floor_frac")
    values = tuple(round(0.01 * n, 2) for n in range(1, 40))
    space = Space(dimensions=tuple(Dimension(key=f"exits.{name}", values=values, ordered=True) for name in names))
    drawn = draw(space, config, Plan(sampler="random", trials=50))
    assert len(set(drawn.numbers)) == 50
    assert drawn.numbers == draw(space, config, Plan(sampler="random", trials=50)).numbers
    assert drawn.numbers != draw(space, config, Plan(sampler="random", trials=50, seed=2)).numbers
    with pytest.raises(ConfigError, match="2,313,441 combinations"):
        draw(space, config, Plan())


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"trials": 0, "sampler": "random"}, "--trials: .*>= 1, was 0"),
        ({"trials": 5}, "--trials: a grid takes all"),
        ({"lengths": {"in_months": 0}}, "--in-months: .*>= 1, was 0"),
        ({"min_trades": 0}, "--min-trades"),
        ({"seed": -1}, "--seed"),
    ],
)
def test_a_bad_plan_is_refused_by_option(values: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        make_plan(**values)
