"""A demonstration: the simulated venue replays a market fast, the node trades on it, and the books are compared."""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from errors import StateError
from research.process_edge import run_to_exit_code

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "configs" / "live" / "demo.toml"
MADE_UP = ("seed:7", "2024-06-04T17:20")  # a breakout within half an hour of market time, and another after it
STARTED_SECS = 30.0
SETTLED_SECS = 3.0


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    found = argparse.ArgumentParser(
        prog="live_demo.py",
        description="Start a simulated venue and a live system on it; compare their books at the end.",
        epilog="example: python scripts/live_demo.py --seconds 120",
    )
    found.add_argument("--seconds", type=float, default=120.0, metavar="N", help="how long (default: 120)")
    found.add_argument("--speed", type=float, default=60.0, metavar="N", help="market seconds per second (default: 60)")
    found.add_argument("--prices", default=MADE_UP[0], metavar="FILE|seed:N", help="candles of BTCUSDT, or made up")
    found.add_argument("--from", dest="start", default=MADE_UP[1], metavar="DATE", help="where the replay starts")
    found.add_argument("--no-screen", action="store_true", help="only say how it ended")
    found.add_argument("--state", type=Path, metavar="DIR", help="keep journal and memory here")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the demonstration; return 0 when every invariant held and a trade was protected."""
    options = parser().parse_args(arguments)
    return run_to_exit_code(lambda: _go(options), failed="error: the demonstration stopped at the failure above")


def _go(options: argparse.Namespace) -> int:
    from configs.load import load  # noqa: PLC0415 - heavy: --help must not wait for it
    from live.command import run_live  # noqa: PLC0415
    from live.config import LiveConfig  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="tidebreak-demo-") as folder, _venue(options, Path(folder)) as places:
        control = places["control"]
        fixed = {
            "live.http_url": places["http"],
            "live.ws_url": places["ws"],
            "live.clock_url": f"{control}/clock",
            "live.state_dir": str(options.state or Path(folder) / "state"),
        }
        config = load(LiveConfig, CONFIG, (), fixed)
        pause = threading.Timer(max(0.0, options.seconds - SETTLED_SECS), lambda: hold(control))
        pause.daemon = True
        pause.start()
        code = run_live(config, seconds=options.seconds, screen=not options.no_screen)
        findings = examine(control, config.state_path / "journal.jsonl")
    for line in findings.lines:
        print(line)
    return code or findings.code


@contextmanager
def _venue(options: argparse.Namespace, folder: Path) -> Iterator[dict[str, str]]:
    command = [sys.executable, str(ROOT / "scripts" / "simvenue.py"), "--instrument", "BTCUSDT"]
    command += ["--prices", options.prices, "--from", options.start, "--speed", str(options.speed), "--steps", "30"]
    with (folder / "venue.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise StateError(f"the simulated venue did not start: {(folder / 'venue.log').read_text()[-500:]}")
            yield json.loads(line)
        finally:
            process.terminate()
            process.wait(STARTED_SECS)


class Findings:
    """What the comparison of the books says."""

    def __init__(self, lines: list[str], code: int) -> None:
        self.lines = lines
        self.code = code


def examine(control: str, journal: Path) -> Findings:
    """Compare the venue's books with the journal: positions, stops, orders sent twice, trades protected."""
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    trades = [one for one in events if one["module"] == "execution_engine"]
    held = _held(trades)
    broken = []
    for position in ask(f"{control}/positions"):
        mine = held.pop(position["symbol"], 0.0)
        if abs(mine - float(position["quantity"])) > 1e-9:
            broken.append(f"position of {position['symbol']}: venue {position['quantity']}, journal {mine}")
        stops = position["protection"]
        if not stops["closes_all"] and float(stops["stop_quantity"]) < abs(float(position["quantity"])):
            broken.append(f"position of {position['symbol']} is not protected by a stop")
    broken += [f"position of {name}: venue 0, journal {mine}" for name, mine in held.items() if abs(mine) > 1e-9]
    broken += [
        f"order {name} was sent {count} times" for name, count in ask(f"{control}/received").items() if count > 1
    ]
    filled = {one["details"]["trade_id"] for one in trades if one["event_type"] == "ENTRY_FILLED"}
    closed = [one["details"] for one in trades if one["event_type"] == "TRADE_CLOSED"]
    if not filled:
        broken.append("no trade was entered and protected: run longer, or from another date")
    totals = ask(f"{control}/totals")
    lines = [
        *(f"{one['event_type']:<15} {one['timestamp_utc'][:19]} {_say(one['details'])}" for one in trades),
        f"trades entered {len(filled)}, closed {len(closed)}, net {sum(one['net'] for one in closed):+.2f} USDT; "
        f"the venue: wallet {totals['wallet']}, realised {totals['realised']}, fees {totals['fees']}",
        *(f"BROKEN: {text}" for text in broken),
    ]
    return Findings(lines if broken else [*lines, "every invariant held"], 1 if broken else 0)


def hold(control: str) -> None:
    """Have the market stand still, so that both sides have booked the same when they are compared."""
    body = json.dumps({"speed": 0}).encode()
    request = urllib.request.Request(f"{control}/speed", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10.0):
        pass


def ask(url: str) -> Any:
    """Return the JSON that the control port answers."""
    with urllib.request.urlopen(url, timeout=10.0) as answer:
        return json.load(answer)


def _held(trades: list[dict[str, Any]]) -> dict[str, float]:
    """Return the position of every symbol as the journal has it."""
    last = {one["details"]["trade_id"]: one["details"] for one in trades if "quantity" in one["details"]}
    held: dict[str, float] = {}
    for one in last.values():
        symbol = one["instrument_id"].partition("-")[0]
        held[symbol] = held.get(symbol, 0.0) + one["side"] * one["quantity"]
    return held


def _say(details: dict[str, Any]) -> str:
    if "net" in details:
        return f"{details['trade_id']} {details['reason']} net {details['net']:+.2f}"
    side = "long" if details["side"] > 0 else "short"
    return f"{details['trade_id']} {side} {details['quantity']:g} open, stop {details['stop']:g}"
