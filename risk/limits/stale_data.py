"""No entry on data that is old or has a hole (Spec 4.2.1, D32)."""

from dataclasses import dataclass

from risk.book import Book
from risk.config import RiskConfig
from risk.limits.entry import Candidate
from risk.messages import Check


@dataclass(frozen=True, slots=True)
class StaleData:
    """Refuse when the newest price is older than 30 s, or a bar is missing before this one."""

    config: RiskConfig

    def check(self, candidate: Candidate, _book: Book) -> Check:
        """Return a refusal when the data is stale; an unknown age is."""
        age, most = candidate.data_age_secs, self.config.max_data_age_secs
        return Check("stale_data", age <= most, most, age)
