"""Errors as Binance answers them: a code and a message."""


class ApiError(Exception):
    """Carry an answer that is an error; ``status`` is the HTTP status."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    def body(self) -> dict[str, int | str]:
        return {"code": self.code, "msg": self.message}
