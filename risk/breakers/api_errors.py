"""Errors of a venue's interface (Spec 5.5; D27)."""

from collections import deque

from compiled import Records, compiled_bare

NS = 1_000_000_000


@compiled_bare
def judge_api(states: Records, limits: Records, requests: int, errors: int) -> None:
    """Close the breaker when more than a share of enough requests failed; it stays closed until a hand resets it."""
    s = states[0]
    l = limits[0]  # noqa: E741
    if requests < l.api_min_requests:
        s.api_rate = 0.0
        s.api_warned = 0
        return
    s.api_rate = errors / requests
    s.api_warned = int(s.api_rate > l.api_alert_frac)
    if s.api_errors == 0 and s.api_rate > l.api_error_frac:
        s.api_errors = 1
        s.api_observed = s.api_rate


@compiled_bare
def ban_api(states: Records) -> None:
    """Close the breaker at once: the venue has banned us (HTTP 418)."""
    s = states[0]
    if s.api_errors == 0:
        s.api_errors = 1
        s.api_observed = 1.0


class ApiMeter:
    """Count the requests and failures of the last ``window_secs``.

    >>> meter = ApiMeter(300)
    >>> meter.add(0, failed=True), meter.add(300 * NS, failed=False)
    ((1, 1), (1, 0))
    """

    def __init__(self, window_secs: int) -> None:
        self._window_ns = window_secs * NS
        self._calls: deque[tuple[int, bool]] = deque()
        self._errors = 0

    def add(self, ts_ns: int, *, failed: bool) -> tuple[int, int]:
        """Take one request; return requests and errors in the window that ends with it."""
        self._calls.append((ts_ns, failed))
        self._errors += failed
        while self._calls[0][0] <= ts_ns - self._window_ns:
            self._errors -= self._calls.popleft()[1]
        return len(self._calls), self._errors
