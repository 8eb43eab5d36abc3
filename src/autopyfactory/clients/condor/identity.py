"""An identity: to which schedd a child speaks, and as whom."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the child speaks to, and as whom."""

    collector: str = ""  # empty: as CONDOR_CONFIG says
    schedd: str = ""  # empty: the only one that there is
    config: str = ""  # empty: as our own environment says
    settings: tuple[tuple[str, str], ...] = ()  # HTCondor's own, beyond the file: security, for one

    def __str__(self) -> str:
        schedd = f"schedd {self.schedd}" if self.schedd else "the schedd"
        if self.collector:
            return f"{schedd} at collector {self.collector}"
        return f"{schedd} of {self.config}" if self.config else schedd
