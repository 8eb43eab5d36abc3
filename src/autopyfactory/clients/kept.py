"""Secrets in files: read only where nobody else can, parsed anew only when they changed, written whole."""

import os
import pwd
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from autopyfactory.errors import Unavailable

T = TypeVar("T")

LARGEST = 2**20  # bytes; proxies have some thousands
OTHERS = 0o077  # what group and others may do with a file


class KeptFile(Generic[T]):
    """A file that is read again whenever it changed, by any thread.

    `parse` raises `ValueError` for what it cannot use; `absent` says what it means that there is no file.
    """

    def __init__(self, path: Path, parse: Callable[[bytes], T], absent: str = "") -> None:
        self.path = path
        self._parse = parse
        self._absent = absent
        self._last: tuple[tuple[int, ...], T] | None = None

    def read(self) -> T:
        """What it says now; `Unavailable` says why it says nothing."""
        last = self._last  # another thread may set it meanwhile
        try:
            if last is None or mark(self.path.stat()) != last[0]:
                status, content = read(self.path)
                last = (mark(status), parse_secret(self.path, status, content, self._parse))
                self._last = last
        except FileNotFoundError as error:
            raise Unavailable(self._absent or f"'{self.path}': {error.strerror}") from error
        except OSError as error:
            raise Unavailable(f"'{self.path}': {error.strerror}") from error
        except ValueError as error:
            raise Unavailable(str(error)) from error
        return last[1]


def read(path: Path) -> tuple[os.stat_result, bytes]:
    """A regular file that is not too large; nothing is waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a named pipe opens, too
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"'{path}' is no regular file")
        if status.st_size > LARGEST:
            raise ValueError(f"'{path}' has {status.st_size} bytes, too many for a credential")
        return status, file.read(LARGEST)


def read_secret(path: Path) -> bytes:
    """What a file holds that nobody else may touch; `Unavailable` says what is wrong."""
    return KeptFile(path, bytes).read()


def parse_secret(path: Path, status: os.stat_result, content: bytes, parse: Callable[[bytes], T]) -> T:
    """What is in it; `ValueError` names the file."""
    refuse_others(path, status, OTHERS)
    try:
        return parse(content)
    except ValueError as error:
        raise ValueError(f"'{path}' {error}") from error


def refuse_others(path: Path, status: os.stat_result, forbidden: int) -> None:
    """`ValueError` when others may do what is forbidden to them."""
    mode = stat.S_IMODE(status.st_mode)
    if mode & forbidden:
        raise ValueError(f"'{path}' has mode {mode:04o}, so that others get at it: chmod 600")


def mark(status: os.stat_result) -> tuple[int, ...]:
    """What changes when a file is written, replaced, or given another mode."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def keep(path: Path, content: bytes, owner: str = "") -> None:
    """Put a secret in the place of what is there, whole or not at all, for its owner's eyes only.

    Raises `OSError` when that cannot be done.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if owner:
                entry = pwd.getpwnam(owner)
                os.fchown(descriptor, entry.pw_uid, entry.pw_gid)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
