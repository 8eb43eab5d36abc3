"""Fair parts of a limited rate: deficit round robin among the queues that ask while tokens are short.

Each of them holds a claim, and while claims stand, what the bucket gains is owed to their queues by weight.
A bucket fills within a minute, so only queues that will ask within the next one can be harmed by who takes
now.  He leaves what they will be owed then, less what the bucket gains until then; or, where that is too
much, takes what he is owed himself in proportion.  Whole pilots that nobody is owed in full go to who was
served longest ago.  A claim that is not renewed is void, and none stands when there is enough for all.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from math import inf
from operator import itemgetter
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
    turn: int  # counts up with every one that is served


class Claims:
    """All claims on one bucket that holds `most` tokens.

    Whoever asks looks at no more of them than he must: at none while there is no whole token, else at
    those of the next minute.
    """

    def __init__(self, most: float) -> None:
        self.most = most
        self._claims: dict[str, Claim] = {}
        self._order: list[tuple[float, str]] = []  # when each will ask again, sorted
        self._turn = 0
        self._expires = inf  # no claim is void before
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
            return max(0, int(tokens + ROUNDING)), 0
        if now > self._expires:
            self._expire(now)
        own = self._claims.get(queue)
        waiting = len(self._claims) - (own is not None)
        whole = int(tokens + ROUNDING)
        if not waiting or whole <= 0:
            return max(0, whole), waiting
        owed = self._owed(own) if own else 0.0
        leave, lack, older = self._leave(queue, tokens, owed, now)
        part = tokens - leave
        if leave > 0 and owed > 0:
            due = proportion(tokens, owed, lack)
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
        turn = old.turn if old and not taken else self._next_turn()
        if taken == ask.pilots and others <= left:
            self._drop(ask.queue)
            return
        claim = Claim(
            want=ask.pilots - taken or ask.pilots,
            weight=max(ask.weight, LEAST),
            owed=owed,
            level=self._level,
            next=now + ask.interval,
            until=now + PATIENCE * ask.interval,
            turn=turn,
        )
        self._remove(ask.queue)
        self._add(ask.queue, claim)

    def _leave(self, queue: str, tokens: float, owed: float, now: float) -> tuple[float, float, float]:
        """Tokens to leave for others, what these will lack if nothing is left, and what goes to older ones.

        Older are those who were served longer ago: each gets one at least, and what they all will lack.
        All three only grow, so that it looks no further when nothing can be left for the queue itself.
        """
        own = self._claims.get(queue)
        turn = own.turn if own else 0
        rate = self.most / MINUTE
        pace = rate / self._weight
        leave = lack = needs = theirs = older = 0.0
        before = 0
        for wait, claim in self._soon(queue, now):
            need = max(0.0, min(claim.want, self._owed(claim) + pace * claim.weight * wait))
            needs += need
            if claim.turn < turn:
                before += 1
                theirs += need
            lacking = needs - rate * wait
            if lacking > lack:
                lack, older = lacking, max(older, before, theirs - rate * wait)
                leave = max(leave, min(lacking, self.most - rate * wait))
            if leave >= tokens and (owed <= 0 or (tokens - older < 1 and proportion(tokens, owed, lack) < 1)):
                break
        return leave, lack, older

    def _soon(self, queue: str, now: float) -> Iterator[tuple[float, Claim]]:
        """Who else will ask within a minute, and in how many seconds."""
        late = bisect_right(self._order, now, key=itemgetter(0))
        end = bisect_left(self._order, now + MINUTE, key=itemgetter(0))
        for moment, name in chain(sorted(self._order[:late], key=itemgetter(1)), self._order[late:end]):
            if name != queue:
                yield max(0.0, moment - now), self._claims[name]

    def _owed(self, claim: Claim) -> float:
        """What a queue is owed by now, never more than a full bucket."""
        return min(self.most, claim.owed + claim.weight * (self._level - claim.level))

    def _expire(self, now: float) -> None:
        for queue in [queue for queue, claim in self._claims.items() if claim.until < now]:
            self._drop(queue)
        self._expires = min((claim.until for claim in self._claims.values()), default=inf)

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn

    def _add(self, queue: str, claim: Claim) -> None:
        self._claims[queue] = claim
        insort(self._order, (claim.next, queue))
        self._weight += claim.weight
        self._want += claim.want
        self._expires = min(self._expires, claim.until)

    def _remove(self, queue: str) -> None:
        claim = self._claims.pop(queue, None)
        if claim is not None:
            del self._order[bisect_left(self._order, (claim.next, queue))]
            self._weight -= claim.weight
            self._want -= claim.want

    def _drop(self, queue: str) -> None:
        self._remove(queue)
        if not self._claims:
            self._weight = self._level = 0.0


def proportion(tokens: float, owed: float, lack: float) -> float:
    """What a queue may take of too few tokens: what it is owed, in proportion to what others lack."""
    return min(owed, tokens * owed / (owed + lack))
