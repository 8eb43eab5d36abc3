"""Needs: what policies must be able to see, against what their queue's source and target can tell."""

from collections.abc import Iterable, Mapping, Sequence

from autopyfactory.app.assembly.problems import write_section
from autopyfactory.app.assembly.validation import Complaint
from autopyfactory.app.assembly.workshop import NO_SOURCE, Workshop
from autopyfactory.model import Need
from autopyfactory.ports import Policy

WORDS = {
    Need.DEMAND: "the waiting work",
    Need.STATUS: "the site's status",
    Need.IDLE: "the running pilots without payload",
    Need.ENDED: "the recently ended pilots",
    Need.LIFETIME: "the number of all pilots there ever were",
}
FROM_SOURCES = frozenset({Need.DEMAND, Need.STATUS})


def compare(policies: Sequence[Policy], workshop: Workshop, sections: Mapping[str, str]) -> list[Complaint]:
    """A complaint for every need that nobody meets; `sections`: the queue's own, as far as right."""
    complaints = []
    for index, policy in enumerate(policies):
        for need in sorted(policy.needs):
            word = "source" if need in FROM_SOURCES else "target"
            own = sections.get(word)
            givers = [name for name, gives in gifts(workshop, word) if need in gives]
            if own is not None and own not in givers:
                text = f"{policy!r} needs {WORDS[need]}, {lack(word, own)}; {offer(word, givers)}"
                complaints.append(Complaint(("policies", index), text))
    return complaints


def gifts(workshop: Workshop, word: str) -> Iterable[tuple[str, frozenset[Need]]]:
    """What every source, or every target, of the configuration can tell."""
    sections = workshop.sources if word == "source" else workshop.targets
    return [(name, section.plugin.gives) for name, section in sections.items()]


def lack(word: str, own: str) -> str:
    """Why the queue does not get it."""
    return "but its queue names no source" if own == NO_SOURCE else f"which {word} '{own}' cannot tell"


def offer(word: str, givers: Sequence[str]) -> str:
    """Who could give it."""
    sections = " and ".join(f"[{write_section((word, name))}]" for name in givers)
    return f"{sections} can" if sections else f"no {word} of this configuration can"
