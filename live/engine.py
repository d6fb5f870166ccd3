"""The engine's node and its clients, as one venue needs them."""

from pathlib import Path

from nautilus_trader.adapters.binance import (
    BinanceDataClientConfig,
    BinanceDataClientFactory,
    BinanceEnvironment,
    BinanceExecutionClientConfig,
    BinanceExecutionClientFactory,
    BinanceProductType,
)
from nautilus_trader.common import Environment, FileWriterConfig, LoggerConfig, LogLevel
from nautilus_trader.live import LiveExecutionEngineConfig, LiveNode, LiveRiskEngineConfig, SubmissionRecoveryPolicy
from nautilus_trader.model import AccountId, TraderId

from live.config import LiveSection

TRADER = TraderId("TIDEBREAK-001")


def build_node(section: LiveSection, key: str, secret: str, folder: Path) -> LiveNode:
    """Return a node with the venue's native data and execution client; nothing is connected yet."""
    builder = (
        LiveNode.builder("tidebreak", TRADER, Environment.LIVE)
        .with_exec_engine_config(execution_config())
        .with_risk_engine_config(LiveRiskEngineConfig(bypass=True))  # it denies market exits before the first quote
        .with_logging(
            LoggerConfig(
                stdout_level=LogLevel.OFF,
                fileout_level=LogLevel.INFO,
                file_config=FileWriterConfig(directory=str(folder), file_name="engine"),
            )
        )
        .with_delay_post_stop_secs(1)
        .with_timeout_connection(30)
    )
    http_url, ws_url = section.http_url or None, section.ws_url or None
    where = BinanceEnvironment.DEMO if section.environment == "paper" else BinanceEnvironment.LIVE
    data = BinanceDataClientConfig(
        product_type=BinanceProductType.USD_M,
        environment=where,
        base_url_http=http_url,
        base_url_ws=ws_url,
        api_key=key,
        api_secret=secret,
    )
    execution = BinanceExecutionClientConfig(
        account_id=AccountId("BINANCE-001"),
        product_type=BinanceProductType.USD_M,
        environment=where,
        base_url_http=http_url,
        base_url_ws=ws_url,
        use_ws_trading=False,
        use_position_ids=False,
        api_key=key,
        api_secret=secret,
        treat_expired_as_canceled=True,
        max_retries=0,
    )
    builder = builder.add_data_client(None, BinanceDataClientFactory(), data)
    builder = builder.add_exec_client(None, BinanceExecutionClientFactory(), execution)
    return builder.build()


def execution_config() -> LiveExecutionEngineConfig:
    """Return how the engine looks orders up: an unknown one is kept and asked for, never taken for refused."""
    return LiveExecutionEngineConfig(
        reconciliation=True,
        reconciliation_startup_delay_secs=2.0,
        inflight_check_interval_ms=250,
        inflight_check_threshold_ms=1_000,
        inflight_check_retries=3,  # then a lost cancel or change is taken back, and asked for again by our sweep
        submission_recovery_policy=SubmissionRecoveryPolicy.RETAIN_UNRESOLVED,
        open_check_interval_secs=5.0,
        open_check_threshold_ms=3_000,
        position_check_interval_secs=2.0,  # a fill that the stream lost left a position without a stop for 30 s
        position_check_threshold_ms=4_000,  # after orders without an answer have been looked up
    )
