"""What a PanDA server knows of its sites: their names, their status, and the cores of a job."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Specs:
    """The answer of `metaconfig/get_site_specs?type=all`.

    A site that takes several resource types has an entry of its own for each, 'SITE/MCORE'.
    """

    status: Mapping[str, str] = field(default_factory=dict)  # by site, in PanDA's words
    cores: Mapping[str, int] = field(default_factory=dict)  # by site, and by 'SITE/RESOURCE_TYPE'

    def cores_of(self, site: str, resource_type: str) -> int:
        """Cores of one job of that type there; 1 where nobody says."""
        return self.cores.get(f"{site}/{resource_type}", self.cores.get(site, 1))


def read_specs(data: Any) -> Specs:
    """From the answer's data; entries that are none are left out.  `ValueError` when none is left."""
    entries = {
        str(name): entry
        for name, entry in (data.items() if isinstance(data, dict) else ())
        if isinstance(entry, dict)
    }
    if not entries:
        raise ValueError("there is no site among the site specs")
    counts = {name: entry.get("coreCount") for name, entry in entries.items()}
    return Specs(
        status={name: str(entry.get("status")).lower() for name, entry in entries.items() if "/" not in name},
        cores={name: count for name, count in counts.items() if type(count) is int and count > 0},
    )
