"""What the engine's DataTester logged, read back into values; times in Unix milliseconds."""

import re
from decimal import Decimal
from typing import Any

from tests.live.testers.run import TesterRun

ACTOR = r"testers::data::actor: \s*"
NUMBER = r"(?:Price|Quantity)\(([^)]+)\)"


def rows(run: TesterRun, kind: str, *fields: str) -> list[tuple[Any, ...]]:
    """Return the chosen fields of everything of a kind that the tester got, in order."""
    lines = run.log(rf"{ACTOR}({kind}(?: \{{|\().*)$")
    return [tuple(_field(line, name) for name in fields) for line in lines]


def _field(line: str, name: str) -> Any:
    found = re.search(rf"[ ,{{]{name}: (?:Some\()?(?:UnixNanos\((\d+)\)|{NUMBER}|TradeId\('(\w+)'\)|([\w.-]+))", line)
    assert found is not None, f"no {name} in {line}"
    nanoseconds, number, trade_id, word = found.groups()
    if nanoseconds is not None:
        return int(nanoseconds) // 1_000_000
    if number is not None:
        return Decimal(number)
    return trade_id or word


def announced(run: TesterRun, what: str) -> list[int]:
    """Return how much history of a kind was received, per answer."""
    return [int(count) for count in run.log(rf"{ACTOR}Received (\d+) historical {what}$")]


def books(run: TesterRun) -> list[dict[str, list[list[Decimal]]]]:
    """Return the books that the tester printed: levels of price and quantity, best first."""
    tables = re.findall(r"│ bids .*?├[^\n]*\n(.*?)╰", run.text(), re.DOTALL)
    return [_book(table) for table in tables]


def _book(table: str) -> dict[str, list[list[Decimal]]]:
    bids: list[list[Decimal]] = []
    asks: list[list[Decimal]] = []
    for line in table.splitlines():
        bid, price, ask = (cell.strip(" []") for cell in line.strip("│").split("│"))
        if bid:
            bids.append([Decimal(price), Decimal(bid)])
        if ask:
            asks.insert(0, [Decimal(price), Decimal(ask)])
    return {"bids": bids, "asks": asks}
