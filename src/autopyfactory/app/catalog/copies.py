"""Copies of catalogues in the state folder: the last one that was believed, and one that is in doubt."""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

from autopyfactory.app.state import prepare

FOLDER = "catalogs"
BELIEVED, DOUBTED = "believed", "doubted"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A document, and how often one like it was read in a row."""

    document: bytes
    moment: float  # seconds since the epoch, of the last reading
    count: int = 1


class Copies:
    """The copies of one catalogue.  One that cannot be read is as good as none."""

    def __init__(self, state: Path, name: str) -> None:
        self._state = state
        self._name = name

    def read(self, which: str) -> Copy | None:
        """The copy that is kept, if there is one."""
        try:
            head, _, document = self._file(which).read_bytes().partition(b"\n")
            said = json.loads(head)
            return Copy(document=document, moment=float(said["moment"]), count=int(said["count"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("catalog %s: the copy %s cannot be read: %s", self._name, self._file(which), error)
            return None

    def write(self, which: str, copy: Copy | None) -> None:
        """Keep a copy in place of the one before, or none."""
        file = self._file(which)
        try:
            if copy is None:
                file.unlink(missing_ok=True)
                return
            prepare(self._state)
            file.parent.mkdir(mode=0o700, exist_ok=True)
            head = {key: value for key, value in asdict(copy).items() if key != "document"}
            draft = file.with_suffix(".new")
            draft.write_bytes(json.dumps(head).encode() + b"\n" + copy.document)
            draft.replace(file)
        except OSError as error:
            log.error("catalog %s: no copy can be kept: %s: %s", self._name, file, error.strerror)

    def _file(self, which: str) -> Path:
        return self._state / FOLDER / f"{self._name}.{which}"
