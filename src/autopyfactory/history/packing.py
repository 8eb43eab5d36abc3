"""Blocks: many reports of one queue in one value, of which each column is compressed for itself.

A column is JSON, in which columns of numbers stand as bytes behind the text, those of one weight together.
"""

import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from autopyfactory.garbage import uncollected
from autopyfactory.history.columns import Numbers, pack

LEVEL = 4  # of compression; more costs more and gains next to nothing
SIZE = struct.Struct("<I")  # before a text: its length
BEHIND = "="  # the key of what stands behind the text; no field is called so
SEPARATORS = (",", ":")
WRITE = json.JSONEncoder(separators=SEPARATORS, check_circular=False).encode


class Columns(Mapping[str, Any]):
    """The columns of a block; each is read when it is asked for."""

    def __init__(self, block: bytes) -> None:
        directory, self._block = split(memoryview(block))
        self._places: dict[str, slice] = {}
        end = 0
        for name, size in json.loads(directory).items():
            self._places[name] = slice(end, end := end + size)

    def __getitem__(self, name: str) -> Any:
        return read(self._block[self._places[name]])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class Annex:
    """The bytes behind a text."""

    def __init__(self) -> None:
        self.bytes = bytearray()

    def add(self, numbers: Numbers) -> Mapping[str, Any]:
        """Take numbers in, and say what stands in the text for them."""
        place = len(self.bytes)
        raw = struct.pack(f"<{len(numbers.values)}{numbers.code}", *numbers.values)
        width = struct.calcsize(numbers.code)
        for weight in range(
            width
        ):  # the bytes that count most are much the same, those that count least are not
            self.bytes += raw[weight::width]
        return {BEHIND: [numbers.code, len(numbers.values), place]}


def write_row(row: Any) -> str:
    """A row of the tail."""
    try:
        return to_json(row, inf_nan_mode="constants").decode()
    except PydanticSerializationError:  # texts with bytes that are no UTF-8, as names of files may have
        return WRITE(row)


def squeeze(shape: Any, rows: Iterable[str]) -> bytes:
    """Rows of the tail as a block."""
    with uncollected():
        return seal(columns_of(shape, rows))


def seal(columns: Mapping[str, Any]) -> bytes:
    """Columns as a block."""
    parts = {name: write(column) for name, column in columns.items()}
    directory = WRITE({name: len(part) for name, part in parts.items()}).encode()
    return b"".join((SIZE.pack(len(directory)), directory, *parts.values()))


def write(column: Any) -> bytes:
    """One column."""
    annex = Annex()
    text = json.JSONEncoder(separators=SEPARATORS, default=annex.add).encode(column).encode()
    press = zlib.compressobj(LEVEL, strategy=zlib.Z_FILTERED)  # digits and the last bytes repeat nothing
    return press.compress(SIZE.pack(len(text)) + text + annex.bytes) + press.flush()


def read(written: bytes | memoryview) -> Any:
    """One column again."""
    text, annex = split(memoryview(zlib.decompress(written)))

    def find(table: dict[str, Any]) -> Any:
        return numbers_at(annex, *table[BEHIND]) if BEHIND in table else table

    return json.loads(text, object_hook=find)


def numbers_at(annex: memoryview, code: str, count: int, place: int) -> list[Any]:
    """Numbers that stand behind a text."""
    width = struct.calcsize(code)
    raw = bytearray(count * width)
    for weight in range(width):
        raw[weight::width] = annex[place + weight * count : place + (weight + 1) * count]
    return list(struct.unpack(f"<{count}{code}", raw))


def split(whole: memoryview) -> tuple[bytes, memoryview]:
    """A text that stands in front, and what follows it."""
    (size,) = SIZE.unpack_from(whole)
    return bytes(whole[SIZE.size : SIZE.size + size]), whole[SIZE.size + size :]


def columns_of(shape: Any, rows: Iterable[str]) -> Mapping[str, Any]:
    """Rows of the tail as columns; they are of one shape, and the first refers to none before it."""
    parsed: Sequence[Any] = json.loads(f"[{','.join(rows)}]")
    columns: Mapping[str, Any] = pack(shape, parsed)
    return columns
