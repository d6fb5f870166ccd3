"""The signature of a request: HMAC-SHA256 over its query, as the venue recomputes it. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlencode

type Value = str | int | bool | Decimal
type Parameters = Mapping[str, Value]


def query_of(parameters: Parameters) -> str:
    """Return parameters as a query, in the order given; numbers in plain digits, truth as the venue writes it.

    >>> query_of({"symbol": "BTCUSDT", "quantity": Decimal("1E-3"), "reduceOnly": True})
    'symbol=BTCUSDT&quantity=0.001&reduceOnly=true'
    """
    return urlencode({name: _text(value) for name, value in parameters.items()})


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def signed(query: str, secret: str) -> str:
    """Return a query with its signature.

    >>> signed("symbol=BTCUSDT&timestamp=1", "s3cret")[-8:]
    '41757eac'
    """
    signature = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
    return f"{query}&signature={signature}"
