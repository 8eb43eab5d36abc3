"""An outbox: what a server has yet to be told, oldest first; what grows too old is given up and counted."""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")


class Outbox(Generic[T]):
    """Items with their age.  `lost` counts those that were given up.  For use by one thread."""

    def __init__(self, keep: float, room: int) -> None:
        """Items wait `keep` seconds at most, and no more than `room` of them."""
        self.lost = 0
        self._keep = keep
        self._room = room
        self._items: deque[tuple[float, T]] = deque()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, items: Iterable[T], now: float) -> None:
        """These are to be sent; where there is no room, the oldest go."""
        self._items.extend((now, item) for item in items)
        self.give_up(len(self._items) - self._room)

    def first(self, count: int) -> list[T]:
        """The oldest ones; they stay until they are said to be sent or given up."""
        return [item for _, item in islice(self._items, count)]

    def sent(self, count: int) -> None:
        """The oldest so many have arrived."""
        for _ in range(count):
            self._items.popleft()

    def give_up(self, count: int) -> None:
        """The oldest so many will never be sent; none where `count` is not positive."""
        self.lost += max(0, count)
        self.sent(count)

    def expire(self, now: float) -> None:
        """Give up what is too old at `now`."""
        self.give_up(sum(moment < now - self._keep for moment, _ in self._items))
