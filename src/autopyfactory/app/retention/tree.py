"""The tree of pilot logs, LOGS/YYYY-MM-DD/QUEUE/FILE: read and cut by descriptors, following no link."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
TAIL = 16 * 1024  # bytes, in which the last events of a pilot surely stand
END = re.compile(rb"^(005|009) \(", re.MULTILINE)  # events of HTCondor: terminated, aborted


@contextmanager
def open_top(path: Path) -> Iterator[int]:
    """The folder of all logs, which may itself be named by a link."""
    yield from hold(os.open(path, FOLDER))


@contextmanager
def open_folder(name: str, parent: int) -> Iterator[int]:
    """A folder in another one; `OSError` where a link has its place."""
    yield from hold(os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=parent))


def hold(descriptor: int) -> Iterator[int]:
    """A descriptor, closed in the end."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def folders(parent: int) -> list[str]:
    """The folders in a folder; links are none."""
    with os.scandir(parent) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))


def files(folder: int) -> Iterator[tuple[str, os.stat_result]]:
    """The plain files in a folder; hidden ones, links and all else are nobody's logs."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                continue
            try:
                yield entry.name, entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue


def tells_end(name: str, folder: int) -> bool:
    """Whether an event log tells the end of its pilot; one that cannot be read does not."""
    try:
        descriptor = os.open(name, FILE, dir_fd=folder)
    except OSError:
        return False
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return False
        return END.search(os.pread(descriptor, TAIL, max(0, about.st_size - TAIL))) is not None
    except OSError:
        return False
    finally:
        os.close(descriptor)


def remove_empty(name: str, parent: int) -> bool:
    """Remove a folder if it is empty; whether it was."""
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            return False
        raise
    return True
