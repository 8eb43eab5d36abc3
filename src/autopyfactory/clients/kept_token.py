"""A token on disk, and beside it what was known of it when it came."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autopyfactory.clients.kept import KeptFile, keep, read
from autopyfactory.errors import Unavailable
from autopyfactory.fields import timestamp, write_duration

AHEAD = timedelta(minutes=2)  # two rounds of renewal come before a token is of no use
ABSENT = "there is no token yet: the daemon comes by it"


class Record(BaseModel):
    """What is known of a token; times are seconds since the epoch."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    request: str = ""  # a digest of what was asked for
    digest: str = ""  # of the token
    subject: str = ""
    begin: float = 0.0
    end: float = 0.0  # infinite: never
    refresh: str = Field("", repr=False)  # the refresh token that is good now
    origin: str = ""  # a digest of the refresh token that it descends from


class KeptToken:
    """The token in the file `path`, which is given to `owner`, with its record in the file `record`.

    Read by any thread, written by one.
    """

    def __init__(self, path: Path, record: Path, request: Mapping[str, Any], owner: str = "") -> None:
        self.path = path
        self._owner = owner
        self._file = record
        self._request = digest(json.dumps(request, sort_keys=True))
        self._record: Record | None = None  # the newest, also where it could not be written
        self._seen = KeptFile(path, self._match, ABSENT)
        self.files = (path, record)

    def read(self) -> Record:
        """What is known of the token; `Unavailable` says why there is none."""
        return self._seen.read()

    def is_due(self, now: float, least: timedelta, early: timedelta | None) -> bool:
        """Whether there is none, or the one that there is will end in less than `early`.

        Without `early`: when half of its life is over, but before it is good for `least` only.
        """
        try:
            record = self.read()
        except Unavailable:
            return True
        if early is not None:
            return record.end - now < early.total_seconds()
        return record.end - now < max((record.end - record.begin) / 2, (least + AHEAD).total_seconds())

    def keep(self, token: str, **facts: Any) -> None:
        """Put a token in the place of the one before, with its `subject`, `begin` and `end`.

        Raises `Unavailable` if that cannot be.
        """
        self._write(request=self._request, digest=digest(token), **facts)
        self._put(self.path, token, self._owner)

    def refresh_token(self, given: str) -> str:
        """The one that is good now, of those that descend from `given`."""
        record = self._known()
        return record.refresh if record.refresh and record.origin == digest(given) else given

    def keep_refresh_token(self, given: str, refresh: str) -> None:
        """Keep a refresh token that came for one that descends from `given`; `Unavailable` if that cannot be.

        It is not forgotten then, but as long as we live.
        """
        self._write(origin=digest(given), refresh=refresh)

    def _match(self, content: bytes) -> Record:
        record = self._load()
        if record.digest != digest(content.decode("ascii", "replace")):
            raise ValueError("holds a token of which nothing is known")
        if record.request != self._request:
            raise ValueError("holds a token that was asked for otherwise")
        return record

    def _known(self) -> Record:
        if self._record is None:
            self._record = self._load()
        return self._record

    def _load(self) -> Record:
        try:
            return Record.model_validate_json(read(self._file)[1])
        except (FileNotFoundError, ValidationError):
            return Record()
        except OSError as error:
            raise Unavailable(f"'{self._file}': {error.strerror}") from error
        except ValueError as error:
            raise Unavailable(str(error)) from error

    def _write(self, **changes: Any) -> None:
        self._record = self._known().model_copy(update=changes)
        self._put(self._file, self._record.model_dump_json())

    def _put(self, path: Path, text: str, owner: str = "") -> None:
        try:
            keep(path, text.encode(), owner)
        except OSError as error:
            raise Unavailable(f"it cannot be kept: '{path}': {error.strerror}") from error


def digest(text: str) -> str:
    """What tells two secrets apart and betrays neither."""
    return hashlib.sha256(text.encode()).hexdigest()


def refuse_short(end: float, now: float, least: timedelta) -> None:
    """`Unavailable` for a token that ends before it was good for `least`."""
    if end - now < least.total_seconds():
        raise Unavailable(
            f"the token that came ends at {timestamp(end)}, too soon: minimum = '{write_duration(least)}'"
        )
