"""The keeper of a pilot: its parent, which outlives it and sees that nothing of it is left behind.

Also a pilot that is killed leaves nothing: whatever it started becomes a child of its keeper.  A child
that nobody waited for keeps its process number, so the keeper never signals a stranger.
"""

import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from autopyfactory.clients.workstation.berth import Berth
from autopyfactory.clients.workstation.payload import GRACE, LAST_WAIT, LIBRARY
from autopyfactory.clients.workstation.pilot import STOPS

ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
LOOK = 1.0  # seconds between two looks, should a signal be missed
Children = Callable[[], Collection[int]]


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent dies."""
    LIBRARY.prctl(ADOPT_ORPHANS, 1, 0, 0, 0)


def own_children() -> list[int]:
    """The children of this process, those that ended and were not yet waited for among them."""
    process = os.getpid()
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def keep(berth: Berth, pilot: int, children: Children = own_children) -> None:
    """Wait for the end of the pilot, note it where the pilot could not, and end what it left behind."""
    code = watch(pilot, children)
    if code < 0:
        berth.end(f"killed by signal {-code}")
    clean(children)


def watch(pilot: int, children: Children) -> int:
    """The exit code of the pilot, which meanwhile hears the signals that its keeper gets."""
    while True:
        heard = signal.sigtimedwait({signal.SIGCHLD, *STOPS}, LOOK)
        if heard is not None and heard.si_signo in STOPS:
            os.kill(pilot, heard.si_signo)
        codes = {child: reap(child) for child in children()}
        code = codes.get(pilot)
        if code is not None:
            return code


def clean(children: Children) -> None:
    """Ask the children to end, and after a while make them."""
    began, asked = time.monotonic(), set[int]()
    while left := [child for child in children() if reap(child) is None]:
        elapsed = time.monotonic() - began
        if elapsed > GRACE + LAST_WAIT:
            return
        for child in left:
            if elapsed > GRACE or child not in asked:
                tell(child, signal.SIGKILL if elapsed > GRACE else signal.SIGTERM)
        asked.update(left)
        signal.sigtimedwait({signal.SIGCHLD}, 0.05)


def reap(child: int) -> int | None:
    """The exit code of a child that ended, below 0 the signal that ended it; `None` while it lives."""
    ended, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def tell(child: int, number: signal.Signals) -> None:
    """Send a signal to a child, unless it took on the rights of another user."""
    with suppress(PermissionError):
        os.kill(child, number)
