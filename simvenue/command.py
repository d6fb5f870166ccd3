"""Run the simulated exchange: build it, serve two ports, drive the market, save on the way and at the end."""

import argparse
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
from simvenue.spot import assembly as spot_assembly
from simvenue.spot import state as spot_state
from simvenue.spot.front import SpotFront
from simvenue.spot.venue import SpotVenue
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
        front = _front(options)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    try:
        return asyncio.run(_serve(front, options.port, options.control_port, options.state))
    except OSError as error:
        print(f"error: cannot listen: {error}", file=sys.stderr)
        return 2


def _front(options: argparse.Namespace) -> Front | SpotFront:
    return SpotFront(spot_assembly.build(options)) if options.market == "spot" else Front(build(options))


def _save(venue: Venue | SpotVenue, path: Path) -> None:
    if isinstance(venue, SpotVenue):
        spot_state.save(path, venue.exchange, venue.replay)
    else:
        state.save(path, venue.exchange, venue.replay)


async def _serve(front: Front | SpotFront, port: int, control_port: int, state_file: Path | None) -> int:
    venue, stopping = front.venue, asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    def save() -> None:
        if state_file is not None:
            _save(venue, state_file)

    runners = [
        web.AppRunner(front.application(), access_log=None, shutdown_timeout=0.2),
        web.AppRunner(control_application(front, save, stopping.set), access_log=None, shutdown_timeout=0.2),
    ]
    ports = [await _listen(runner, number) for runner, number in zip(runners, (port, control_port), strict=True)]
    _announce(front, *ports)
    drive, keep = asyncio.create_task(_drive(front)), asyncio.create_task(_keep(venue, save))
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


def _announce(front: Front | SpotFront, port: int, control_port: int) -> None:
    venue = front.venue
    ws_api = "/ws-api/v3" if isinstance(front, SpotFront) else "/ws-fapi/v1"
    facts = {
        "event": "listening",
        "http": f"http://{HOST}:{port}",
        "ws": f"ws://{HOST}:{port}/ws",
        "ws_api": f"ws://{HOST}:{port}{ws_api}",
        "control": f"http://{HOST}:{control_port}",
        "port": port,
        "control_port": control_port,
        "market_ms": venue.replay.market_ms,
        "instruments": list(venue.exchange.instruments),
    }
    if isinstance(front, SpotFront):
        facts["ws_api_sbe"] = f"{facts['ws_api']}?responseFormat=sbe&sbeSchemaId=3&sbeSchemaVersion=5"
    print(msgspec.json.encode(facts).decode(), flush=True)


async def _drive(front: Front | SpotFront) -> None:
    venue = front.venue
    while True:
        taken = venue.replay.until(venue.market_clock.target_ms(), BATCH)
        venue.exchange.expire_due()
        front.flush()
        await asyncio.sleep(0 if taken == BATCH else IDLE_S)


async def _keep(venue: Venue | SpotVenue, save: Callable[[], None]) -> None:
    saved = -1
    while True:
        newest = venue.exchange.recorder.ledger.next_sequence
        if newest != saved:
            save()
            saved = newest
        await asyncio.sleep(SAVE_S)
