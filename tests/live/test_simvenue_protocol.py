"""The simulated exchange over real sockets: keys, clocks, limits, refusals, settings, restarts."""

import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.live.binance_rest import RestClient
from tests.live.venue import ROOT, SimulatedVenue


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatedVenue]:
    with SimulatedVenue("--prices", "seed:1", "--speed", "0") as venue:
        yield venue


@pytest.fixture
def venue(shared: SimulatedVenue) -> SimulatedVenue:
    """Return the venue, flat, without orders or faults, at 50,000."""
    client = RestClient(shared.http)
    shared.delete("/faults")
    shared.post("/clock", skew_ms=0)
    client.signed("DELETE", "/fapi/v1/allOpenOrders", symbol="BTCUSDT")
    client.signed("DELETE", "/fapi/v1/algoOpenOrders", symbol="BTCUSDT")
    shared.quote(50_000.0, 50_000.1)
    if (held := shared.position()) != 0:
        client.market("SELL" if held > 0 else "BUY", float(abs(held)), "flat", reduceOnly="true")
    shared.quote(50_000.0, 50_000.1)
    return shared


def refused(reply: Any) -> tuple[int, int]:
    return reply.status, reply.body["code"]


def test_a_request_is_refused_without_key_signature_or_permission(venue: SimulatedVenue) -> None:
    def asks(**client: Any) -> tuple[int, int]:
        return refused(RestClient(venue.http, **client).signed("GET", "/fapi/v2/balance"))

    assert asks(key="") == (401, -2014)
    assert asks(key="nobody") == (401, -2015)
    assert asks(secret="other") == (400, -1022)
    reader = RestClient(venue.http, "sim-read-key", "sim-read-secret")
    assert reader.signed("GET", "/fapi/v2/balance").status == 200
    assert refused(reader.limit("BUY", 0.01, 49_000, "r")) == (401, -2015)


def test_a_key_shows_whether_it_may_withdraw(venue: SimulatedVenue) -> None:
    def may(key: str) -> bool:
        client = RestClient(venue.http, f"sim{key}-key", f"sim{key}-secret")
        return bool(client.signed("GET", "/sapi/v1/account/apiRestrictions").body["enableWithdrawals"])

    assert not may("")
    assert may("-withdraw")


@pytest.mark.parametrize(("skew_ms", "code"), [(-6_000, -1021), (2_000, -1021), (-4_000, 0), (500, 0)])
def test_a_timestamp_must_lie_in_the_receive_window(venue: SimulatedVenue, skew_ms: int, code: int) -> None:
    reply = RestClient(venue.http, skew_ms=skew_ms).signed("GET", "/fapi/v2/balance")
    assert (reply.body["code"] if code else reply.status) == (code or 200)


def test_the_venue_clock_can_run_ahead(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    before = client.public("/fapi/v1/time").body["serverTime"]
    venue.post("/clock", skew_ms=60_000)
    assert 60_000 <= client.public("/fapi/v1/time").body["serverTime"] - before < 62_000
    assert refused(client.signed("GET", "/fapi/v2/balance")) == (400, -1021)
    client.skew_ms = 60_000
    assert client.signed("GET", "/fapi/v2/balance").status == 200


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"price": 49_000.05}, -4014),
        ({"price": 52_600.0}, -4016),
        ({"side": "SELL", "price": 47_000.0}, -4024),
        ({"quantity": 0.0105}, -1111),
        ({"quantity": 0.002, "price": 49_000.0}, -4164),
        ({"quantity": 2_000}, -4005),
        ({"quantity": 25, "price": 49_000.0}, -2019),
        ({"reduceOnly": "true"}, -2022),
        ({"timeInForce": "GTX", "price": 50_000.1}, -5022),
        ({"symbol": "NOPEUSDT"}, -1121),
        ({"side": "HOLD"}, -1117),
        ({"timeInForce": "SOON"}, -1115),
        ({"type": "STOP_MARKET"}, -4120),
        ({"type": "ICEBERG"}, -1116),
        ({"positionSide": "LONG"}, -4061),
        ({"price": "abc"}, -1100),
        ({"price": ""}, -1102),
        ({"newClientOrderId": "not valid!"}, -4015),
    ],
)
def test_an_order_that_breaks_a_rule_gets_the_documented_code(
    venue: SimulatedVenue, order: dict[str, Any], code: int
) -> None:
    reply = RestClient(venue.http).limit(
        **({"side": "BUY", "quantity": 0.01, "price": 49_000.0, "client_id": "x"} | order)
    )
    assert refused(reply) == (400, code)
    assert venue.get("/orders?open=true") == []


def test_a_client_order_id_is_unique_among_open_orders(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    first = client.limit("BUY", 0.01, 49_000, "again").body["orderId"]
    assert refused(client.limit("BUY", 0.01, 49_000, "again")) == (400, -4116)
    client.signed("DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="again")
    assert client.limit("BUY", 0.01, 49_000, "again").body["orderId"] > first
    assert venue.get("/received")["again"] == 3


def test_immediate_orders_expire_with_what_is_left(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    venue.quote(50_000.0, 50_000.1, 0.03)
    result = {"newOrderRespType": "RESULT"}
    assert client.limit("BUY", 0.05, 50_000.1, "fok", timeInForce="FOK", **result).body["status"] == "EXPIRED"
    assert client.limit("BUY", 0.05, 50_000.1, "ack", timeInForce="FOK").body["status"] == "NEW"
    partly = client.limit("BUY", 0.05, 50_000.1, "ioc", timeInForce="IOC", **result).body
    assert (partly["status"], partly["executedQty"]) == ("EXPIRED", "0.030")
    assert venue.position() == Decimal("0.030")


def test_conditional_orders_are_checked_listed_and_cancelled(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    market = {"type": "STOP_MARKET", "triggerPrice": 49_000, "closePosition": "true"}
    assert refused(client.stop("SELL", "s0", **(market | {"triggerPrice": 50_500}))) == (400, -2021)
    assert refused(client.stop("SELL", "s0", **(market | {"quantity": 1}))) == (400, -4136)
    made = client.stop("SELL", "s1", **market).body
    assert (made["algoStatus"], made["triggerPrice"], made["closePosition"]) == ("NEW", "49000.00", True)
    assert refused(client.stop("SELL", "s2", **market)) == (400, -4130)
    assert [row["clientAlgoId"] for row in client.signed("GET", "/fapi/v1/openAlgoOrders").body] == ["s1"]
    cancelled = client.signed("DELETE", "/fapi/v1/algoOrder", clientAlgoId="s1").body
    assert (cancelled["code"], cancelled["algoId"]) == ("200", made["algoId"])
    assert client.signed("GET", "/fapi/v1/algoOrder", algoId=made["algoId"]).body["algoStatus"] == "CANCELED"
    assert refused(client.signed("DELETE", "/fapi/v1/algoOrder", clientAlgoId="s1")) == (400, -2011)


def test_a_jumped_stop_limit_is_triggered_and_does_not_fill(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    client.market("BUY", 0.1, "in")
    client.stop("SELL", "sl", type="STOP", triggerPrice=49_500, price=49_400, quantity=0.1, reduceOnly="true")
    venue.post("/price", symbol="BTCUSDT", price="49000.0")
    algo = client.signed("GET", "/fapi/v1/algoOrder", clientAlgoId="sl").body
    child = client.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", orderId=algo["actualOrderId"]).body
    assert (algo["algoStatus"], child["status"], child["clientOrderId"]) == ("TRIGGERED", "NEW", "sl")
    assert venue.position() == Decimal("0.100")
    venue.quote(49_400.0, 49_400.1)
    assert client.signed("GET", "/fapi/v1/algoOrder", clientAlgoId="sl").body["algoStatus"] == "FINISHED"
    assert venue.position() == 0


def test_the_mark_price_can_leave_the_book_and_triggers_what_watches_it(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    client.market("BUY", 0.1, "in-2")
    watched = {"type": "STOP_MARKET", "triggerPrice": 49_500, "closePosition": "true"}
    client.stop("SELL", "mark", **watched, workingType="MARK_PRICE")
    venue.post("/mark", symbol="BTCUSDT", shift="-600")
    assert venue.position() == 0
    venue.post("/mark", symbol="BTCUSDT", shift="0")


def test_settings_answer_as_documented(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    assert client.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=5).body["leverage"] == 5
    assert refused(client.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=500)) == (400, -4028)
    assert client.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=20).body["leverage"] == 20
    cross = client.signed("POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="CROSSED")
    assert refused(cross) == (400, -4046)
    assert client.signed("GET", "/fapi/v1/positionSide/dual").body == {"dualSidePosition": False}
    rates = client.signed("GET", "/fapi/v1/commissionRate", symbol="BTCUSDT").body
    assert (rates["makerCommissionRate"], rates["takerCommissionRate"]) == ("0.0002", "0.0005")
    assert refused(client.signed("GET", "/fapi/v1/none")) == (404, -5000)


def test_batches_answer_order_by_order(venue: SimulatedVenue) -> None:
    client = RestClient(venue.http)
    good = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}
    text = str([good | {"price": "49000", "newClientOrderId": "b1"}, good | {"price": "49000.05"}]).replace("'", '"')
    one, two = client.signed("POST", "/fapi/v1/batchOrders", batchOrders=text).body
    assert (one["status"], two["code"]) == ("NEW", -4014)
    gone = client.signed("DELETE", "/fapi/v1/batchOrders", symbol="BTCUSDT", origClientOrderIdList='["b1","b9"]').body
    assert (gone[0]["status"], gone[1]["code"]) == ("CANCELED", -2011)


def test_too_many_requests_are_refused_then_banned() -> None:
    with SimulatedVenue("--prices", "seed:1", "--speed", "0") as venue:
        client = RestClient(venue.http)
        statuses = [client.signed("GET", "/fapi/v1/income").status for _ in range(102)]
        assert (statuses[:79], set(statuses[80:100]), statuses[-1]) == ([200] * 79, {429}, 418)
        banned = client.public("/fapi/v1/time")
        assert (*refused(banned), int(banned.headers["Retry-After"]) > 60) == (418, -1003, True)


def test_a_restart_keeps_orders_positions_and_books(tmp_path: Path) -> None:
    options = ("--prices", "seed:1", "--speed", "0", "--state", str(tmp_path / "v.json"), "--balance", "20000")
    with SimulatedVenue(*options, "--ledger", str(tmp_path / "l.jsonl")) as venue:
        client = RestClient(venue.http)
        venue.quote(50_000.0, 50_000.1)
        client.market("BUY", 0.1, "in")
        client.stop("SELL", "sl", type="STOP_MARKET", triggerPrice=49_500, quantity=0.1, reduceOnly="true")
        client.limit("SELL", 0.1, 51_000, "tp", reduceOnly="true")
        markets = venue.get("/markets")
        before = venue.totals(), venue.get("/orders"), venue.get("/algos"), venue.get("/ledger")
        assert venue.stop() == 0
    with SimulatedVenue(*options, "--ledger", str(tmp_path / "l.jsonl")) as venue:
        client = RestClient(venue.http)
        assert venue.get("/markets") == markets
        assert (venue.totals(), venue.get("/orders"), venue.get("/algos"), venue.get("/ledger")) == before
        assert refused(client.limit("SELL", 0.1, 51_000, "tp", reduceOnly="true")) == (400, -4116)
        venue.post("/price", symbol="BTCUSDT", price="49400.0")
        assert venue.position() == 0
        assert (
            client.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="tp").body["status"] == "EXPIRED"
        )
        lines = (tmp_path / "l.jsonl").read_text().count("\n")
        assert lines == len(venue.get("/ledger"))


@pytest.mark.parametrize("stamps", ["venue", "market"])
def test_orders_are_stamped_by_the_clock_that_was_chosen_and_requests_are_judged_by_the_real_one(stamps: str) -> None:
    prices = ("--prices", "BTCUSDT=seed:1", "--prices", "ETHUSDT=seed:2")
    with SimulatedVenue(*prices, "--speed", "0", "--from", "2024-03-01", "--stamps", stamps) as venue:
        assert venue.facts["instruments"] == ["BTCUSDT", "ETHUSDT"]
        client = RestClient(venue.http)
        venue.quote(50_000.0, 50_000.1)
        placed = client.market("BUY", 0.01, "in").body["updateTime"]
        trade = client.signed("GET", "/fapi/v1/userTrades", symbol="BTCUSDT").body[0]["time"]
        clock = venue.get("/clock")
        expected = clock["market_ms"] if stamps == "market" else clock["venue_ms"]
        assert abs(placed - expected) < 5_000
        assert abs(trade - expected) < 5_000
        assert clock["market_ms"] == clock["start_ms"] == 1_709_251_200_000


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--prices", "nowhere.parquet"], "nowhere.parquet"),
        (
            ["--instrument", "BTCUSDT", "--instrument", "ETHUSDT", "--prices", "a", "--prices", "b", "--prices", "c"],
            "each",
        ),
    ],
)
def test_bad_options_end_with_a_message_and_code_2(options: list[str], says: str) -> None:
    script = str(ROOT / "scripts" / "simvenue.py")
    ran = subprocess.run(
        [sys.executable, script, *options], capture_output=True, text=True, cwd=ROOT, timeout=20, check=False
    )
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_wrong_control_request_is_an_error_that_names_it(venue: SimulatedVenue) -> None:
    with pytest.raises(AssertionError, match="colour"):
        venue.post("/faults", kind="fail_after", colour="red")
    with pytest.raises(AssertionError, match="NOPE"):
        venue.post("/price", symbol="NOPE", price="1")


@pytest.mark.long
def test_the_same_script_gives_the_same_ledger() -> None:
    def run() -> list[Any]:
        options = ("--prices", "seed:9", "--speed", "0", "--from", "2024-03-01T07:50", "--stamps", "market")
        with SimulatedVenue(*options) as venue:
            client = RestClient(venue.http)
            last = float(venue.get("/markets")["BTCUSDT"]["last"])
            client.market("BUY", 0.2, "in")
            client.limit("BUY", 0.1, round(last * 0.9995, 1), "more")
            client.limit("SELL", 0.1, round(last * 1.0008, 1), "tp", reduceOnly="true")
            stop = {"type": "STOP_MARKET", "triggerPrice": round(last * 0.96, 1), "closePosition": "true"}
            client.stop("SELL", "sl", **stop)
            for _ in range(40):
                venue.post("/step", ms=60_000)
            return list(venue.get("/ledger"))

    first = run()
    assert first == run()
    assert {"fill", "funding"} <= {entry["kind"] for entry in first}
