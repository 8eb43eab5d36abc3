"""What a test tells a fake to do, and what the fake notes of it."""

import threading
from typing import Any

LONGEST_HANG = 60.0  # seconds


class Script:
    """The calls that were made, and what the next ones come to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.fail: BaseException | None = None
        self.hang: threading.Event | None = None
        self.fails: dict[str, BaseException] = {}
        self.hangs: dict[str, threading.Event] = {}
        self.entered = threading.Event()
        """Set by every call once it is noted, before it hangs; a test clears it."""
        self.closed = 0

    def enter(self, verb: str, asked: Any) -> None:
        """Note a call, then hang and fail as told."""
        self.calls.append((verb, asked))
        self.entered.set()
        for hang in (self.hang, self.hangs.get(verb)):
            if hang is not None and not hang.wait(LONGEST_HANG):
                raise AssertionError(f"nobody ended the hanging {verb} in {LONGEST_HANG} s")
        for error in (self.fail, self.fails.get(verb)):
            if error is not None:
                raise error

    def asked(self, verb: str) -> list[Any]:
        """What was asked by one verb, in order."""
        return [asked for called, asked in self.calls if called == verb]

    def close(self) -> None:
        """Note that the section was taken away."""
        self.closed += 1
