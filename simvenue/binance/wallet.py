"""The wallet's answers, the same on every door: rights of a key, coins without networks."""

from typing import Any

from simvenue.binance.keys import TRADE, WITHDRAW, ApiKey


def restrictions_of(key: ApiKey, *, futures: bool) -> dict[str, Any]:
    """Return the rights of a key; ``futures`` tells whether this door trades them."""
    trade, withdraw = TRADE in key.permissions, WITHDRAW in key.permissions
    return {
        "ipRestrict": True,
        "createTime": 1_700_000_000_000,
        "enableReading": True,
        "enableSpotAndMarginTrading": trade,
        "enableFutures": trade and futures,
        "enableWithdrawals": withdraw,
        "enableInternalTransfer": withdraw,
        "permitsUniversalTransfer": withdraw,
        "enableMargin": False,
        "enableVanillaOptions": False,
        "enablePortfolioMarginTrading": False,
    }


def coin(asset: str, free: str = "0", locked: str = "0") -> dict[str, Any]:
    """Return a coin of the wallet; nothing is deposited or withdrawn here."""
    return {
        "coin": asset,
        "name": asset,
        "free": free,
        "locked": locked,
        "trading": True,
        "isLegalMoney": False,
        "networkList": [],
    }
