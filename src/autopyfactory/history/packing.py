"""Blocks: many reports of one queue in one compressed value."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autopyfactory.history.columns import pack

LEVEL = 4  # of compression; more costs more and gains next to nothing
WRITE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def squeeze(shape: Any, rows: Iterable[str]) -> bytes:
    """Rows of the tail as the columns of a block."""
    text = WRITE(columns_of(shape, rows)).encode()
    press = zlib.compressobj(LEVEL, strategy=zlib.Z_FILTERED)  # the digits of clocks repeat nothing
    return press.compress(text) + press.flush()


def expand(block: bytes) -> Mapping[str, Any]:
    """The columns of a block."""
    columns: Mapping[str, Any] = json.loads(zlib.decompress(block))
    return columns


def columns_of(shape: Any, rows: Iterable[str]) -> Mapping[str, Any]:
    """Rows of the tail as columns; they are of one shape, and the first refers to none before it."""
    parsed: Sequence[Any] = json.loads(f"[{','.join(rows)}]")
    columns: Mapping[str, Any] = pack(shape, parsed)
    return columns
