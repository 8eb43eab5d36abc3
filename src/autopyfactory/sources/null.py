"""Source `null`: no work at all, for chains that need no demand (`fixed`, `keep_n_running`)."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from autopyfactory.model import Demand, Need, Place
from autopyfactory.options import Options, SourceSection


class NullWork(Options):
    """Nothing to select by."""


class NullSource:
    """Knows no work: a chain that needs to know the demand is refused beside it."""

    options: ClassVar[type[SourceSection]] = SourceSection

    def __init__(self, options: SourceSection, place: Place) -> None:  # noqa: ARG002  # every plug-in is made so
        self.work = NullWork
        self.gives: frozenset[Need] = frozenset()

    def demand(self, works: Collection[NullWork]) -> Mapping[NullWork, Demand]:
        """No work for anybody, and that is certain."""
        return {work: Demand() for work in works}
