"""A wait for what another thread or process does, with a deadline."""

import threading
import time
from collections.abc import Callable


def until(question: Callable[[], bool], seconds: float = 30.0, pace: float = 0.02) -> bool:
    """Ask every `pace` seconds until the answer is yes, or until `seconds` are over."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        pause.wait(pace)
    return True
