"""The folder that jobs write their logs and outputs into: made, and looked at, before they are submitted."""

import os
from pathlib import Path

from autopyfactory.errors import Unavailable

LEAST = 2**20  # bytes that must be free: less holds no job's log and output


def make_folder(top: Path, folder: str) -> None:
    """Make `folder`; what is made below `top` may be written by whom `top` lets write.

    Raises `Unavailable` where it cannot be made, or has no room: HTCondor writes no word of a job's log
    on a full disk, and holds the job only when its output is lost.
    """
    try:
        room = look(folder)
        if room is None:  # once a day for each queue
            build(top, Path(folder))
            room = os.statvfs(folder)
    except OSError as error:
        raise Unavailable(f"no folder for pilot logs: {error}", untouched=True) from error
    if free := shortage(room.f_frsize * room.f_bavail, room.f_files, room.f_favail):
        raise Unavailable(f"no room for pilot logs in '{folder}': {free}", untouched=True)


def look(folder: str) -> os.statvfs_result | None:
    """The room in a folder; None where it is not there.  One call, for every submission asks."""
    try:
        return os.statvfs(f"{folder}/.")  # of a file in its place this is an error
    except FileNotFoundError:
        return None


def build(top: Path, folder: Path) -> None:
    """The folder, and where it needs them all those from `top` down to it."""
    try:
        make(folder, top)
    except FileNotFoundError:
        top.mkdir(parents=True, exist_ok=True)
        below = folder.relative_to(top)
        for part in [*reversed(below.parents), below][1:]:
            make(top / part, top)


def make(folder: Path, top: Path) -> None:
    """One folder, open to whom `top` is open, unless somebody else has just made it."""
    try:
        folder.mkdir()
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        folder.chmod(top.stat().st_mode & 0o7777)


def shortage(free: int, files: int, free_files: int) -> str:
    """What a file system is short of, in words; one that does not count its files has none."""
    if free < LEAST:
        return f"{free // 2**10} KiB are free"
    return "no more files can be made" if files and not free_files else ""
