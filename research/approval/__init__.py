"""The promotion gate: from finished research to a sealed record that a live start asks for (D40, Spec 8.3, 11.1)."""

from research.approval.record import Approval, Row
from research.approval.verify import verify_approval

__all__ = ["Approval", "Row", "verify_approval"]
