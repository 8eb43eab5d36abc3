"""Doubts: what is legal in a configuration and yet hardly meant."""

from collections.abc import Iterable, Iterator, Sequence

from autopyfactory.app.assembly.problems import Findings
from autopyfactory.app.assembly.recipes import names
from autopyfactory.app.assembly.siblings import groups, is_greedy
from autopyfactory.app.assembly.workshop import Workshop
from autopyfactory.configuration import Entry
from autopyfactory.cycle import Queue
from autopyfactory.decide import decide
from autopyfactory.model import Demand, Observation, SiteStatus, Supply
from autopyfactory.ports import Policy

PLENTY = 1_000_000  # of ready work
MANY = 5  # queues that one sentence names


def doubt(findings: Findings, queues: Iterable[Queue]) -> None:
    """Note what is odd about queues that are right."""
    queues = list(queues)
    for queue in queues:
        for key, text in oddities(queue):
            findings.add(("queue", queue.name), (key,) if key else (), text)
    for group in groups(queues):
        greedy = [queue.name for queue in group if is_greedy(queue)]
        if len(greedy) > 1:
            findings.add(("queue", greedy[0]), (), write_greed(greedy, group[0].source.name))


def write_greed(greedy: Sequence[str], source: str) -> str:
    """The sentence for siblings of which each takes all the work."""
    more = f" and {len(greedy) - MANY} more" if len(greedy) > MANY else ""
    who = f"{', '.join(greedy[:MANY])}{more}"
    what = f"serve the same work of source '{source}', and each sends pilots for all of it"
    return f"{who} {what}; add share, scale or an offset for ready"


def oddities(queue: Queue) -> Iterator[tuple[str, str]]:
    """Key and sentence of everything odd about one queue."""
    if queue.interval < 1:
        yield "interval", f"{queue.interval:g} s is very short: every cycle looks at source and target"
    if queue.when_unknown and not any(policy.cap for policy in queue.policies):
        text = f"submits {queue.when_unknown} pilots every cycle while the demand is unknown"
        yield "when_unknown", f"{text}, and no cap stops it; add max_pending or another cap"
    if not queue.policies:
        yield "policies", "has none, so this queue never submits a pilot"
    else:
        reason = find_stop(queue.policies, queue.pilot.cores)
        if reason:
            yield "policies", reason


def find_stop(policies: Sequence[Policy], cores: int) -> str:
    """Why the chain never submits a pilot, tried with plenty of work and none there; empty if it does."""
    best = [0] * len(policies)
    try:
        for status in (None, *SiteStatus):
            steps = decide(policies, imagine(status, cores)).steps
            best = [max(most, step.result) for most, step in zip(best, steps, strict=True)]
    except Exception as error:  # a stranger's policy
        return f"a policy fails with plenty of work and no pilots: {error!r}"
    if best[-1] > 0:
        return ""
    asked = [index for index, most in enumerate(best) if most > 0]
    if not asked:
        return "never submits a pilot: no policy of the chain asks for any"
    return f"never submits a pilot: {policies[asked[-1] + 1]!r} leaves none"


def imagine(status: SiteStatus | None, cores: int) -> Observation:
    """Plenty of work at a site of this status, and no pilot anywhere."""
    demand = Demand(ready=PLENTY, ready_cores=PLENTY * cores, status=status, as_of=1.0)
    supply = Supply(idle=0, lifetime=0, clock=1.0, as_of=1.0)
    return Observation(demand=demand, supply=supply, cores=cores, now=1.0)


def doubt_unused(findings: Findings, workshop: Workshop, used: set[Entry]) -> None:
    """Note the sections that no queue needs."""
    configuration = findings.configuration
    needed = used | workshop.recipes.named
    for word in ("source", "target", "credential", "template"):
        for name in names(configuration, word):
            if (word, name) not in needed:
                findings.add((word, name), (), "is used by no queue")
