"""A bystander: a target that is only looked at.  Whoever asks it to act has made a mistake and hears so."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn

from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import Order, Supply
from autopyfactory.plan import Plan
from autopyfactory.ports import Target


class Bystander:
    """Reads through to a target; its acts are refused before they begin."""

    def __init__(self, inner: Target[Any]) -> None:
        self._inner = inner
        self.options = inner.options
        self.pilot = inner.pilot
        self.gives = inner.gives

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply | Unavailable]:
        """The target's pilots."""
        return self._inner.supply(queues)

    def tagged(self, tags: Collection[str]) -> Mapping[str, int]:
        """The target's tags."""
        return self._inner.tagged(tags)

    def submit(self, order: Order[Any]) -> Sequence[str]:
        """Refuse."""
        refuse(f"submit {order.count} pilots of {order.queue}")

    def retire(self, queue: str, count: int) -> Sequence[str]:
        """Refuse."""
        refuse(f"retire {count} pilots of {queue}")

    def close(self) -> None:
        """Let the target go."""
        getattr(self._inner, "close", lambda: None)()


def refuse(what: str) -> NoReturn:
    """Whatever it is."""
    raise Rejected(f"this command only looks, and was about to {what}")


def look_only(*plans: Plan) -> None:
    """Let nobody act on a target of these plans."""
    for section in {id(one): one for plan in plans for one in plan.targets.values()}.values():
        section.plugin = Bystander(section.plugin)
