"""Fair parts of a limited rate: deficit round robin among the queues that ask while tokens are short.

Each of them holds a claim, and while claims stand, what the bucket gains is owed to their queues by weight.
A bucket fills within a minute, so only queues that will ask within the next one can be harmed by who takes
now.  He leaves what they will be owed then, less what the bucket gains until then; or, where that is too
much, takes what he is owed himself in proportion.  Whole pilots that nobody is owed in full go to who was
served longest ago.  A claim that is not renewed is void, and none stands when there is enough for all.
"""

import itertools
from collections.abc import Container
from dataclasses import dataclass
from typing import NamedTuple

LEAST = 1e-6  # the least weight, so that every claim grows
ROUNDING = 1e-9
MINUTE = 60.0  # seconds in which a bucket fills
PATIENCE = 2.5  # intervals after which a queue that did not ask again claims nothing any more


class Ask(NamedTuple):
    """A queue asks for tokens for so many `pilots`, and will ask again after `interval` seconds."""

    queue: str
    pilots: int
    weight: float
    interval: float


@dataclass(frozen=True, slots=True)
class Claim:
    """What a queue wants, in pilots, and what it was owed, in tokens, when the claims' level was `level`."""

    want: int
    weight: float
    owed: float  # below 0: it got a whole token before it was owed one
    level: float
    next: float  # monotonic seconds when it will ask again
    until: float  # and when it is void


class Claims:
    """All claims on one bucket that holds `most` tokens; the one served longest ago comes first."""

    def __init__(self, most: float) -> None:
        self.most = most
        self._claims: dict[str, Claim] = {}
        self._weight = 0.0  # of all claims
        self._want = 0  # of all claims
        self._level = 0.0  # tokens gained so far for each unit of weight

    def __len__(self) -> int:
        """How many queues have one."""
        return len(self._claims)

    def gain(self, tokens: float) -> None:
        """The bucket gained these, or would have, had it had room; they are owed to those who claim some."""
        if self._claims:
            self._level += tokens / self._weight

    def part(self, queue: str, tokens: float, now: float) -> tuple[int, int]:
        """Whole tokens of these that a queue may take, and how many others claim some."""
        if not self._claims:
            return int(tokens + ROUNDING), 0
        self._expire(now)
        own = self._claims.get(queue)
        waiting = len(self._claims) - (own is not None)
        if not waiting:
            return int(tokens + ROUNDING), 0
        leave, lack, rivals = self._leave(queue, now)
        part = tokens - leave
        owed = self._owed(own) if own else 0.0
        if leave > 0 and owed > 0:
            due = min(owed, tokens * owed / (owed + lack))
            older = self._older(queue, rivals) if due < 1 else 0
            part = max(part, due, 1.0 if due < 1 and tokens - older >= 1 else 0.0)
        return max(0, int(min(part, tokens) + ROUNDING)), waiting

    def serve(self, ask: Ask, taken: int, left: float, now: float) -> None:
        """The queue took so many tokens and so many are left.

        It has a claim if it wants more, or if the others want more than is left.
        """
        if ask.pilots <= 0:
            self._drop(ask.queue)
            return
        old = self._claims.get(ask.queue)
        others = self._want - (old.want if old else 0)
        owed = max(-1.0, self._owed(old) - taken) if old else 0.0
        if taken:
            self._drop(ask.queue)
        if taken == ask.pilots and others <= left:
            self._drop(ask.queue)
            return
        old = self._claims.get(ask.queue)
        claim = Claim(
            want=ask.pilots - taken or ask.pilots,
            weight=max(ask.weight, LEAST),
            owed=owed,
            level=self._level,
            next=now + ask.interval,
            until=now + PATIENCE * ask.interval,
        )
        self._weight += claim.weight - (old.weight if old else 0.0)
        self._want += claim.want - (old.want if old else 0)
        self._claims[ask.queue] = claim

    def _leave(self, queue: str, now: float) -> tuple[float, float, set[str]]:
        """Tokens to leave for others, what these will lack if nothing is left, and who they are."""
        rate = self.most / MINUTE
        soon = self._soon(queue, now)
        leave = lack = needs = 0.0
        rivals = 0
        for number, (wait, _, need) in enumerate(soon, start=1):
            needs += need
            gained = rate * wait
            leave = max(leave, min(self.most, needs) - gained)
            if needs - gained > lack:
                lack, rivals = needs - gained, number
        return leave, lack, {name for _, name, _ in soon[:rivals]}

    def _soon(self, queue: str, now: float) -> list[tuple[float, str, float]]:
        """Who else will ask within a minute: in how many seconds, and what he will need then."""
        rate = self.most / MINUTE / self._weight
        soon = []
        for name, claim in self._claims.items():
            wait = max(0.0, claim.next - now)
            if wait < MINUTE and name != queue:
                need = min(claim.want, self._owed(claim) + rate * claim.weight * wait)
                soon.append((wait, name, max(0.0, need)))
        return sorted(soon)

    def _older(self, queue: str, rivals: Container[str]) -> int:
        """How many of these were served longer ago than this one."""
        before = itertools.takewhile(lambda name: name != queue, self._claims)
        return sum(name in rivals for name in before)

    def _owed(self, claim: Claim) -> float:
        """What a queue is owed by now, never more than a full bucket."""
        return min(self.most, claim.owed + claim.weight * (self._level - claim.level))

    def _expire(self, now: float) -> None:
        for queue in [queue for queue, claim in self._claims.items() if claim.until < now]:
            self._drop(queue)

    def _drop(self, queue: str) -> None:
        claim = self._claims.pop(queue, None)
        if claim is not None:
            self._weight -= claim.weight
            self._want -= claim.want
        if not self._claims:
            self._weight = self._level = 0.0
