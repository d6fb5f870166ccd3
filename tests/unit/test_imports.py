"""Imports point one way: scripts -> plugins -> rules. Read from the syntax tree, nothing is run."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = (
    "compiled.py",
    "errors.py",
    "strategies/indicators.py",
    "strategies/higher_timeframe.py",
    "strategies/opinion.py",
    "strategies/*/config.py",
    "strategies/*/rules.py",
    "risk/messages.py",
    "risk/config.py",
    "risk/sizing.py",
    "risk/tiers.py",
    "risk/review.py",
    "risk/book.py",
    "risk/ledger.py",
    "risk/rates.py",
    "risk/returns.py",
    "risk/spread.py",
    "risk/alarms.py",
    "risk/breakers/*.py",
    "risk/limits/*.py",
    "execution/exits.py",
    "execution/leg.py",
    "execution/lifecycle.py",
    "execution/protection.py",
    "execution/trade.py",
    "execution/schedule.py",
    "execution/costs.py",
    "execution/audit/*.py",
    "execution/config.py",
    "adapters/config.py",
    "adapters/pacing.py",
    "monitoring/watchdog/*.py",
    "research/metrics.py",
    "research/trade_stats.py",
    "research/equity_curve.py",
    "research/kpi.py",
)
# What a package may use of the others: a package, or single modules of it.
ALLOWED = {
    "errors": (),
    "compiled": ("machine_code",),
    "machine_code": (),
    "monitoring": ("errors",),
    "memory": ("errors",),
    "catalog": ("errors",),
    "risk": ("errors", "compiled", "memory", "monitoring", "strategies.opinion"),  # a signal is an opinion with a plan
    "execution": ("errors", "compiled", "memory", "monitoring", "catalog.candles", "risk.messages", "risk.rates"),
    "strategies": (
        "errors",
        "compiled",
        "catalog.candles",
        "monitoring",
        "risk.messages",
        "execution.config",
        "execution.desk",  # SignalStrategy owns the desk: the engine gives order events to strategies only
        "execution.exits",
    ),
    "configs": (
        "errors",
        "adapters.config",
        "catalog.candles",
        "execution.config",
        "memory.config",
        "risk.config",
        "risk.config_ledger",
        "strategies.breakout.config",
        "strategies.higher_timeframe",
    ),
    "simvenue": (),  # it plays the venue: what it shares with the bot would hide the bot's mistakes
    "operations": (
        "errors",
        "memory",
        "monitoring",
        "configs",
        "execution",
        "risk",
        "adapters",
        "live.command",  # the doctor reads the configuration that the node runs
        "live.config",
        "live.start",
    ),
    "adapters": ("errors", "monitoring", "catalog", "configs", "execution", "risk"),
    "live": (
        "errors",
        "memory",
        "monitoring",
        "catalog",
        "configs",
        "execution",
        "risk",
        "strategies",
        "adapters",
        "research.approval.verify",  # real money starts with an approval only
        "research.process_edge",
        "research.inputs",  # live.parity runs the back-test of what a live run saw
        "research.run_data",
        "research.simulation",
    ),
    "research": (
        "errors",
        "compiled",
        "machine_code",
        "memory",
        "monitoring",
        "catalog",
        "configs",
        "execution",
        "risk",
        "strategies",
    ),
}
OUTSIDE = {
    "nautilus_trader", "time", "random", "secrets", "uuid", "socket", "ssl", "http", "urllib", "requests", "aiohttp",
    "httpx", "asyncio", "threading", "multiprocessing", "subprocess", "os", "sys", "pathlib", "tempfile", "ccxt",
    "pandas", "pyarrow", "redis", "psycopg", "sqlalchemy",
}  # fmt: skip
CLOCK_CALLS = {"now", "utcnow", "today", "perf_counter", "monotonic", "time_ns"}
SKIPPED = {".venv", ".tools", "tests", "runs", "catalogs"}


def sources() -> list[Path]:
    """Return our Python files, tests left out, relative to the repository."""
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.py"))
    return sorted(path for path in found if not SKIPPED & set(path.parts))


SOURCES = sources()
RULE_FILES = sorted({path.relative_to(ROOT) for pattern in RULES for path in ROOT.glob(pattern)})
OWN = {path.parts[0].removesuffix(".py") for path in SOURCES}


def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def imported(node: ast.AST) -> Iterator[str]:
    """Yield every module that is imported anywhere in a piece of code."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from (name.name for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative imports hide where they point"
            for name in child.names:
                whole = f"{child.module}.{name.name}"
                yield whole if module_file(whole) else str(child.module)


def module_file(dotted: str) -> Path | None:
    """Return the file of one of our modules, None when it is none."""
    base = Path(*dotted.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if (ROOT / path).is_file():
            return path
    return None


def within(module: str, allowed: str) -> bool:
    return module == allowed or module.startswith(f"{allowed}.")


def names(path: Path) -> str:
    return str(path)


def test_rules_are_all_found() -> None:
    for pattern in RULES:
        assert list(ROOT.glob(pattern)), f"{pattern} is nowhere: correct the list"


@pytest.mark.parametrize("path", RULE_FILES, ids=names)
def test_rule_imports_no_engine_clock_network_chance_or_file(path: Path) -> None:
    roots = {module.partition(".")[0] for module in imported(tree_of(path))}
    assert roots & OUTSIDE == set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in CLOCK_CALLS, f"{path}:{node.lineno} asks a clock"
            assert node.attr not in {"random", "default_rng"}, f"{path}:{node.lineno} draws a number"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"open", "print", "input"}, f"{path}:{node.lineno} reads or writes"


@pytest.mark.parametrize("path", RULE_FILES, ids=names)
def test_rule_uses_of_ours_only_rules(path: Path) -> None:
    for module in imported(tree_of(path)):
        file = module_file(module)
        if file is not None:
            own_cache = (str(path), str(file)) == ("compiled.py", "machine_code.py")
            assert file in RULE_FILES or own_cache, f"{path} imports {module}, which is no rule"


@pytest.mark.parametrize("package", sorted(OWN - {"scripts", "benchmarks"}))
def test_package_uses_only_what_lies_below_it(package: str) -> None:
    assert package in ALLOWED, f"say in this test what {package} may import"
    for path in SOURCES:
        if path.parts[0].removesuffix(".py") != package:
            continue
        for module in imported(tree_of(path)):
            top = module.partition(".")[0]
            if top in OWN and top != package:
                assert any(within(module, allowed) for allowed in ALLOWED[package]), f"{path} imports {module}"


@pytest.mark.parametrize(
    ("package", "engine_files"),
    [
        ("risk", {"risk/gate.py"}),
        ("strategies", {"strategies/signal_strategy.py"}),
        ("monitoring", set()),
        ("configs", set()),
    ],
)
def test_engine_is_known_to_few(package: str, engine_files: set[str]) -> None:
    found = {
        str(path)
        for path in SOURCES
        if path.parts[0] == package and any(within(module, "nautilus_trader") for module in imported(tree_of(path)))
    }
    assert found == engine_files


def test_scripts_are_imported_by_scripts_only() -> None:
    for path in SOURCES:
        if path.parts[0] != "scripts":
            assert not any(within(module, "scripts") for module in imported(tree_of(path))), path


def test_tests_and_benchmarks_are_imported_by_no_package() -> None:
    for path in SOURCES:
        if path.parts[0] not in ("benchmarks", "scripts"):
            tops = {module.partition(".")[0] for module in imported(tree_of(path))}
            assert tops & {"tests", "benchmarks", "pytest", "hypothesis"} == set(), path


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "core", "misc", "shared", "tools", "base"}
    for path in SOURCES:
        assert empty & {part.removesuffix(".py") for part in path.parts} == set(), path


def test_optional_extras_are_imported_inside_functions_only() -> None:
    for path in SOURCES:
        for node in tree_of(path).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert "ccxt" not in {module.partition(".")[0] for module in imported(node)}, path
        for cls in (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)):
            for node in cls.body:
                if not isinstance(node, ast.FunctionDef):
                    assert "ccxt" not in {module.partition(".")[0] for module in imported(node)}, path


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_no_assert_and_no_bare_except_outside_tests(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        assert not isinstance(node, ast.Assert), f"{path}:{getattr(node, 'lineno', 0)} asserts"
        assert not (isinstance(node, ast.ExceptHandler) and node.type is None), f"{path}: bare except"
