"""A back-test that answers every signal as the live run did: then its trades can be matched one by one."""

from typing import Any

from msgspec import structs

from live.parity.journal import Key
from memory.memory import Memory
from monitoring.journal import Journal
from research.inputs import Inputs
from research.simulation import Simulation
from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Decision
from risk.officer import Publish, RiskOfficer
from risk.review import Reviewer

HELD = "one_position"


class GivenReviewer(Reviewer):
    """Ask every limit, then answer as given; a second trade on an instrument is refused all the same."""

    def __init__(self, config: RiskConfig, given: dict[Key, dict[str, Any]]) -> None:
        super().__init__(config)
        self._given = given

    def review(self, candidate: Candidate, book: Book) -> Decision:
        """Return the answer of the live run."""
        own = super().review(candidate, book)
        wanted = self._given.get((candidate.signal.instrument_id, candidate.signal.ts_ns))
        is_held = any(held.instrument_id == candidate.signal.instrument_id for held in book.positions)
        if wanted is None or not wanted["approved"] or is_held:
            return structs.replace(own, approved=False, rule=HELD if is_held else "given", quantity=0.0, risk_quote=0.0)
        return structs.replace(
            own, approved=True, rule="", quantity=wanted["quantity"], risk_quote=wanted["risk_quote"]
        )


class GivenSimulation(Simulation):
    """A simulation whose officer is told what to answer; limits and breakers decide nothing."""

    def __init__(self, inputs: Inputs, journal: Journal, given: dict[Key, dict[str, Any]]) -> None:
        self._given = given
        super().__init__(inputs, journal, Memory())

    def _officer(self, publish: Publish, journal: Journal) -> RiskOfficer:
        officer = super()._officer(publish, journal)
        officer._reviewer = GivenReviewer(self.inputs.config.risk, self._given)  # of a back-test only
        return officer
