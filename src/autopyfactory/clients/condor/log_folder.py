"""The folder that jobs write their logs and outputs into: made, and looked at, before they are submitted."""

import os
from pathlib import Path

from autopyfactory.errors import Unavailable

LEAST = 2**20  # bytes that must be free: less holds no job's log and output


def make_folder(top: Path, folder: Path) -> None:
    """Make `folder`; what is made below `top` may be written by whom `top` lets write.

    Raises `Unavailable` where it cannot be made, or has no room: HTCondor writes no word of a job's log
    on a full disk, and holds the job only when its output is lost.
    """
    try:
        if not folder.is_dir():  # once a day for each queue
            build(top, folder)
        room = os.statvfs(folder)
    except OSError as error:
        raise Unavailable(f"no folder for pilot logs: {error}", untouched=True) from error
    if free := shortage(room.f_frsize * room.f_bavail, room.f_files, room.f_favail):
        raise Unavailable(f"no room for pilot logs in '{folder}': {free}", untouched=True)


def build(top: Path, folder: Path) -> None:
    """Every folder from `top` down to `folder` that is not there."""
    top.mkdir(parents=True, exist_ok=True)
    mode = top.stat().st_mode & 0o7777
    for part in [*reversed(folder.relative_to(top).parents), folder][1:]:
        path = top / part
        if not path.is_dir():
            path.mkdir(exist_ok=True)
            path.chmod(mode)


def shortage(free: int, files: int, free_files: int) -> str:
    """What a file system is short of, in words; one that does not count its files has none."""
    if free < LEAST:
        return f"{free // 2**10} KiB are free"
    return "no more files can be made" if files and not free_files else ""
