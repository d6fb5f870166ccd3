"""The times of the watchdog, in nanoseconds."""

import msgspec

SECOND_NS = 1_000_000_000


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long what is borne.

    Attributes
    ----------
    heartbeat_ns : int
        Silence of the node (Spec 9.4).
    unprotected_ns : int
        A position without a sufficient resting stop.
    fresh_ns, return_ns : int
        The node is back when no sign of life was older than ``fresh_ns`` for ``return_ns``: a flapping one is not.
    absent_ns : int
        From then on a close that the venue does not know is taken as never arrived.
    retry_ns : int
        Before a close that was refused or could not be sent is tried anew; doubles up to 8 times this.
    blind_ns : int
        Without an answer of the venue, until a person is told.
    stuck_ns : int
        Between two calls for help while the account is not flat yet.
    looks : int
        In a row that must agree before anything is done: one odd answer or a step of the clock is not enough.
    clear_looks : int
        In a row that must find nothing left before the account counts as flat.
    """

    heartbeat_ns: int = 60 * SECOND_NS
    unprotected_ns: int = 10 * SECOND_NS
    fresh_ns: int = 5 * SECOND_NS
    return_ns: int = 30 * SECOND_NS
    absent_ns: int = 5 * SECOND_NS
    retry_ns: int = SECOND_NS
    blind_ns: int = 30 * SECOND_NS
    stuck_ns: int = 60 * SECOND_NS
    looks: int = 3
    clear_looks: int = 2
