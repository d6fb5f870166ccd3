"""Run the simulated exchange: build it, serve two ports, drive the market, save on the way and at the end."""

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from aiohttp import web

from simvenue import state
from simvenue.assembly import build
from simvenue.control.server import application as control_application
from simvenue.options import parse
from simvenue.usdm.front import Front
from simvenue.usdm.venue import Venue

HOST = "127.0.0.1"
SAVE_S = 0.25
IDLE_S = 0.01
BATCH = 200  # steps of the market between two looks at the sockets


def main(arguments: list[str]) -> int:
    """Return 0 after a run, 2 on bad input."""
    options = parse(arguments)
    try:
        venue = build(options)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    try:
        return asyncio.run(_serve(venue, options.port, options.control_port, options.state))
    except OSError as error:
        print(f"error: cannot listen: {error}", file=sys.stderr)
        return 2


async def _serve(venue: Venue, port: int, control_port: int, state_file: Path | None) -> int:
    front, stopping = Front(venue), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    def save() -> None:
        if state_file is not None:
            state.save(state_file, venue.exchange, venue.replay)

    runners = [
        web.AppRunner(front.application(), access_log=None, shutdown_timeout=0.2),
        web.AppRunner(control_application(front, save, stopping.set), access_log=None, shutdown_timeout=0.2),
    ]
    ports = [await _listen(runner, number) for runner, number in zip(runners, (port, control_port), strict=True)]
    _announce(venue, *ports)
    drive, keep = asyncio.create_task(_drive(venue, front)), asyncio.create_task(_keep(venue, save))
    ended = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait([ended, drive, keep], return_when=asyncio.FIRST_COMPLETED)
        for task in (drive, keep):
            if task.done():
                task.result()  # a failed task must not pass in silence
    finally:
        for each in (drive, keep, ended):
            each.cancel()
        save()
        for session in front.sessions("all"):
            session.cut()
        for runner in runners:
            await runner.cleanup()
        venue.exchange.recorder.ledger.close()
    return 0


async def _listen(runner: web.AppRunner, port: int) -> int:
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    bound: int = runner.addresses[0][1]
    return bound


def _announce(venue: Venue, port: int, control_port: int) -> None:
    facts = {
        "event": "listening",
        "http": f"http://{HOST}:{port}",
        "ws": f"ws://{HOST}:{port}/ws",
        "ws_api": f"ws://{HOST}:{port}/ws-fapi/v1",
        "control": f"http://{HOST}:{control_port}",
        "port": port,
        "control_port": control_port,
        "market_ms": venue.replay.market_ms,
        "instruments": list(venue.exchange.instruments),
    }
    print(msgspec.json.encode(facts).decode(), flush=True)


async def _drive(venue: Venue, front: Front) -> None:
    while True:
        taken = venue.replay.until(venue.market_clock.target_ms(), BATCH)
        venue.exchange.expire_due()
        front.flush()
        await asyncio.sleep(0 if taken == BATCH else IDLE_S)


async def _keep(venue: Venue, save: Callable[[], None]) -> None:
    saved = -1
    while True:
        newest = venue.exchange.recorder.ledger.next_sequence
        if newest != saved:
            save()
            saved = newest
        await asyncio.sleep(SAVE_S)
