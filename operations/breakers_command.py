"""The command line of ``scripts/breakers.py``."""

import argparse
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from errors import BotError

BAD_INPUT, REFUSED, WAITING, INTERRUPTED = 2, 1, 3, 130
EPILOG = """examples:
  python scripts/breakers.py --state runs/1234abcd-20230101 status
  python scripts/breakers.py reset weekly_loss --operator "A. Trader" --reason "reviewed: news day"
  python scripts/breakers.py reset drawdown --peak 42000 --operator "A. Trader" --reason "capital added"
  python scripts/breakers.py kill --operator "A. Trader" --reason "venue behaves oddly" --close-positions

exit codes: 0 done, 1 refused, 2 bad input, 3 the running system has not answered yet
"""


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="breakers.py",
        description="See every limit and breaker of a running or stopped system; reset, kill and resume by hand.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--state", metavar="PLACE", help="memory: a file, a run folder, or postgresql://user@host/db "
                       "(default: that of --config, else state/risk.sqlite)")  # fmt: skip
    found.add_argument("--config", metavar="FILE", type=Path, help="configuration of the system, for its [memory]")
    found.add_argument("--account", metavar="NAME", help="account in the memory (default: that of --config, 'default')")
    actions = found.add_subparsers(dest="action", required=True, metavar="ACTION")
    status = actions.add_parser("status", help="every limit with its present value, cap and headroom")
    status.add_argument("--json", action="store_true", help="as JSON")
    reset = actions.add_parser("reset", help="open a breaker that waits for a hand")
    reset.add_argument("breaker", metavar="NAME", help="suspension, weekly_loss, drawdown, api_errors or slippage")
    reset.add_argument("--peak", type=float, default=0.0, help="the new equity peak (for drawdown)")
    kill = actions.add_parser("kill", help="no entries until resume; working entries are cancelled, stops stay")
    kill.add_argument("--close-positions", action="store_true", help="also close every position at market, reduce-only")
    resume = actions.add_parser("resume", help="end a kill")
    release = actions.add_parser("release", help="drop what a process that is gone for good holds on the shared ledger")
    release.add_argument("owner", metavar="OWNER", help="its name, as status shows it")
    for action in (reset, kill, resume, release):
        action.add_argument("--operator", default="", help="who does this (required)")
        action.add_argument("--reason", default="", help="why (required)")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    try:
        return _status(options) if options.action == "status" else _act(options)
    except BotError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _status(options: argparse.Namespace) -> int:
    import msgspec  # noqa: PLC0415 - heavy: --help must not wait for it
    from rich.console import Console  # noqa: PLC0415

    from operations.picture import take_picture  # noqa: PLC0415
    from operations.place import memory_config, open_memory  # noqa: PLC0415
    from operations.show import show  # noqa: PLC0415

    store, memory = open_memory(memory_config(options.state, options.config, options.account))
    try:
        picture = take_picture(memory, running=store.owner_is_alive())
    finally:
        store.close()
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(picture), indent=2).decode())
    else:
        show(picture, Console())
    return 0


def _act(options: argparse.Namespace) -> int:
    if not options.operator.strip() or not options.reason.strip():
        print("error: --operator and --reason are required: both are journalled (D31)", file=sys.stderr)
        return BAD_INPUT
    peak = getattr(options, "peak", 0.0)
    if not math.isfinite(peak):
        print(f"error: --peak must be an amount above 0, was {peak}", file=sys.stderr)
        return BAD_INPUT
    return _release(options) if options.action == "release" else _ask(options, peak)


def _ask(options: argparse.Namespace, peak: float) -> int:
    from operations.hand import carry_out  # noqa: PLC0415
    from operations.place import memory_config, open_memory  # noqa: PLC0415
    from risk.requests import Request  # noqa: PLC0415

    request = Request(
        ts_ns=time.time_ns(),
        action="kill" if options.action == "kill" else "reset",
        operator=options.operator.strip(),
        reason=options.reason.strip(),
        breaker="kill_switch" if options.action == "resume" else getattr(options, "breaker", ""),
        peak=peak,
        close_positions=getattr(options, "close_positions", False),
    )
    store, memory = open_memory(memory_config(options.state, options.config, options.account))
    try:
        outcome = carry_out(store, memory, request)
    finally:
        store.close()
    if outcome.refused:
        print(f"refused: {outcome.refused}", file=sys.stderr)
        return REFUSED
    if outcome.waiting:
        print("noted; the running system has not looked yet and will take it up at its next look")
        return WAITING
    print(f"done: {options.action} {getattr(options, 'breaker', '')}".rstrip())
    return 0


def _release(options: argparse.Namespace) -> int:
    from operations.hand import release_owner  # noqa: PLC0415
    from operations.place import memory_config, open_memory  # noqa: PLC0415

    store, memory = open_memory(memory_config(options.state, options.config, options.account))
    try:
        operator, reason = options.operator.strip(), options.reason.strip()
        count = release_owner(memory, options.owner, operator, reason, time.time_ns())
    finally:
        store.close()
    print(f"done: {options.owner} released, {count} claims dropped")
    return 0
