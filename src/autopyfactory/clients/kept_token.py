"""A token on disk, and beside it what was known of it when it came."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autopyfactory.clients.kept import OTHERS, keep, mark, read, refuse_others


class Record(BaseModel):
    """What is known of a token; times are seconds since the epoch."""

    model_config = ConfigDict(frozen=True)

    request: str = ""  # a digest of what was asked for
    digest: str = ""  # of the token
    subject: str = ""
    begin: float = 0.0
    end: float = 0.0
    refresh: str = Field("", repr=False)  # the refresh token that is good now
    origin: str = ""  # a digest of the refresh token that it descends from


class KeptToken:
    """The token in the file `path`, with its record in the file `record`, both for nobody else.

    Read by any thread, written by one.
    """

    def __init__(self, path: Path, record: Path, request: Mapping[str, Any]) -> None:
        self.path = path
        self._file = record
        self._request = digest(json.dumps(request, sort_keys=True))
        self._record: Record | None = None  # the newest, also where it could not be written
        self._seen: tuple[tuple[int, ...], Record] | None = None

    def read(self) -> Record:
        """What is known of the token; `ValueError` or `OSError` says why there is none."""
        now = mark(self.path.stat())
        if self._seen is None or self._seen[0] != now:
            self._seen = (now, self._match())
        return self._seen[1]

    def keep(self, token: str, *, subject: str, begin: float, end: float) -> None:
        """Put a token in the place of the one before; `OSError` if that cannot be."""
        facts = {"digest": digest(token), "subject": subject, "begin": begin, "end": end}
        self._write(request=self._request, **facts)
        keep(self.path, token.encode())

    def refresh_token(self, given: str) -> str:
        """The one that is good now, of those that descend from `given`."""
        record = self._known()
        return record.refresh if record.refresh and record.origin == digest(given) else given

    def keep_refresh_token(self, given: str, refresh: str) -> None:
        """Keep a refresh token that came for one that descends from `given`."""
        self._write(origin=digest(given), refresh=refresh)

    def _match(self) -> Record:
        status, content = read(self.path)
        refuse_others(self.path, status, OTHERS)
        record = self._load()
        if record.digest != digest(content.decode("ascii", "replace")):
            raise ValueError(f"'{self.path}' holds a token of which nothing is known")
        if record.request != self._request:
            raise ValueError(f"'{self.path}' holds a token that was asked for otherwise")
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

    def _write(self, **changes: Any) -> None:
        self._record = self._known().model_copy(update=changes)
        keep(self._file, self._record.model_dump_json().encode())


def digest(text: str) -> str:
    """What tells two secrets apart and betrays neither."""
    return hashlib.sha256(text.encode()).hexdigest()
