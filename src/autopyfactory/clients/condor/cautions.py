"""Cautions: what the bindings warn of while they do what they are asked."""

import warnings
from typing import Any


class Cautions:
    """Taken from the moment on that somebody heeds them, and forgotten when the next request begins."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def heed(self) -> None:
        """Let nothing be printed any more; a setting of the whole process."""
        warnings.simplefilter("always")
        warnings.showwarning = self._note

    def begin(self) -> None:
        """Forget what was said before."""
        self._said.clear()

    def said(self) -> list[str]:
        """A line for each."""
        return sorted(self._said)

    def _note(self, message: Warning | str, *_: Any, **__: Any) -> None:
        self._said.add(" ".join(str(message).split()))
