"""The venue's rate limits: request weight per minute and address, orders per ten seconds and minute."""

from collections import defaultdict
from dataclasses import dataclass, field

from simvenue.binance.errors import ApiError

MINUTE_MS = 60_000
TEN_SECONDS_MS = 10_000
BAN_AFTER = 20  # refusals in a row that a client ignored


@dataclass
class RateLimits:
    """Count requests in fixed windows of the venue's clock; too many are refused, then the address is banned."""

    weight_per_minute: int = 2_400
    orders_per_ten_seconds: int = 300
    orders_per_minute: int = 1_200
    ban_ms: int = 120_000
    _weights: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    _orders: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    _refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _banned_until: dict[str, int] = field(default_factory=dict)

    def charge(self, address: str, weight: int, now_ms: int) -> None:
        """Count a request; raise 429 above the limit, 418 while an address is banned."""
        until = self._banned_until.get(address, 0)
        if now_ms < until:
            raise ApiError(-1003, f"Way too many requests; IP({address}) banned until {until}.", 418)
        window = now_ms // MINUTE_MS
        self._forget(window)
        self._weights[(address, window)] += weight
        if self._weights[(address, window)] <= self.weight_per_minute:
            self._refused[address] = 0
            return
        self._refused[address] += 1
        if self._refused[address] > BAN_AFTER:
            self._banned_until[address] = now_ms + self.ban_ms
        raise ApiError(
            -1003,
            f"Too many requests; current limit of IP({address}) is {self.weight_per_minute} requests per minute.",
            429,
        )

    def charge_order(self, now_ms: int) -> None:
        """Count a new order of the account; raise 429 above the limit."""
        for span, most in ((TEN_SECONDS_MS, self.orders_per_ten_seconds), (MINUTE_MS, self.orders_per_minute)):
            self._orders[(span, now_ms // span)] += 1
            if self._orders[(span, now_ms // span)] > most:
                raise ApiError(-1015, f"Too many new orders; current limit is {most} orders per {span} ms.", 429)

    def headers(self, address: str, now_ms: int) -> dict[str, str]:
        """Return the headers that tell a client how much it has used."""
        return {
            "X-MBX-USED-WEIGHT-1M": str(self._weights.get((address, now_ms // MINUTE_MS), 0)),
            "X-MBX-ORDER-COUNT-10S": str(self._orders.get((TEN_SECONDS_MS, now_ms // TEN_SECONDS_MS), 0)),
            "X-MBX-ORDER-COUNT-1M": str(self._orders.get((MINUTE_MS, now_ms // MINUTE_MS), 0)),
        }

    def retry_after_s(self, status: int, address: str, now_ms: int) -> int:
        """Return the seconds that a refused client must wait."""
        if status == 418:
            return max(1, (self._banned_until.get(address, now_ms) - now_ms) // 1000)
        return (MINUTE_MS - now_ms % MINUTE_MS) // 1000 + 1

    def rows(self) -> list[dict[str, str | int]]:
        """Return the limits as ``exchangeInfo`` lists them."""
        return [
            {"rateLimitType": kind, "interval": interval, "intervalNum": count, "limit": limit}
            for kind, interval, count, limit in (
                ("REQUEST_WEIGHT", "MINUTE", 1, self.weight_per_minute),
                ("ORDERS", "MINUTE", 1, self.orders_per_minute),
                ("ORDERS", "SECOND", 10, self.orders_per_ten_seconds),
            )
        ]

    def _forget(self, window: int) -> None:
        for key in [key for key in self._weights if key[1] < window - 1]:
            del self._weights[key]
        if len(self._orders) > 100:
            self._orders = defaultdict(int, list(self._orders.items())[-10:])
