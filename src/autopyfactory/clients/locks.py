"""Locks on files: whoever holds one lives, and the kernel takes it away when the last holder is gone.

A lock belongs to the opened file, so children that inherit the file hold it, too.  Process numbers are
given out again and prove nothing; a lock proves that its holder is there.
"""

import fcntl
import os


def take(file: int) -> bool:
    """Lock an opened file for oneself alone, at once; whether that was possible."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_locked(path: str, flags: int = os.O_RDWR | os.O_CREAT) -> int | None:
    """Open a file and lock it, at once; `None` when somebody else holds it."""
    file = os.open(path, flags | os.O_CLOEXEC, 0o600)
    if take(file):
        return file
    os.close(file)
    return None


def is_held(file: int) -> bool:
    """Whether somebody who opened the file anew holds its lock.  Askers do not disturb each other."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


def is_held_at(path: str) -> bool:
    """The same for a file by its name; one that does not exist is held by nobody."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return is_held(file)
    finally:
        os.close(file)
