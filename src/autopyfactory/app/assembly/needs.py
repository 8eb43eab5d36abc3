"""Needs: what policies must be able to see, against what their queue's source and target can tell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

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


def compare(
    policies: Sequence[Policy], workshop: Workshop, sections: Mapping[str, str], key: str = "policies"
) -> list[Complaint]:
    """A complaint for every need that nobody meets, of the chain at `key`; `sections`: as far as right."""
    complaints = []
    for index, policy in enumerate(policies):
        for need in sorted(policy.needs):
            word = "source" if need in FROM_SOURCES else "target"
            own = sections.get(word)
            givers = [name for name, gives in gifts(workshop, word) if need in gives]
            if own is not None and own not in givers:
                others = [*givers, *faulty(workshop, word, need)]
                text = f"{policy!r} needs {WORDS[need]}, {lack(word, own)}; {offer(workshop, word, others)}"
                complaints.append(Complaint((key, index), text))
    return complaints


def gifts(workshop: Workshop, word: str) -> Iterable[tuple[str, frozenset[Need]]]:
    """What every source, or every target, of the configuration can tell."""
    sections = workshop.sources if word == "source" else workshop.targets
    return [(name, section.plugin.gives) for name, section in sections.items()]


def faulty(workshop: Workshop, word: str, need: Need) -> Iterator[str]:
    """The sections that could tell, were nothing else wrong with them; a class may know that by itself."""
    for (kind, name), (_, plugin) in workshop.recipes.loaded.items():
        gives = getattr(plugin, "gives", None)
        if kind == word and (kind, name) in workshop.recipes.faults and isinstance(gives, frozenset):
            yield from (name,) if need in gives else ()


def lack(word: str, own: str) -> str:
    """Why the queue does not get it."""
    return "but its queue names no source" if own == NO_SOURCE else f"which {word} '{own}' cannot tell"


def offer(workshop: Workshop, word: str, givers: Sequence[str]) -> str:
    """Who could give it; of a section that is wrong nobody may know."""
    sections = " and ".join(f"[{write_section((word, name))}]" for name in givers)
    if sections:
        return f"{sections} can"
    right = " that is right" if any(entry[0] == word for entry in workshop.recipes.faults) else ""
    return f"no {word} of this configuration{right} can"
