"""Blocks: many reports of one queue in one compressed value."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from autopyfactory.history.columns import pack

LEVEL = 4  # of compression; more costs more and gains next to nothing
WRITE = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Columns(Mapping[str, Any]):
    """The columns of a block.  Each is parsed when it is asked for: most readers want few of them."""

    def __init__(self, names: Sequence[str], texts: Sequence[bytes]) -> None:
        self._texts = dict(zip(names, texts, strict=True))

    def __getitem__(self, name: str) -> Any:
        return json.loads(self._texts[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, name: object) -> bool:
        return name in self._texts


def squeeze(shape: Any, rows: Iterable[str]) -> bytes:
    """Rows of the tail as a block: a line with the names of the columns, and a line for each of them."""
    columns = columns_of(shape, rows)
    text = "\n".join(map(WRITE, [list(columns), *columns.values()])).encode()
    press = zlib.compressobj(LEVEL, strategy=zlib.Z_FILTERED)  # the digits of clocks repeat nothing
    return press.compress(text) + press.flush()


def expand(block: bytes) -> Mapping[str, Any]:
    """The columns of a block."""
    names, *texts = zlib.decompress(block).split(b"\n")
    if texts:
        return Columns(json.loads(names), texts)
    columns: Mapping[str, Any] = json.loads(names)  # up to schema 2 all of them stand in one line
    return columns


def columns_of(shape: Any, rows: Iterable[str]) -> Mapping[str, Any]:
    """Rows of the tail as columns; they are of one shape, and the first refers to none before it."""
    parsed: Sequence[Any] = json.loads(f"[{','.join(rows)}]")
    columns: Mapping[str, Any] = pack(shape, parsed)
    return columns
