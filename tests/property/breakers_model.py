"""The breakers once more, from the decisions (D24 - D31) and from the whole history: slow, exact, whole numbers only.

Nothing is carried forward that the history can tell. Equities are whole units of money, times nanoseconds; midnight,
and Monday 00:00, belong to the day and week that end.
"""

import math

DAY = 86_400 * 10**9
BY_HAND = ("kill_switch", "drawdown", "suspension", "weekly_loss", "api_errors", "slippage")
BY_ITSELF = ("daily_loss", "loss_streak")


def day_that_ends(ts_ns: int) -> int:
    """Return the day in which a moment lies; midnight lies in the day before."""
    return -(-ts_ns // DAY) - 1


def monday_of(day: int) -> int:
    """Return the Monday on or before a day; day 0, 1 January 1970, was a Thursday."""
    return day - (day + 3) % 7


class Model:
    """What must be closed after everything that has happened."""

    def __init__(self, *, every_day: bool) -> None:
        self.every_day = every_day
        self.looks: list[tuple[int, int]] = []
        self.peak = 0
        self.drawdown = False
        self.suspension = False
        self.days_hit: list[int] = []
        self.row_hit: list[int] = []  # since the last reset of the suspension
        self.days_moved: list[int] = []
        self.weeks_hit: list[int] = []
        self.weekly_loss = False
        self.halted_until_ns = 0
        self.approved = False
        self.api_errors = False
        self.alarms: list[bool] = []  # since the last reset
        self.slippage = False
        self.kill_switch = 0
        self.story = ""  # l a loss, w another result, o a trade opened

    # --- what happens -------------------------------------------------------------------------------------------------

    def see(self, ts_ns: int, equity: int) -> None:
        """Take a look at the account."""
        if self.approved and ts_ns >= self.halted_until_ns:
            self.weekly_loss, self.approved = False, False
        if self.looks:
            self._judge_day(day_that_ends(ts_ns), equity)
            self._judge_week(ts_ns, equity)
        if not self.drawdown:
            self.peak = max(self.peak, equity)
            self.drawdown = 100 * (self.peak - equity) >= 15 * self.peak
        self.looks.append((ts_ns, equity))

    def opening(self, day: int) -> int:
        """Return the equity a period starts from: the last one seen up to its first moment, or the first of all."""
        before = [equity for ts_ns, equity in self.looks if ts_ns <= day * DAY]
        return before[-1] if before else self.looks[0][1]

    def _judge_day(self, day: int, equity: int) -> None:
        loss = self.opening(day) - equity
        if loss and day not in self.days_moved:
            self.days_moved.append(day)
        if 100 * loss < 3 * self.opening(day) or day in self.days_hit:
            return
        self.days_hit.append(day)
        self.row_hit.append(day)
        self.suspension = self.suspension or self._row() >= 3

    def _row(self) -> int:
        """Return how many of the last days, those that count, were hit one after the other."""
        last = self.row_hit[-1]
        days = range(last, last - 3, -1) if self.every_day else self.days_moved[::-1]
        row = 0
        for day in days:
            if day not in self.row_hit:
                break
            row += 1
        return row

    def _judge_week(self, ts_ns: int, equity: int) -> None:
        monday = monday_of(day_that_ends(ts_ns))
        opening = self.opening(monday)
        if 100 * (opening - equity) >= 8 * opening and monday not in self.weeks_hit:
            self.weeks_hit.append(monday)
            self.weekly_loss, self.approved = True, False
            self.halted_until_ns = ts_ns + 7 * DAY

    def fill(self, expected: float, actual: float) -> None:
        """Take the slippage of one order."""
        self.alarms.append(not actual <= 3 * expected)
        five = len(self.alarms) >= 5 and all(self.alarms[-5:])
        self.slippage = self.slippage or five or actual > 5 * expected

    def count_api(self, requests: int, errors: int) -> None:
        """Take what was counted in the window."""
        self.api_errors = self.api_errors or (requests >= 20 and 10 * errors > requests)

    def end_trade(self, net: float) -> None:
        """Take a result."""
        self.story += "w" if net >= 0 else "l"

    def open_trade(self) -> None:
        """Take the first fill of an entry."""
        self.story += "o"

    # --- hands --------------------------------------------------------------------------------------------------------

    def allows(self, breaker: str, operator: str, reason: str, peak: float) -> bool:
        """Return whether an operator's reset is carried out."""
        if not operator.strip() or not reason.strip() or breaker not in BY_HAND or breaker not in self.closed:
            return False
        if breaker == "weekly_loss":
            return not self.approved
        if breaker == "drawdown":
            return math.isfinite(peak) and peak > 0 and 100 * (peak - self.equity) < 15 * peak
        return True

    def reset(self, ts_ns: int, breaker: str, peak: float) -> None:
        """Carry a reset out."""
        if breaker == "weekly_loss":
            self.weekly_loss = ts_ns < self.halted_until_ns
            self.approved = self.weekly_loss
        else:
            setattr(self, breaker, False)
        if breaker == "drawdown":
            self.peak = max(int(peak), self.equity)
        elif breaker == "suspension":
            self.row_hit = []
        elif breaker == "slippage":
            self.alarms = []

    # --- what must be -------------------------------------------------------------------------------------------------

    @property
    def equity(self) -> int:
        return self.looks[-1][1] if self.looks else 0

    @property
    def closed(self) -> set[str]:
        found = {name for name in BY_HAND if getattr(self, name)}
        today = self.looks[-1][0] // DAY if self.looks else None  # after midnight is a new day
        return found | ({"daily_loss"} if today in self.days_hit else set())

    @property
    def factor(self) -> float:
        """Return 0.5 while fewer than ten trades were opened since the last five results were losses."""
        results = ""
        opened = 10
        for what in self.story:
            if what == "o":
                opened += 1
                continue
            results += what
            if results.endswith("lllll"):
                opened = 0
        return 0.5 if opened < 10 else 1.0
