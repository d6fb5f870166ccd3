"""REST answers about the account: balances, positions, settings, permissions, income, listen keys."""

from simvenue.ledger import Entry
from simvenue.orders import ZERO
from simvenue.refusal import Refused
from simvenue.usdm.codes import ApiError, from_refusal
from simvenue.usdm.keys import READ, TRADE, WITHDRAW
from simvenue.usdm.params import Params
from simvenue.usdm.rest_orders import MOST_ROWS, span
from simvenue.usdm.shapes import Json
from simvenue.usdm.venue import Endpoint, Endpoints, Venue

MAX_NOTIONAL = "100000000"


def balance(venue: Venue, params: Params) -> list[Json]:
    del params
    margin, wallet = venue.exchange.margin, f"{venue.exchange.account.wallet:.8f}"
    return [
        {
            "accountAlias": "SimV",
            "asset": "USDT",
            "balance": wallet,
            "crossWalletBalance": wallet,
            "crossUnPnl": f"{margin.total(margin.unrealised):.8f}",
            "availableBalance": f"{margin.available:.8f}",
            "maxWithdrawAmount": f"{min(margin.available, venue.exchange.account.wallet):.8f}",
            "marginAvailable": True,
            "updateTime": venue.now_ms(),
        }
    ]


def account(venue: Venue, params: Params) -> Json:
    margin, wallet = venue.exchange.margin, f"{venue.exchange.account.wallet:.8f}"
    positions = margin.total(margin.position_initial)
    orders = margin.total(margin.orders_initial)
    sums = {
        "InitialMargin": positions + orders,
        "MaintMargin": margin.total(margin.maintenance),
        "PositionInitialMargin": positions,
        "OpenOrderInitialMargin": orders,
    }
    totals = {f"total{name}": f"{value:.8f}" for name, value in sums.items()}
    parts = {name[0].lower() + name[1:]: f"{value:.8f}" for name, value in sums.items()}
    unrealised, available = f"{margin.total(margin.unrealised):.8f}", f"{margin.available:.8f}"
    shared = {"availableBalance": available, "maxWithdrawAmount": available}
    asset = {
        "asset": "USDT",
        "walletBalance": wallet,
        "unrealizedProfit": unrealised,
        "marginBalance": f"{margin.balance:.8f}",
        "crossWalletBalance": wallet,
        "crossUnPnl": unrealised,
        "marginAvailable": True,
        "updateTime": venue.now_ms(),
    }
    return {
        "feeTier": 0,
        "feeBurn": False,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
        "totalWalletBalance": wallet,
        "totalUnrealizedProfit": unrealised,
        "totalMarginBalance": f"{margin.balance:.8f}",
        "totalCrossWalletBalance": wallet,
        "totalCrossUnPnl": unrealised,
        **totals,
        **shared,
        "assets": [asset | parts | shared],
        "positions": [_account_position(venue, symbol) for symbol in _chosen(venue, params)],
    }


def _account_position(venue: Venue, symbol: str) -> Json:
    row = _position_risk(venue, symbol)
    margin = venue.exchange.margin
    orders = f"{margin.orders_initial(symbol):.8f}"
    return {
        "symbol": symbol,
        "initialMargin": f"{margin.position_initial(symbol) + margin.orders_initial(symbol):.8f}",
        "maintMargin": f"{margin.maintenance(symbol):.8f}",
        "unrealizedProfit": row["unRealizedProfit"],
        "positionInitialMargin": f"{margin.position_initial(symbol):.8f}",
        "openOrderInitialMargin": orders,
        "leverage": row["leverage"],
        "isolated": row["marginType"] == "isolated",
        "entryPrice": row["entryPrice"],
        "breakEvenPrice": row["breakEvenPrice"],
        "maxNotional": MAX_NOTIONAL,
        "bidNotional": "0",
        "askNotional": "0",
        "positionSide": "BOTH",
        "positionAmt": row["positionAmt"],
        "notional": row["notional"],
        "isolatedMargin": "0",
        "isolatedWallet": "0",
        "updateTime": row["updateTime"],
    }


def _chosen(venue: Venue, params: Params) -> list[str]:
    symbol = params.values.get("symbol")
    if symbol and symbol not in venue.exchange.instruments:
        raise ApiError(-1121, "Invalid symbol.")
    return [symbol] if symbol else list(venue.exchange.instruments)


def _position_risk(venue: Venue, symbol: str) -> Json:
    exchange = venue.exchange
    position, instrument = exchange.account.position(symbol), exchange.instruments[symbol]
    mark = exchange.mark_price(symbol)
    return {
        "symbol": symbol,
        "positionAmt": instrument.quantity_text(position.quantity),
        "entryPrice": f"{position.entry_price:.8f}",
        "breakEvenPrice": f"{position.entry_price:.8f}",
        "markPrice": f"{mark:.8f}",
        "unRealizedProfit": f"{position.unrealised(mark):.8f}",
        "liquidationPrice": "0",
        "leverage": str(position.leverage),
        "maxNotionalValue": MAX_NOTIONAL,
        "marginType": "isolated" if position.isolated else "cross",
        "isolatedMargin": "0.00000000",
        "isAutoAddMargin": "false",
        "positionSide": "BOTH",
        "notional": f"{position.quantity * mark:.8f}",
        "isolatedWallet": "0",
        "marginAsset": "USDT",
        "initialMargin": f"{exchange.margin.position_initial(symbol):.8f}",
        "maintMargin": f"{exchange.margin.maintenance(symbol):.8f}",
        "positionInitialMargin": f"{exchange.margin.position_initial(symbol):.8f}",
        "openOrderInitialMargin": f"{exchange.margin.orders_initial(symbol):.8f}",
        "adl": 0,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": position.updated_ms,
    }


def position_risk(venue: Venue, params: Params) -> list[Json]:
    return [_position_risk(venue, symbol) for symbol in _chosen(venue, params)]


def position_risk_open(venue: Venue, params: Params) -> list[Json]:
    """Answer as version 3 does: only instruments with a position or an open order."""
    exchange = venue.exchange
    used = [
        symbol
        for symbol in _chosen(venue, params)
        if exchange.account.position(symbol).quantity or exchange.markets[symbol].resting
    ]
    return [_position_risk(venue, symbol) for symbol in used]


def set_leverage(venue: Venue, params: Params) -> Json:
    symbol, leverage = params.text("symbol"), params.integer("leverage")
    try:
        venue.exchange.set_leverage(symbol, leverage)
    except Refused as refused:
        error = from_refusal(refused)
        raise ApiError(-4028, f"Leverage {leverage} is not valid") if error.code == -1130 else error from refused
    return {"leverage": leverage, "maxNotionalValue": MAX_NOTIONAL, "symbol": symbol}


def set_margin_type(venue: Venue, params: Params) -> Json:
    symbol, wanted = _one(venue, params), params.text("marginType")
    if wanted not in ("ISOLATED", "CROSSED"):
        raise ApiError(-4050, "Cross or isolated margin type only.")
    if wanted == "CROSSED":
        raise ApiError(-4046, "No need to change margin type.")
    raise ApiError(-4047, f"{symbol}: isolated margin is not simulated; Margin type cannot be changed.")


def _one(venue: Venue, params: Params) -> str:
    params.text("symbol")
    return _chosen(venue, params)[0]


def dual_side(venue: Venue, params: Params) -> Json:
    del venue, params
    return {"dualSidePosition": False}


def set_dual_side(venue: Venue, params: Params) -> Json:
    del venue
    if params.flag("dualSidePosition"):
        raise ApiError(-4067, "Position side cannot be changed: one-way mode only.")
    raise ApiError(-4059, "No need to change position side.")


def multi_assets(venue: Venue, params: Params) -> Json:
    del venue, params
    return {"multiAssetsMargin": False}


def set_multi_assets(venue: Venue, params: Params) -> Json:
    del venue
    if params.flag("multiAssetsMargin"):
        raise ApiError(-4168, "Unable to adjust to Multi-Assets mode: single-asset mode only.")
    raise ApiError(-4171, "No need to change multi-assets mode.")


def commission_rate(venue: Venue, params: Params) -> Json:
    fees = venue.exchange.settlement.fees
    return {
        "symbol": _one(venue, params),
        "makerCommissionRate": f"{fees.maker_frac}",
        "takerCommissionRate": f"{fees.taker_frac}",
        "rpiCommissionRate": "0",
    }


def leverage_bracket(venue: Venue, params: Params) -> list[Json]:
    return [
        {
            "symbol": symbol,
            "notionalCoef": 1.0,
            "brackets": [
                {
                    "bracket": 1,
                    "initialLeverage": venue.exchange.instruments[symbol].max_leverage,
                    "notionalCap": int(MAX_NOTIONAL),
                    "notionalFloor": 0,
                    "maintMarginRatio": float(venue.exchange.instruments[symbol].maintenance_frac),
                    "cum": 0.0,
                }
            ],
        }
        for symbol in _chosen(venue, params)
    ]


def account_config(venue: Venue, params: Params) -> Json:
    del venue, params
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "dualSidePosition": False,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
    }


def symbol_config(venue: Venue, params: Params) -> list[Json]:
    return [
        {
            "symbol": symbol,
            "marginType": "CROSSED",
            "isAutoAddMargin": False,
            "leverage": venue.exchange.account.position(symbol).leverage,
            "maxNotionalValue": MAX_NOTIONAL,
        }
        for symbol in _chosen(venue, params)
    ]


def income(venue: Venue, params: Params) -> list[Json]:
    start, end = span(params)
    wanted, symbol = params.text("incomeType", "ALL"), params.values.get("symbol", "")
    rows = [
        row
        for entry in venue.exchange.recorder.ledger.query(symbol=symbol)
        if start <= entry.time_ms <= end
        for row in _income_rows(entry)
        if wanted in ("ALL", row["incomeType"])
    ]
    return rows[-min(params.integer("limit", 100), MOST_ROWS) :]


def _income_rows(entry: Entry) -> list[Json]:
    def line(kind: str, amount: str) -> Json:
        return {
            "symbol": entry.symbol,
            "incomeType": kind,
            "income": amount,
            "asset": "USDT",
            "info": str(entry.details.get("trade_id", kind)),
            "time": entry.time_ms,
            "tranId": 9_000_000_000 + entry.sequence,
            "tradeId": str(entry.details.get("trade_id", "")),
        }

    if entry.kind == "fill":
        rows = [line("COMMISSION", f"-{entry.details['fee']}")]
        if float(entry.details["realised"]):
            rows.append(line("REALIZED_PNL", entry.details["realised"]))
        return rows
    kinds = {"funding": "FUNDING_FEE", "deposit": "TRANSFER"}
    return [line(kinds[entry.kind], f"{entry.amount:.8f}")] if entry.kind in kinds and entry.amount != ZERO else []


def restrictions(venue: Venue, params: Params) -> Json:
    key = venue.keys.identify(params.text("_key"), READ)
    trade, withdraw = TRADE in key.permissions, WITHDRAW in key.permissions
    return {
        "ipRestrict": True,
        "createTime": 1_700_000_000_000,
        "enableReading": True,
        "enableSpotAndMarginTrading": trade,
        "enableFutures": trade,
        "enableWithdrawals": withdraw,
        "enableInternalTransfer": withdraw,
        "permitsUniversalTransfer": withdraw,
        "enableMargin": False,
        "enableVanillaOptions": False,
        "enablePortfolioMarginTrading": False,
    }


def start_listening(venue: Venue, params: Params) -> Json:
    return {"listenKey": venue.listen_keys.start(params.text("_key"), venue.now_ms())}


def keep_listening(venue: Venue, params: Params) -> Json:
    key = venue.listen_keys.extend(params.text("_key"), venue.now_ms())
    if key is None:
        raise ApiError(-1125, "This listenKey does not exist.")
    return {"listenKey": key}


def stop_listening(venue: Venue, params: Params) -> Json:
    venue.listen_keys.end(params.text("_key"))
    return {}


ENDPOINTS: Endpoints = {
    ("GET", "/fapi/v2/balance"): Endpoint(balance, 5, READ),
    ("GET", "/fapi/v3/balance"): Endpoint(balance, 5, READ),
    ("GET", "/fapi/v2/account"): Endpoint(account, 5, READ),
    ("GET", "/fapi/v3/account"): Endpoint(account, 5, READ),
    ("GET", "/fapi/v2/positionRisk"): Endpoint(position_risk, 5, READ),
    ("GET", "/fapi/v3/positionRisk"): Endpoint(position_risk_open, 5, READ),
    ("POST", "/fapi/v1/leverage"): Endpoint(set_leverage, 1, TRADE),
    ("POST", "/fapi/v1/marginType"): Endpoint(set_margin_type, 1, TRADE),
    ("GET", "/fapi/v1/positionSide/dual"): Endpoint(dual_side, 30, READ),
    ("POST", "/fapi/v1/positionSide/dual"): Endpoint(set_dual_side, 1, TRADE),
    ("GET", "/fapi/v1/multiAssetsMargin"): Endpoint(multi_assets, 30, READ),
    ("POST", "/fapi/v1/multiAssetsMargin"): Endpoint(set_multi_assets, 1, TRADE),
    ("GET", "/fapi/v1/commissionRate"): Endpoint(commission_rate, 20, READ),
    ("GET", "/fapi/v1/leverageBracket"): Endpoint(leverage_bracket, 1, READ),
    ("GET", "/fapi/v1/accountConfig"): Endpoint(account_config, 5, READ),
    ("GET", "/fapi/v1/symbolConfig"): Endpoint(symbol_config, 5, READ),
    ("GET", "/fapi/v1/income"): Endpoint(income, 30, READ),
    ("GET", "/sapi/v1/account/apiRestrictions"): Endpoint(restrictions, 1, READ),
    ("POST", "/fapi/v1/listenKey"): Endpoint(start_listening, 1, READ, signed=False),
    ("PUT", "/fapi/v1/listenKey"): Endpoint(keep_listening, 1, READ, signed=False),
    ("DELETE", "/fapi/v1/listenKey"): Endpoint(stop_listening, 1, READ, signed=False),
}
