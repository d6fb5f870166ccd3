"""The command line of ``scripts/approve.py``."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ConfigError
from research.process_edge import run_to_exit_code

if TYPE_CHECKING:
    from configs.run import RunConfig
    from research.approval.judge import Evidence
    from research.approval.record import Row
    from research.approval.seal import ApprovalKey

REFUSED = 1
VALID_DAYS, MAX_VALID_DAYS = 92, 366  # three months: by then a walk-forward has a window more to show (D39)
EPILOG = """example:
  python scripts/approve.py configs/backtest/crypto_intraday_1h.toml --walk-forward runs/wf --run runs/RUN \\
      --monte-carlo runs/RUN/monte_carlo --operator "A. Trader" --reason "reviewed with B. Lead"

  python scripts/approve.py configs/backtest/crypto_intraday_1h.toml --check approvals
  python scripts/approve.py configs/backtest/crypto_intraday_1h.toml --revoke approvals --operator ... --reason ...

exit codes: 0 approved, 1 refused (every requirement that is not met is shown) or failed, 2 bad input
"""


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="approve.py",
        description="Turn finished research into a sealed approval record, without which nothing trades live (D40).",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = found.add_argument
    add("config", type=Path, help="TOML file of the configuration to approve")
    ways = found.add_mutually_exclusive_group()
    ways.add_argument("--check", metavar="RECORD", type=Path,
        help="write nothing; say whether a record, or the one in a folder, lets this trade now")  # fmt: skip
    ways.add_argument("--revoke", metavar="RECORD", type=Path, help="take the approval back")
    add("--walk-forward", metavar="FOLDER", type=Path, help="folder with walk_forward.json")
    add("--monte-carlo", metavar="FOLDER", type=Path, help="folder with monte_carlo.json")
    add("--run", metavar="RUN", type=Path, help="the back-test that the Monte Carlo is made from")
    add("--new-asset-run", metavar="RUN", type=Path, nargs="+", action="extend", default=[],
        help="a back-test on one new asset alone, six months or longer")  # fmt: skip
    add("--earlier", metavar="RECORD", type=Path, nargs="+", action="extend", default=[],
        help="earlier approval records: their instruments are not new")  # fmt: skip
    add("--operator", default="", metavar="NAME", help="who approves or revokes (required)")
    add("--reason", default="", metavar="TEXT", help="why (required)")
    add("--out", metavar="DIR", type=Path, default=Path("approvals"), help="folder for records (default: approvals)")
    add("--valid-days", metavar="N", type=int, default=VALID_DAYS,
        help=f"days until it lapses, 1 to {MAX_VALID_DAYS} (default: {VALID_DAYS})")  # fmt: skip
    add("--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides",
        help="set one value of the configuration, for example strategy.donchian_bars=30")  # fmt: skip
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code: 0 only for an approval that is written."""
    options = parser().parse_args(arguments)
    return run_to_exit_code(
        lambda: _run(options),
        interrupted="interrupted: nothing was approved",
        failed="error: stopped at the failure above; nothing was approved",
    )


def _run(options: argparse.Namespace) -> int:
    if options.check is not None or options.revoke is not None:
        return _existing(options)
    _check(options)
    from configs.load import load_run  # noqa: PLC0415 - heavy: --help must not wait for it
    from research.approval.judge import gather, judge  # noqa: PLC0415
    from research.approval.seal import load_key  # noqa: PLC0415

    config = load_run(options.config, options.overrides)
    found = gather(
        config,
        walk_forward=options.walk_forward,
        monte_carlo=options.monte_carlo,
        run=options.run,
        asset_runs=options.new_asset_run,
        known=_known(options.earlier),
    )
    rows = judge(found)
    if not all(row.passed for row in rows):
        return _refuse(config, rows, options.out)
    return _approve(found, rows, options, load_key(create=True))


def _existing(options: argparse.Namespace) -> int:
    from configs.load import load_run  # noqa: PLC0415
    from research.approval.existing import take_back, tell_whether_it_holds  # noqa: PLC0415

    if options.revoke is None:
        return tell_whether_it_holds(options.check, load_run(options.config, options.overrides))
    _check_hand(options)
    config = load_run(options.config, options.overrides)
    return take_back(options.revoke, config, options.operator.strip(), options.reason.strip())


def _check_hand(options: argparse.Namespace) -> None:
    for name in ("operator", "reason"):
        if not getattr(options, name).strip():
            raise ConfigError(f"--{name} must not be empty: it stands in the record")


def _check(options: argparse.Namespace) -> None:
    for name in ("walk_forward", "monte_carlo", "run"):
        if getattr(options, name) is None:
            raise ConfigError(f"--{name.replace('_', '-')} is missing: an approval needs it (--check only asks)")
    _check_hand(options)
    if not 1 <= options.valid_days <= MAX_VALID_DAYS:
        raise ConfigError(f"--valid-days must be from 1 to {MAX_VALID_DAYS}, was {options.valid_days}")


def _known(records: Sequence[Path]) -> frozenset[str]:
    """Return the instruments of earlier approvals; one that was altered stops here, one that has lapsed counts."""
    from research.approval.seal import load_key, unseal  # noqa: PLC0415
    from research.approval.store import read_bytes  # noqa: PLC0415

    key = load_key(create=False) if records else None
    approvals = [unseal(read_bytes(path), key, str(path)) for path in records] if key is not None else []
    return frozenset(name for approval in approvals for name in approval.instruments)


def _refuse(config: "RunConfig", rows: "Sequence[Row]", out: Path) -> int:
    from research.approval.store import record_path  # noqa: PLC0415
    from research.identity import trading_hash  # noqa: PLC0415

    failed = sum(not row.passed for row in rows)
    name = trading_hash(config)
    _print_table(rows)
    print(f"refused: {failed} of {len(rows)} requirements are not met; {name} ({config.name}) may not trade live")
    if record_path(out, name).exists():
        print(f"note: an earlier approval is still in force: {record_path(out, name)}; --revoke takes it back")
    return REFUSED


def _approve(found: "Evidence", rows: "tuple[Row, ...]", options: argparse.Namespace, key: "ApprovalKey") -> int:
    from research.approval.judge import make_approval  # noqa: PLC0415
    from research.approval.seal import seal  # noqa: PLC0415
    from research.approval.store import write_record  # noqa: PLC0415

    now = datetime.now(UTC).replace(microsecond=0)
    operator, reason = options.operator.strip(), options.reason.strip()
    approval = make_approval(found, rows, operator=operator, reason=reason, now=now, valid_days=options.valid_days)
    path, earlier = write_record(seal(approval, key), options.out)
    _print_table(rows)
    print(
        f"approved: all {len(rows)} requirements are met; {approval.trading_hash} ({found.config.name}) may trade live"
    )
    print(f"until:    {approval.expires_at:%Y-%m-%dT%H:%M:%SZ}, with this code only ({approval.code_hash[:12]})")
    for note in approval.notes:
        print(f"note:     {note}")
    print(f"record:   {path}")
    if earlier is not None:
        print(f"replaced: the earlier record is kept as {earlier}")
    if key.made:
        print(f"key:      made {key.source}; the machine that trades needs a copy, nobody else does")
    return 0


def _print_table(rows: "Sequence[Row]") -> None:
    from rich.console import Console  # noqa: PLC0415

    from research.approval.show import table  # noqa: PLC0415

    Console().print(table(rows))
