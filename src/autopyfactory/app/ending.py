"""The end of the process: at once, whatever hangs."""

import logging
import os
import sys
from contextlib import suppress


def leave(code: int) -> None:
    """End the process: neither a thread that hangs nor a cleaner at exit may delay it."""
    for handler in logging.getLogger("autopyfactory").handlers:
        handler.flush()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read it is gone, or it was closed
            stream.flush()
    os._exit(code)
