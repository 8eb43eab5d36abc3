"""The end of the process: at once, whatever hangs."""

import logging
import os
import sys
import threading
from contextlib import suppress
from typing import IO

PATIENCE = 0.5  # seconds for a reader of standard error who stands still


def leave(code: int) -> None:
    """End the process: neither a thread that hangs nor a cleaner at exit may delay it.

    Only for a reader of standard output, a pager for one, there is all the time.
    """
    flush_log()
    flush(sys.stdout)
    with suppress(RuntimeError):  # there is no thread
        thread = threading.Thread(target=flush, args=(sys.stderr,), daemon=True)
        thread.start()
        thread.join(PATIENCE)
    os._exit(code)


def flush_log() -> None:
    """Write what is left of the log."""
    for handler in logging.getLogger("autopyfactory").handlers:
        handler.flush()


def flush(stream: IO[str]) -> None:
    """Write what is left of a stream."""
    with suppress(OSError, ValueError, RuntimeError):  # its reader is gone, it is closed, or we interrupt it
        stream.flush()
