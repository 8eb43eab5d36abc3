"""The process that speaks to HTCondor: it answers requests from its standard input until that ends."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any

from autopyfactory.clients.asides import Asides
from autopyfactory.clients.frames import Frames
from autopyfactory.errors import Rejected, Unavailable

GRACE = 5.0  # seconds after which a call ends us when nobody is left to do it
PLENTY = 2**40  # references, more than the bindings can drop in a thousand years


def main() -> int:
    """Serve whoever started us."""
    keep_none()
    take_signals()
    frames = take_pipes()
    try:
        serve(frames)
    except EOFError:
        return 0
    return 1


def keep_none() -> None:
    """Make None outlive the bindings, which drop a reference to it that they never took in each submission.

    Without that a child ends after some 5000 submissions: "Fatal Python error: deallocating None".
    Python counts no such references from 3.12 on.
    """
    if sys.version_info < (3, 12):
        ctypes.c_ssize_t.from_address(id(None)).value += PLENTY


def take_signals() -> None:
    """Ends are for the parent to decide, but for the alarm of a call that outlives it.

    The alarm keeps its default action: the kernel ends us, also while the bindings hold Python's lock.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)


def take_pipes() -> Frames:
    """The conversation; what else is printed goes to standard error."""
    frames = Frames(os.dup(0), os.dup(1))
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    return frames


def serve(frames: Frames) -> None:
    """Greet, then answer one request after another.  Raises `EOFError` when no more come."""
    asides = Asides()
    greeting = frames.receive()
    asides.begin()
    set_alarm(greeting["seconds"])
    try:
        from autopyfactory.clients.condor import calls as htcondor_calls
    except ImportError as error:
        words = f"HTCondor's bindings cannot be loaded ({error}); {MEND}"
        frames.send({**fault(Unavailable(words)), "took": 0.0})
        return
    calls = htcondor_calls.Calls(
        greeting["identity"], lambda: None if asides.act() else frames.send({"acting": True})
    )
    calls.cautions.heed()
    frames.send({"answer": None, "took": 0.0})
    while True:
        set_alarm(0)
        request = frames.receive()
        began = time.monotonic()
        set_alarm(request["seconds"])
        asides.begin()
        frames.send({**answer(calls, request), "took": time.monotonic() - began})


def answer(calls: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """What the parent hears: an answer, or an error that it understands."""
    try:
        return {"answer": getattr(calls, request["call"])(**request["arguments"])}
    except (Rejected, Unavailable) as error:
        return fault(error)


def fault(error: Rejected | Unavailable) -> dict[str, Any]:
    """An error as a message."""
    untouched = isinstance(error, Unavailable) and error.untouched
    return {"error": str(error), "rejected": isinstance(error, Rejected), "untouched": untouched}


def set_alarm(seconds: float) -> None:
    """Let the kernel end us a little after the parent would have; 0 takes the alarm back."""
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE if seconds else 0)


MEND = "install autopyfactory with its extra: autopyfactory[htcondor]"

if __name__ == "__main__":
    sys.exit(main())
