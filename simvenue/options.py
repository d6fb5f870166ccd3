"""The command line of the simulated exchange."""

import argparse
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options; a wrong one ends the process with a message and code 2."""
    parser = argparse.ArgumentParser(
        prog="simvenue.py",
        description="A simulated exchange on 127.0.0.1 that speaks Binance's protocol. One JSON line on standard "
        "output says where it listens; it runs until SIGTERM, Ctrl-C, or POST /stop on the control port.",
    )
    parser.add_argument(
        "--market", choices=["usdm", "spot"], default="usdm", help="which venue it plays (default: usdm)"
    )
    parser.add_argument(
        "--prices",
        action="append",
        metavar="[SYMBOL=]FILE|seed:N",
        help="a Parquet file of candles, trades or quotes per instrument, or seed:N: made up (default: seed:1)",
    )
    parser.add_argument(
        "--stamps",
        choices=["venue", "market"],
        default="venue",
        help="the clock of orders, executions and account events; market: for comparison with a back-test",
    )
    parser.add_argument("--instrument", action="append", metavar="SYMBOL", help="such as BTCUSDT; repeat for more")
    parser.add_argument("--speed", type=_speed, default=1.0, help="market seconds per second; 0 stands still")
    parser.add_argument(
        "--from", dest="start", metavar="DATE", help="market time to start at, such as 2024-03-01T12:00"
    )
    parser.add_argument("--until", metavar="DATE", help="market time to stand still at; the venue goes on serving")
    parser.add_argument("--port", type=_whole(0, 65_535), default=0, help="0: any free one")
    parser.add_argument("--control-port", type=_whole(0, 65_535), default=0, help="0: any free one")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep the account here; a restart goes on from it")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="append every ledger entry here as a JSON line")
    parser.add_argument("--balance", type=_amount, default=Decimal(50_000), help="USDT at the start (default: 50000)")
    parser.add_argument(
        "--asset", action="append", type=_holding, metavar="BTC=1.5", help="owned at the start, beside USDT (spot)"
    )
    parser.add_argument(
        "--leverage", type=_whole(1, 125), default=20, help="of every instrument at the start (default: 20)"
    )
    parser.add_argument("--maker-fee", type=_amount, help="as a fraction (0.0002; spot: 0.001)")
    parser.add_argument("--taker-fee", type=_amount, help="as a fraction (0.0005; spot: 0.001)")
    parser.add_argument(
        "--funding",
        default="0.0001",
        metavar="RATE|FILE",
        help="rate per eight hours, or a Parquet file of rates (ts, funding_rate); 0.0001 where it has none",
    )
    parser.add_argument("--depth", type=_amount, default=Decimal(50_000), help="USDT offered per price level, about")
    parser.add_argument("--spread-ticks", type=_whole(1, 10_000), default=1)
    parser.add_argument(
        "--steps", type=_whole(4, 10_000), default=12, help="trades that a candle is walked in (default: 12)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the books and of chance in faults")
    parser.add_argument("--key", action="append", metavar="KEY:SECRET:PERMISSIONS", help="instead of the default keys")
    options = parser.parse_args(arguments)
    options.prices = options.prices or ["seed:1"]
    named = [text.partition("=") for text in options.prices if "=" in text]
    if named and (len(named) < len(options.prices) or options.instrument):
        parser.error("--prices SYMBOL=FILE names the instruments: name all of them, and give no --instrument")
    if named:
        options.instrument, options.prices = [name for name, _, _ in named], [rest for _, _, rest in named]
    options.instrument = options.instrument or ["BTCUSDT"]
    if options.asset and options.market != "spot":
        parser.error("--asset is for --market spot: a margin account holds USDT")
    if len(options.prices) not in (1, len(options.instrument)):
        parser.error(
            f"{len(options.prices)} prices for {len(options.instrument)} instruments: one for all, or one each"
        )
    if len(options.instrument) > 1 and len(options.prices) == 1 and not options.prices[0].startswith("seed:"):
        parser.error("one file cannot be the market of several instruments")
    return options


def _amount(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise argparse.ArgumentTypeError(f"not a number: {text}") from error
    if not value.is_finite():
        raise argparse.ArgumentTypeError(f"not a finite number: {text}")
    if value < 0:
        raise argparse.ArgumentTypeError(f"must not be negative, was {text}")
    return value


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse_whole(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number in [{least}, {most}], was {text}")
        return int(text)

    return parse_whole


def _holding(text: str) -> tuple[str, Decimal]:
    asset, _, amount = text.partition("=")
    if not asset.isalnum() or not amount:
        raise argparse.ArgumentTypeError(f"{text}: an asset is NAME=AMOUNT, such as BTC=1.5")
    return asset, _amount(amount)


def _speed(text: str) -> float:
    value = float(_amount(text))
    if value > 1_000_000:
        raise argparse.ArgumentTypeError(f"at most 1000000, was {text}")
    return value
