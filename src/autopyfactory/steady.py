"""Belief in readings: a number that suddenly falls is believed only when a second reading agrees."""

from dataclasses import dataclass


@dataclass(slots=True)
class Belief:
    """What is believed of one number."""

    as_of: float
    level: int
    suspect: int | None = None  # a fallen level that waits for a second reading
    confirmed: bool = False  # two readings in a row agreed, once


class Steady:
    """Judges each number by its readings; a reading is known by its `as_of`.

    `share` (0 to 1) is how far a number may fall from one reading to the next, `least` the smallest
    fall, in pilots or jobs, that counts at all.
    """

    def __init__(self, share: float, least: int) -> None:
        self.share = share
        self.least = least
        self._beliefs: dict[object, Belief] = {}

    def look(self, key: object, level: int, as_of: float) -> Belief:
        """What is believed of `key` after this reading."""
        belief = self._beliefs.get(key)
        if belief is None:
            belief = self._beliefs[key] = Belief(as_of, level)
        elif as_of > belief.as_of:
            self._weigh(belief, level)
            belief.as_of = as_of
        return belief

    def forget(self, key: object) -> None:
        """What `key` stood for is gone."""
        self._beliefs.pop(key, None)

    def fell(self, before: int, level: int) -> bool:
        """Whether this fall is too large to be believed at once."""
        return level < before * (1 - self.share) and before - level >= self.least

    def _weigh(self, belief: Belief, level: int) -> None:
        if level == belief.level and belief.suspect is None:  # nearly always
            belief.confirmed = True
            return
        before = belief.level if belief.suspect is None else belief.suspect
        if belief.suspect is None and self.fell(belief.level, level):
            belief.suspect = level
            return
        if not self.fell(max(before, level), min(before, level)):
            belief.confirmed = True
        belief.level = level
        belief.suspect = None
