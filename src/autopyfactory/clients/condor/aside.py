"""A question beside the main one: asked when it is time, its failure said once and in nobody's way."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from autopyfactory.errors import Closed, FactoryError

SHARE = 20  # of its own duration it waits after an answer: it costs the schedd 5 % of its time at most
FIRST, LONGEST = 60.0, 3600.0  # seconds of waiting after a first failure, and after many
STALE = 600.0  # seconds for which the last answer stands in for those that fail
LEAST, MOST = 1.0, 20.0  # seconds that it must have, and may take

log = logging.getLogger(__name__)


class Aside:
    """Knows when to ask again, and whether the last answer is recent enough to go by."""

    def __init__(
        self,
        what: str,
        clock: Callable[[], float] = time.monotonic,
        *,
        share: float = SHARE,
        longest: float = LONGEST,
        most: float = MOST,
    ) -> None:
        self.what = what
        self._share, self._longest, self._most = share, longest, most
        self.error = ""
        self._clock = clock
        self._due = float("-inf")
        self._patience = FIRST
        self._answered = float("-inf")

    def ask(self, question: Callable[[float], Mapping[str, Any]], left: float) -> Mapping[str, Any] | None:
        """The answer to `question(seconds)`; None if it is not yet time, there is no time, or it fails."""
        began = self._clock()
        if began < self._due or left < LEAST:
            return None
        try:
            answer = question(min(left, self._most))
        except Closed:
            raise
        except FactoryError as error:
            self._fail(error)
            return None
        now = self._clock()
        self._due = now + self._share * (now - began)
        self._succeed(now)
        return answer

    @property
    def is_known(self) -> bool:
        """Whether there was an answer, and it still holds."""
        silence = self._clock() - self._answered
        return silence < STALE or (not self.error and silence < float("inf"))

    def _fail(self, error: FactoryError) -> None:
        self._due = self._clock() + self._patience
        self._patience = min(self._longest, 2 * self._patience)
        if not self.error:
            log.warning("%s cannot be read; it is tried again now and then: %s", self.what, error)
        self.error = str(error)

    def _succeed(self, now: float) -> None:
        if self.error:
            log.info("%s can be read again", self.what)
        self.error, self._patience, self._answered = "", FIRST, now
