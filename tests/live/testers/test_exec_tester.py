"""The engine's own ExecTester, unmodified, against the simulated venue; what it only logs is checked here."""

from pathlib import Path
from typing import Any

import pytest

from tests.live.testers import cases_change, cases_fill, cases_refuse, cases_restart, cases_stop
from tests.live.testers.case import Case
from tests.live.testers.oracle import assert_books_agree, assert_quiet, order_line, resting_lines
from tests.live.testers.run import ASK, BID, TesterRun
from tests.live.venue import SimulatedVenue

CASES = [
    *cases_fill.MARKET,
    *cases_fill.LIMIT,
    *cases_stop.WAIT,
    *cases_stop.TRIGGER,
    *cases_change.MODIFY,
    *cases_change.CANCEL,
    *cases_refuse.FLAGS,
    *cases_refuse.REFUSE,
    *cases_refuse.LOST,
    *cases_restart.RESTART,
]


class DoesNotPass(Exception):  # noqa: N818  (the verdict on a case, no failure of the test)
    """Raise when the engine's client ends a case as it was measured to, not as the engine's specification asks."""


def parameter(case: Case) -> Any:
    marks = [] if case.sample else [pytest.mark.long]
    if case.fails:
        marks.append(pytest.mark.xfail(reason=case.fails, strict=True, raises=DoesNotPass))
    return pytest.param(case, id=case.name.replace(" ", "-"), marks=marks)


@pytest.mark.parametrize("case", [parameter(case) for case in CASES])
def test_exec_tester(case: Case, tmp_path: Path) -> None:
    with SimulatedVenue("--prices", "seed:3", "--speed", "0", "--balance", "50000") as venue:
        venue.post("/price", symbol="BTCUSDT", price=BID)
        venue.quote(BID, ASK)
        case.before(venue)
        since = max(entry["sequence"] for entry in venue.get("/ledger"))
        with TesterRun(venue, tmp_path / "log.txt", "ExecTester", case.settings, case.client) as run:
            run.until_quoted()
            for step in case.steps:
                step(run)
        lines = tuple(order_line(order) for order in run.report["orders"])
        assert lines == (case.told if case.measured is None else case.measured)
        expired = "CANCELED" if case.client.get("treat_expired_as_canceled") else "EXPIRED"
        assert_books_agree(venue, run.report, since, expired=expired)
        assert case.reason in " ".join(reason for order in run.report["orders"] for reason in order["reasons"])
        if case.entry:
            assert [position["entry"] for position in run.report["positions"]] == [case.entry]
        assert str(venue.position() or 0) == case.position
        assert resting_lines(venue) == []
        requests = venue.get("/requests")
        assert {name: requests.get(name) for name in case.sends} == case.sends
        assert_quiet(run.text())
    if case.fails:
        raise DoesNotPass(case.fails)
