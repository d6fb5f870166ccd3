"""How a request to Binance can fail: refused for good, answer lost, or not sent at all."""

from errors import FatalError, RetryableError, UnknownOutcomeError


class VenueRefusedError(FatalError):
    """The venue answered that it did not do it.

    Attributes
    ----------
    code : int
        The venue's own number, negative (-2013: no such order).
    message : str
        The venue's own words.
    """

    def __init__(self, request: str, code: int, message: str) -> None:
        super().__init__(f"{request}: refused by the venue ({code} {message})")
        self.code = code
        self.message = message


class VenueUnknownError(UnknownOutcomeError):
    """No answer that says whether it was done: look the order up by its client id, never send it again.

    Attributes
    ----------
    status : int
        HTTP status, 0 when there was no answer at all.
    retry_after_secs : float
        How long the venue asks to be left alone; 0 when it did not say.
    banned : bool
        HTTP 418: this address is shut out (D27).
    """

    def __init__(
        self, request: str, reason: str, *, status: int = 0, retry_after_secs: float = 0.0, banned: bool = False
    ) -> None:
        super().__init__(f"{request}: outcome unknown ({reason})")
        self.status = status
        self.retry_after_secs = retry_after_secs
        self.banned = banned


class NotSentError(RetryableError):
    """The request never left: the rate budget does not allow it now, or the venue could not be reached.

    Attributes
    ----------
    banned : bool
        The venue has shut this address out, as this process or another one on it was told (D27).
    """

    def __init__(self, text: str, *, banned: bool = False) -> None:
        super().__init__(text)
        self.banned = banned
