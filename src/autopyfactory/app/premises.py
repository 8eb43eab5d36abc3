"""The premises: what `apf run` needs of a plan and of this machine before any plug-in is asked."""

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

from autopyfactory.app.assembly.settings import STREAMS
from autopyfactory.app.state import default_folder
from autopyfactory.configuration import Problem
from autopyfactory.plan import Plan


def nobody(config: Path, plan: Plan) -> Problem:
    """The complaint about a configuration without a queue that runs."""
    text = "there is no queue; add a section [queue.NAME]"
    if plan.disabled:
        text = f"no queue is enabled; {plan.disabled[0]} has enabled = false"
    return Problem(file=str(config), section="", key="", text=text)


def obstacles(plan: Plan) -> list[str]:
    """Why this user cannot run the factory on this machine.  Looks, and changes nothing."""
    settings = plan.settings
    found = [*look_at_folder(settings.state or default_folder(settings.id))]
    if settings.log not in STREAMS:
        found += look_at_file(Path(settings.log).expanduser())
    return found


def look_at_folder(folder: Path) -> Iterator[str]:
    """What keeps us from making the state folder, or from owning it."""
    place = nearest(folder)
    if place != folder:
        yield from refuse(f"state folder {folder} cannot be made", place)
    elif not folder.is_dir():
        yield f"state folder {folder} is no folder"
    elif folder.stat().st_uid != os.geteuid():
        owner = user(folder.stat().st_uid)
        yield f"state folder {folder} belongs to {owner}, and not to {user(os.geteuid())}"
    else:
        yield from refuse(f"state folder {folder} cannot be used", folder)


def look_at_file(file: Path) -> Iterator[str]:
    """What keeps us from writing the log."""
    if file.is_dir():
        yield f"log {file} is a folder"
    elif file.exists():
        yield from () if os.access(file, os.W_OK) else (f"log {file}: {user(os.geteuid())} may not write it",)
    elif not file.parent.is_dir():
        yield f"log {file} cannot be made: there is no folder {file.parent}"
    else:
        yield from refuse(f"log {file} cannot be made", file.parent)


def refuse(what: str, folder: Path) -> Iterator[str]:
    """The sentence for a folder in which we may not write."""
    if not folder.is_dir():
        yield f"{what}: {folder} is no folder"
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield f"{what}: {user(os.geteuid())} may not write in {folder}"


def nearest(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists."""
    return next(place for place in (path, *path.absolute().parents) if os.path.lexists(place))


def user(number: int) -> str:
    """Who that is."""
    try:
        return f"user {pwd.getpwuid(number).pw_name}"
    except KeyError:  # a container may have no name for it
        return f"user {number}"
