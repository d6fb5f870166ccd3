"""The past that a live system starts with: signal bars for the rules, hours for correlation (D10, D16)."""

from typing import NamedTuple

from adapters.binance.usdm import BinanceUsdm
from catalog.candles import INTERVAL_NS, Candles
from configs.run import HOUR_NS
from live.config import LiveConfig

DAY_NS = 24 * HOUR_NS
MS_NS = 1_000_000


class Past(NamedTuple):
    """Candles that have closed."""

    signal: Candles
    hourly: Candles


def symbol_of(instrument_id: str) -> str:
    """Return the venue's name of a contract.

    >>> symbol_of("BTCUSDT-PERP.BINANCE")
    'BTCUSDT'
    """
    return instrument_id.rpartition(".")[0].removesuffix("-PERP")


def fetch_past(client: BinanceUsdm, config: LiveConfig, instrument_id: str, now_ns: int) -> Past:
    """Return what has closed by ``now_ns``, as much as the rules and the correlation limit look back."""
    symbol = symbol_of(instrument_id)
    hours_ns = (config.risk.correlation_days + 1) * DAY_NS
    return Past(
        signal=fetch_signal_past(client, config, instrument_id, now_ns),
        hourly=client.klines(symbol, "1h", (now_ns - hours_ns) // MS_NS, now_ns // HOUR_NS * HOUR_NS // MS_NS),
    )


def fetch_signal_past(client: BinanceUsdm, config: LiveConfig, instrument_id: str, now_ns: int) -> Candles:
    """Return the signal bars that have closed by ``now_ns``, as far as the rules look back."""
    frame = config.timeframe
    bars_ns = max(
        (config.strategy.baseline_days + 1) * DAY_NS,
        (config.strategy.ema_slow_bars + 2) * frame.htf_ns,
        2 * config.strategy.donchian_bars * frame.signal_ns,
    )
    end_ns = now_ns // frame.signal_ns * frame.signal_ns
    return client.klines(symbol_of(instrument_id), frame.signal, (end_ns - bars_ns) // MS_NS, end_ns // MS_NS)


def fetch_between(client: BinanceUsdm, interval: str, instrument_id: str, after_ns: int, before_ns: int) -> Candles:
    """Return the candles that closed after one moment and before another."""
    step_ns = INTERVAL_NS[interval]
    return client.klines(symbol_of(instrument_id), interval, after_ns // MS_NS, (before_ns - step_ns) // MS_NS)
