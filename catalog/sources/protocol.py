"""What a source of market data needs from whoever stores it."""

from collections.abc import Mapping
from typing import Any, Protocol

from catalog.candles import Candles, FloatArray, IntArray


class Loader(Protocol):
    """Where a source hands over what it read: cleans, merges, commits.

    A call may repeat rows of an earlier call or of an earlier load: the loader merges. Rows come oldest first
    within a source, uncleaned, and only of finished candles.
    """

    def instrument_metadata(self, instrument_id: str, metadata: Mapping[str, Any] | None) -> None:
        """Take what the venue says about an instrument; called once per instrument, before its data.

        Parameters
        ----------
        instrument_id : str
            For example ``BTCUSDT-PERP.BINANCE``.
        metadata : mapping or None
            None when the source has none. Else ``kind`` (``"perpetual"`` or ``"spot"``), ``base``, ``quote`` (codes),
            ``tick`` (quote units), ``lot`` and ``min_quantity`` (base units or contracts), ``min_notional`` (quote
            units), ``maker_fee`` and ``taker_fee`` (fractions of notional). A number that the venue does not state
            is None.
        """
        ...

    def candles(self, instrument_id: str, interval: str, candles: Candles, *, source: str, sha256: str) -> None:
        """Take a batch of candles that one ``source`` (file, files or endpoint) gave.

        Notes
        -----
        ``sha256`` is the digest of the file when there is one file; of the ``sha256sum`` listing of the files when
        there are several; of the little-endian columns when the candles came from an endpoint.
        """
        ...

    def funding(self, instrument_id: str, ts_ns: IntArray, rate: FloatArray, *, source: str, sha256: str) -> None:
        """Take funding rates: settlement time in ns UTC, fraction of notional **per funding interval**."""
        ...

    def last_close_ns(self, instrument_id: str, interval: str) -> int | None:
        """Return the close of the newest stored candle in ns UTC, None when there is none."""
        ...
