"""Field types of options: durations, sizes, counts, limits, paths, and the model that holds them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
BYTES = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
BYTES |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
LONGEST = timedelta(days=400)  # beyond any wait that somebody means, and within what the system can wait
LONGEST_CALL = timedelta(days=1)
MOST = 10**9  # beyond any number of pilots, jobs or cores, and within what floating point numbers tell apart
PART = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")


def quote(value: Any) -> str:
    """What somebody wrote in place of a text, short enough for a message."""
    return repr(value[:60]) if isinstance(value, str) else f"a value of type {type(value).__name__}"


def as_duration(seconds: float) -> timedelta:
    """A number of seconds as a `timedelta`; `ValueError` where it has no room in one."""
    try:
        return timedelta(seconds=seconds)
    except (OverflowError, ValueError) as error:  # ValueError: nan
        raise ValueError(f"{seconds} s is too long for a duration") from error


def parse_duration(text: Any) -> Any:
    """'90s', '6m', '1h30m' or a plain number of seconds as a `timedelta`."""
    if isinstance(text, timedelta):
        return text
    if isinstance(text, int | float) and not isinstance(text, bool):
        return as_duration(text)
    parts = PART.findall(text) if isinstance(text, str) else []
    if not parts or PART.sub("", text).strip() or any(unit not in SECONDS for _, unit in parts):
        raise ValueError(
            f"{quote(text)} is no duration; write '90s', '6m', '1h30m' (units {', '.join(SECONDS)})"
        )
    return as_duration(sum(float(number) * SECONDS[unit] for number, unit in parts))


def timestamp(wall: float) -> str:
    """A moment in UTC, '2030-01-31T12:00:00Z'."""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def limit_duration(duration: timedelta, longest: timedelta) -> timedelta:
    """The duration; `ValueError` where it is longer than anybody means."""
    if duration > longest:
        raise ValueError(
            f"is too long, {write_duration(duration)}; it may be {write_duration(longest)} at most"
        )
    return duration


def limit_count(count: int) -> int:
    """The number; `ValueError` where nobody can have so many."""
    if count > MOST:
        raise ValueError(f"is too much; it may be {MOST} at most")
    return count


def parse_size(text: Any) -> Any:
    """'2GB', '512MiB' or a plain number of bytes as an `int`."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    match = PART.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or match[2] not in BYTES:
        raise ValueError(f"{quote(text)} is no size; write '2GB' or '512MiB' (units {', '.join(BYTES)})")
    try:
        return int(float(match[1]) * BYTES[match[2]])
    except OverflowError as error:
        raise ValueError(f"{quote(text)} is too much for a size") from error


def write_duration(value: timedelta) -> str:
    """The shortest text that `parse_duration` reads back: '6m', '1.5s'."""
    seconds = value.total_seconds()
    for unit in ("d", "h", "m"):
        if seconds and seconds % SECONDS[unit] == 0:
            return f"{seconds / SECONDS[unit]:.0f}{unit}"
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


def locate(path: Path, info: ValidationInfo) -> Path:
    """A path with `~` resolved; a relative one lies in the configuration's folder, if that is known."""
    if "\0" in str(path):
        raise ValueError("a path holds no null character")
    try:
        whole = path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{path}: there is no such home folder") from error
    folder = (info.context or {}).get("folder")
    return whole if folder is None else folder / whole


def parse_table(table: Any) -> Any:
    """A table of words as sorted pairs, so that what holds it is hashable."""
    if isinstance(table, dict):
        return tuple(sorted((str(key), value) for key, value in table.items()))
    return table


def write_text(value: Any) -> Any:
    """Scalars of TOML as text: true, 5 and 2.5 may stand where a word is asked for."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


DURATION = {"type": ["string", "number"], "examples": ["90s", "6m", "1h30m"]}
SIZE = {"type": ["string", "integer"], "examples": ["2GB", "512MiB"]}
TABLE = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}

Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    Field(ge=timedelta(0)),
    AfterValidator(lambda duration: limit_duration(duration, LONGEST)),
    PlainSerializer(write_duration),
    WithJsonSchema(DURATION),
]
Timeout = Annotated[Duration, AfterValidator(lambda duration: limit_duration(duration, LONGEST_CALL))]
Size = Annotated[int, BeforeValidator(parse_size), Field(ge=0), WithJsonSchema(SIZE)]
Count = Annotated[int, Field(ge=0, strict=True), AfterValidator(limit_count)]
Positive = Annotated[int, Field(ge=1, strict=True), AfterValidator(limit_count)]
Flag = Annotated[bool, Field(strict=True)]
Factor = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False, strict=True)]
Ratio = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
Location = Annotated[Path, AfterValidator(locate)]
Text = Annotated[str, BeforeValidator(write_text)]
Table = Annotated[
    tuple[tuple[str, Text], ...], BeforeValidator(parse_table), PlainSerializer(dict), WithJsonSchema(TABLE)
]


class Options(BaseModel):
    """A frozen, hashable model of options.  Unknown keys are errors."""

    __slots__ = ("_hash",)  # no field, so that neither comparing nor copying takes note of it
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def __hash__(self) -> int:
        """As of all values, computed once: a cycle looks up its work in several tables."""
        try:
            return self._hash  # type: ignore[attr-defined, no-any-return]
        except AttributeError:
            object.__setattr__(self, "_hash", hash((type(self), *self.__dict__.values())))
            return self._hash  # type: ignore[attr-defined, no-any-return]


def parse_limit(value: Any) -> Any:
    """A number, or the word 'unlimited'."""
    return None if value == "unlimited" else value


LIMIT = {"anyOf": [{"type": "integer", "minimum": 0}, {"const": "unlimited"}]}
Limit = Annotated[
    Count | None,
    BeforeValidator(parse_limit),
    PlainSerializer(lambda value: "unlimited" if value is None else value),
    WithJsonSchema(LIMIT),
]

FOREVER = MOST  # days, for a number that no folder is old


def parse_days(value: Any) -> Any:
    """A number of days, or the word 'unlimited'."""
    if isinstance(value, int) and not isinstance(value, bool) and value < 1:
        raise ValueError(f"must be 1 at least, or 'unlimited'; found {value}")
    return FOREVER if value == "unlimited" else value


DAYS = {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "unlimited"}]}
Days = Annotated[
    Positive,
    BeforeValidator(parse_days),
    PlainSerializer(lambda value: "unlimited" if value == FOREVER else value),
    WithJsonSchema(DAYS),
]
