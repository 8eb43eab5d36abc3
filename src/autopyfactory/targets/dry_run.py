"""Target `dry_run`: counts the pilots of another target and never starts or retires one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import CredentialType, Order, Place, Supply
from autopyfactory.options import TargetSection
from autopyfactory.ports import Target


class DryRunOptions(TargetSection):
    """A look at another target that changes nothing there."""

    target: str
    """The target section that is read."""


class DryRunTarget:
    """Reads through to the inner target; of what it is asked to do it does nothing, and says so.

    Its acts touch no pilot and name none: a report shows the decision with its trail, which is what
    would have been done, beside an empty outcome.  Nothing changes, so the next cycle decides anew
    from the same state, and what the guard had set aside for the pilots goes back.
    """

    options: ClassVar[type[DryRunOptions]] = DryRunOptions
    wraps: ClassVar[str] = "target"

    def __init__(self, options: DryRunOptions, place: Place, inner: Target[Any]) -> None:  # noqa: ARG002
        self._inner = inner
        self.pilot = inner.pilot
        self.gives = inner.gives
        self.takes: frozenset[CredentialType] = getattr(inner, "takes", frozenset())

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply | Unavailable]:
        """The inner target's pilots."""
        return self._inner.supply(queues)

    def tagged(self, tags: Collection[str]) -> Mapping[str, int]:
        """The inner target's tags."""
        return self._inner.tagged(tags)

    def submit(self, order: Order[Any]) -> Sequence[str]:  # noqa: ARG002  # it is not carried out
        """Start nothing."""
        return ()

    def retire(self, queue: str, count: int) -> Sequence[str]:  # noqa: ARG002  # it is not carried out
        """Retire nothing."""
        return ()

    def render(self, order: Order[Any]) -> str:
        """What the inner target would submit if it were asked."""
        show = getattr(self._inner, "render", None)
        if show is None:
            raise ConfigError("the target that is read cannot show what it would submit")
        return str(show(order))

    def check(self, options: Any) -> None:
        """What the inner target has against the options of a queue."""
        check = getattr(self._inner, "check", None)
        if check is not None:
            check(options)

    def probe(self) -> list[str]:
        """What the inner target finds."""
        look = getattr(self._inner, "probe", None)
        return list(look()) if look is not None else []

    def close(self) -> None:
        """Close the inner target, which is nobody else's."""
        close = getattr(self._inner, "close", None)
        if close is not None:
            close()
