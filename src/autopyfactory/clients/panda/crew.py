"""A crew: workers of one post, as PanDA counts them, and the crews of a site together."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ANY = "ANY"  # PanDA's word for workers that take every resource type


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where workers work, and what they take."""

    site: str
    resource_type: str
    cores: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Workers of one post as they were last counted, at `moment` (monotonic seconds)."""

    post: Post
    pending: int
    running: int
    moment: float


def count(crews: Iterable[Crew], site: str) -> Mapping[str, Mapping[str, int]]:
    """The workers of all crews at a site, by resource type and status."""
    counts: dict[str, Counter[str]] = {}
    for crew in crews:
        if crew.post.site == site:
            found = counts.setdefault(crew.post.resource_type, Counter(submitted=0, running=0))
            found.update(submitted=crew.pending, running=crew.running)
    return counts


def read_post(definition: str) -> Post | None:
    """From JSON with `work.site`, `work.resource_types` and `pilot.cores`; None where no site is named."""
    whole = json.loads(definition) if definition else {}
    work, pilot = whole.get("work", {}), whole.get("pilot", {})
    if not work.get("site"):
        return None
    types = work.get("resource_types", ())
    return Post(
        site=work["site"],
        resource_type=types[0] if len(types) == 1 else ANY,
        cores=pilot.get("cores", 1),
    )
