"""The program that stands between us and a command: it starts the command, waits for it and outlives it.

It holds the files that it inherits, the factory's lock for one, until the command is surely gone, and the
command never gets them: what that leaves in the background would hold them for ever.  It ends the command,
and all in its group, when it is told to by SIGALRM, or when its time is over and nobody is left to tell.
It needs nothing but Python's standard library, and little of that: what it imports costs more time than all
that it does.
"""

import json
import os
import signal
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

TOLD = signal.SIGALRM  # the signal of the kernel's timer, too
DEAF = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)  # meant for the command, if at all
CHANGED = (signal.SIGPIPE, signal.SIGXFSZ)  # by Python


def main(arguments: Sequence[str]) -> int:
    """Do the errand in the book, an open file, and write into the book what came of it.

    The first of `arguments` is the book and the last a name for us; between them is what is held.  While
    the errand stands in the book, nothing was started; `{}` says that something was, and nothing is
    known of its end.
    """
    files = [int(word) for word in arguments[:-1]]
    for file in files:
        os.set_inheritable(file, False)
    book = files[0]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {TOLD})  # before, it ends us and all is well
    deaf = [number for number in DEAF if signal.signal(number, signal.SIG_IGN) is signal.SIG_IGN]
    errand = json.loads(look(book))
    write(book, {})
    try:
        os.environ.update(errand["environment"])
        command = start(errand["words"], mask, {*DEAF, *CHANGED} - {*deaf})
    except (OSError, ValueError) as error:
        write(book, {"error": str(error)})
        return 0
    let_go()
    write(book, {"code": wait(command, errand["seconds"])})
    return 0


def read(book: int) -> dict[str, object]:
    """What stands in the book; `json.JSONDecodeError` where that is not whole."""
    facts: dict[str, object] = json.loads(look(book))
    return facts


def look(book: int) -> bytes:
    """The book as it is written."""
    return os.pread(book, os.fstat(book).st_size, 0)


def write(book: int, facts: Mapping[str, object]) -> None:
    """Let nothing but these facts stand in the book."""
    text = json.dumps(facts).encode()
    os.pwrite(book, text, 0)
    os.ftruncate(book, len(text))


def start(words: Sequence[str], mask: Collection[int], ours: Collection[int]) -> int:
    """Start the command in a group of its own, with signals as if we had never been."""
    return os.posix_spawnp(words[0], [*words], os.environ, setpgroup=0, setsigmask=mask, setsigdef=ours)


def let_go() -> None:
    """Leave the pipes to the command."""
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for number in (0, 1, 2):
        os.dup2(nothing, number)


def wait(command: int, seconds: float) -> int:
    """Wait until the command is gone, at most so long; its exit code, below 0 the signal that ended it."""

    def end(*_: object) -> None:
        with suppress(OSError):  # it is another user's by now: it is waited for all the same
            os.killpg(command, signal.SIGKILL)

    signal.signal(TOLD, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {TOLD})
    os.waitid(os.P_PID, command, os.WEXITED | os.WNOWAIT)
    signal.pthread_sigmask(signal.SIG_BLOCK, {TOLD})  # from now on its number may be another's
    _, status = os.waitpid(command, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
