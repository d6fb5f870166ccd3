"""One LiveNode with one of the engine's own testers, run by a test as a process.

Its argument is JSON: the venue's facts, which tester, the tester's configuration, options of the client. It stops when
its standard input says so (or closes), and prints what the engine believes then as one line. Its log is the tester's
only voice.
"""

import json
import sys
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from nautilus_trader.adapters.binance import (
    BinanceDataClientConfig,
    BinanceDataClientFactory,
    BinanceEnvironment,
    BinanceExecutionClientConfig,
    BinanceExecutionClientFactory,
    BinanceProductType,
)
from nautilus_trader.common import Environment, LoggerConfig, LogLevel
from nautilus_trader.live import LiveExecutionEngineConfig, LiveNode, LiveRiskEngineConfig
from nautilus_trader.model import (
    AccountId,
    ActorId,
    BarType,
    ClientId,
    InstrumentId,
    OrderType,
    Quantity,
    StrategyId,
    TimeInForce,
    TraderId,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_trader.testkit import DataTesterConfig, ExecTesterConfig

from tests.live.testers.report import report

PERP = InstrumentId.from_str("BTCUSDT-PERP.BINANCE")

# What JSON cannot hold; every other field is passed as it is.
READ: dict[str, Callable[[Any], Any]] = {
    "order_qty": Quantity.from_str,
    "order_display_qty": Quantity.from_str,
    "open_position_on_start_qty": Decimal,
    "trailing_offset": Decimal,
    "open_position_time_in_force": TimeInForce.from_str,
    "limit_time_in_force": TimeInForce.from_str,
    "stop_time_in_force": TimeInForce.from_str,
    "stop_order_type": OrderType.from_str,
    "stop_trigger_type": TriggerType.from_str,
    "trailing_offset_type": TrailingOffsetType.from_str,
    "external_order_instrument_ids": lambda names: [InstrumentId.from_str(name) for name in names],
    "bar_types": lambda names: [BarType.from_str(name) for name in names],
}


def build(facts: dict[str, Any], options: dict[str, Any]) -> LiveNode:
    """Return a node whose client talks to the venue; the risk engine is bypassed, as the testers' guide asks."""
    keys: dict[str, Any] = {
        "api_key": "sim-key",
        "api_secret": "sim-secret",
        "product_type": BinanceProductType.USD_M,
        "environment": BinanceEnvironment.LIVE,
        "base_url_http": facts["http"],
        "base_url_ws": facts["ws"],
    }
    execution = BinanceExecutionClientConfig(
        account_id=AccountId("BINANCE-001"),
        base_url_ws_trading=facts["ws_api"],
        use_ws_trading=True,
        **keys,
        **options,
    )
    return (
        LiveNode.builder("tester", TraderId("TESTER-001"), Environment.LIVE)
        .with_delay_post_stop_secs(1)
        .with_logging(LoggerConfig(stdout_level=LogLevel.INFO, is_colored=False))
        .with_risk_engine_config(LiveRiskEngineConfig(bypass=True))
        .with_exec_engine_config(
            LiveExecutionEngineConfig(
                reconciliation_startup_delay_secs=0.0, inflight_check_interval_ms=500, inflight_check_threshold_ms=500
            )
        )
        .add_data_client(None, BinanceDataClientFactory(), BinanceDataClientConfig(**keys))
        .add_exec_client(None, BinanceExecutionClientFactory(), execution)
        .build()
    )


def add_tester(node: LiveNode, kind: str, config: dict[str, Any]) -> None:
    fields = {name: READ[name](value) if name in READ else value for name, value in config.items()}
    shared: dict[str, Any] = {"client_id": ClientId("BINANCE"), **fields}
    if kind == "DataTester":
        node.add_builtin_actor(
            kind, DataTesterConfig(actor_id=ActorId("DATA_TESTER-001"), instrument_ids=[PERP], **shared)
        )
    else:
        node.add_builtin_strategy(
            kind, ExecTesterConfig(strategy_id=StrategyId("EXEC_TESTER-001"), instrument_id=PERP, **shared)
        )


def main(facts: dict[str, Any], kind: str, config: dict[str, Any], client: dict[str, Any]) -> None:
    """Run a tester until it is told to stop, then tell what the engine holds."""
    node = build(facts, client)
    add_tester(node, kind, config)
    handle = node.handle()

    def wait() -> None:
        sys.stdin.readline()
        handle.stop()

    threading.Thread(target=wait, daemon=True).start()
    node.run()
    print("REPORT " + json.dumps(report(node)), flush=True)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
