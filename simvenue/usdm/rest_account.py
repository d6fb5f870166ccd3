"""REST answers about the account: balances, margins and positions."""

from simvenue.binance.endpoint import Endpoint
from simvenue.binance.errors import ApiError
from simvenue.binance.keys import READ
from simvenue.binance.params import Params
from simvenue.usdm.shapes import Json
from simvenue.usdm.venue import Endpoints, Venue

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
            "updateTime": venue.stamp_ms(),
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
        "updateTime": venue.stamp_ms(),
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
        "positions": [_account_position(venue, symbol) for symbol in chosen(venue, params)],
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


def chosen(venue: Venue, params: Params) -> list[str]:
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
    return [_position_risk(venue, symbol) for symbol in chosen(venue, params)]


def position_risk_open(venue: Venue, params: Params) -> list[Json]:
    """Answer as version 3 does: only instruments with a position or an open order."""
    exchange = venue.exchange
    used = [
        symbol
        for symbol in chosen(venue, params)
        if exchange.account.position(symbol).quantity or exchange.markets[symbol].resting
    ]
    return [_position_risk(venue, symbol) for symbol in used]


ENDPOINTS: Endpoints = {
    ("GET", "/fapi/v2/balance"): Endpoint(balance, 5, READ),
    ("GET", "/fapi/v3/balance"): Endpoint(balance, 5, READ),
    ("GET", "/fapi/v2/account"): Endpoint(account, 5, READ),
    ("GET", "/fapi/v3/account"): Endpoint(account, 5, READ),
    ("GET", "/fapi/v2/positionRisk"): Endpoint(position_risk, 5, READ),
    ("GET", "/fapi/v3/positionRisk"): Endpoint(position_risk_open, 5, READ),
}
