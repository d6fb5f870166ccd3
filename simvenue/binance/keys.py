"""API keys: who may read, trade or withdraw; HMAC signatures, receive windows and clocks are checked here."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

from simvenue.binance.errors import ApiError
from simvenue.binance.params import Params

READ, TRADE, WITHDRAW = "read", "trade", "withdraw"
DEFAULT_WINDOW_MS = 5_000
MAX_WINDOW_MS = 60_000


@dataclass(frozen=True)
class ApiKey:
    """Hold a key, its secret and its permissions; ``public`` is the public half of an Ed25519 key, in base64."""

    key: str
    secret: str
    permissions: frozenset[str]
    public: str = ""

    def __repr__(self) -> str:
        return f"ApiKey({self.key}, {sorted(self.permissions)})"


DEFAULT_KEYS = (
    ApiKey("sim-key", "sim-secret", frozenset({READ, TRADE})),
    ApiKey("sim-watchdog-key", "sim-watchdog-secret", frozenset({READ, TRADE})),
    ApiKey("sim-read-key", "sim-read-secret", frozenset({READ})),
    # its private half: the seed sha256(b"sim-ed25519-secret")
    ApiKey("sim-ed25519-key", "", frozenset({READ, TRADE}), "Wz51H9GVXE9HLGVf1GGK0EiIr3KydY3cHJpgf48ceu4="),
    ApiKey("sim-withdraw-key", "sim-withdraw-secret", frozenset({READ, TRADE, WITHDRAW})),
)


class KeyRing:
    """Check requests against the keys that exist."""

    def __init__(self, keys: tuple[ApiKey, ...] = DEFAULT_KEYS) -> None:
        self._keys = {key.key: key for key in keys}

    def identify(self, name: str, permission: str) -> ApiKey:
        """Return a key that has a permission."""
        if not name:
            raise ApiError(-2014, "API-key format invalid.", 401)
        key = self._keys.get(name)
        if key is None or permission not in key.permissions:
            raise ApiError(-2015, "Invalid API-key, IP, or permissions for action, request ip: 127.0.0.1", 401)
        return key

    def verify(self, key: ApiKey, payload: str, signature: str, params: Params, now_ms: int) -> None:
        """Check a signed request: its clock first, then its signature."""
        stamp = params.integer("timestamp")
        window = params.integer("recvWindow", DEFAULT_WINDOW_MS)
        if window > MAX_WINDOW_MS:
            raise ApiError(-1131, "recvWindow must be less than 60000")
        if stamp >= now_ms + 1000:
            raise ApiError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if now_ms - stamp > window:
            raise ApiError(-1021, "Timestamp for this request is outside of the recvWindow.")
        if not (_ed25519_holds(key, payload, signature) if key.public else _hmac_holds(key, payload, signature)):
            raise ApiError(-1022, "Signature for this request is not valid.")


def _hmac_holds(key: ApiKey, payload: str, signature: str) -> bool:
    expected = hmac.new(key.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature.lower())


def _ed25519_holds(key: ApiKey, payload: str, signature: str) -> bool:
    # imported here: only a spot client with such a key needs the package
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public))
        public.verify(base64.b64decode(signature), payload.encode())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def parse_key(text: str) -> ApiKey:
    """Return a key from ``KEY:SECRET:read,trade``."""
    parts = text.split(":")
    permissions = frozenset(parts[2].split(",")) if len(parts) == 3 else frozenset()
    if len(parts) != 3 or not parts[0] or not parts[1] or not permissions <= {READ, TRADE, WITHDRAW}:
        raise ValueError(f"{text}: a key is KEY:SECRET:PERMISSIONS with permissions of read, trade, withdraw")
    return ApiKey(parts[0], parts[1], permissions)
