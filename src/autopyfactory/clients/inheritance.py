"""Inheritance: the open files, a lock for one, that every process which acts for us gets from us.

So the lock is held until the last of them is gone, also when we are killed before.  What outlives an act,
as pilots do, must not get them.
"""


class Inheritance:
    """What is passed on."""

    def __init__(self) -> None:
        self.files: tuple[int, ...] = ()


OURS = Inheritance()


def inherit(*files: int) -> None:
    """Pass these open files to every process that is started from now on to act for us."""
    OURS.files = files


def inherited() -> tuple[int, ...]:
    """The files to pass on."""
    return OURS.files
