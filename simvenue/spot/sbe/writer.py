"""The bytes of SBE: messages, groups, texts, numbers as mantissas with eight decimals."""

import struct
from collections.abc import Iterable
from decimal import Decimal

SCHEMA_ID, SCHEMA_VERSION = 3, 5
EXPONENT = -8
NULL = -(2**63)
NULL_32 = -(2**31)
NULL_BYTE = 0xFF
NULL_16 = 0xFFFF


def message(template: int, block: bytes, *rest: bytes) -> bytes:
    return struct.pack("<HHHH", len(block), template, SCHEMA_ID, SCHEMA_VERSION) + block + b"".join(rest)


def group(block_length: int, rows: Iterable[bytes]) -> bytes:
    """Return a group with a four-byte count; each row is its block and what follows it."""
    made = list(rows)
    return struct.pack("<HI", block_length, len(made)) + b"".join(made)


def small_group(block_length: int, rows: Iterable[bytes]) -> bytes:
    """Return a group with a two-byte count."""
    made = list(rows)
    return struct.pack("<HH", block_length, len(made)) + b"".join(made)


def text(value: str | None) -> bytes:
    return data8((value or "").encode())


def data8(raw: bytes) -> bytes:
    return bytes([len(raw)]) + raw


def text16(value: str) -> bytes:
    return struct.pack("<H", len(value.encode())) + value.encode()


def data32(raw: bytes) -> bytes:
    return struct.pack("<I", len(raw)) + raw


def mantissa(value: str | float) -> int:
    return int(Decimal(str(value)).scaleb(-EXPONENT))


def wide(value: str) -> bytes:
    """Return a mantissa of 16 bytes, for volumes."""
    return mantissa(value).to_bytes(16, "little", signed=True)


def micros(ms: int) -> int:
    return ms * 1_000


def known(value: int) -> int:
    """Return a number that is absent when it is -1."""
    return NULL if value == -1 else value
