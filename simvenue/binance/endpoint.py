"""How an endpoint is described."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simvenue.binance.gateway import Gateway
from simvenue.binance.params import Params


@dataclass(frozen=True)
class Endpoint[V: Gateway]:
    """Say what an endpoint needs, what it weighs and who answers; without a permission it is public."""

    handler: Callable[[V, Params], Any]
    weight: int = 1
    permission: str = ""
    signed: bool = True
