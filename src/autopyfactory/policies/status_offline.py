"""What a site gets while its status is offline."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from autopyfactory.model import Need, Observation, SiteStatus
from autopyfactory.options import Count
from autopyfactory.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StatusOffline(Rule):
    """Give a site whose status is `offline` so many pilots a cycle, in place of the count.

    Any other status leaves the count as it is; a status that nobody knows makes it 0.
    """

    needs = frozenset({Need.STATUS})
    pilots: Annotated[Count, Field(description="Pilots a cycle while the site's status is offline.")] = 0

    def __call__(self, count: int, seen: Observation, /) -> int:
        status = seen.demand.status
        if status is None:
            return 0
        return self.pilots if status is SiteStatus.OFFLINE else count
