"""The words of the factory: what is seen, what is decided, what was done.

Everything here is a frozen fact.  Times called `as_of`, `began`, `now` are seconds of the monotonic
clock; counts are whole pilots or jobs unless a name says cores.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from autopyfactory.errors import FactoryError
from autopyfactory.facts import quick
from autopyfactory.view import GuardView

P = TypeVar("P")


class Unit(StrEnum):
    """What ready work is counted in."""

    JOBS = "jobs"
    CORES = "cores"


class SiteStatus(StrEnum):
    """What a work source says of a site; `None` stands for a status that nobody knows."""

    ONLINE = "online"
    TEST = "test"
    OFFLINE = "offline"
    BROKEROFF = "brokeroff"


class Need(StrEnum):
    """A part of an observation that not every source or target can give."""

    DEMAND = "demand"  # a source that knows waiting work at all
    STATUS = "status"  # the site's status
    IDLE = "idle"  # running pilots without payload
    ENDED = "ended"  # records of recently ended pilots
    LIFETIME = "lifetime"  # how many pilots there ever were


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The work that a source holds for a queue."""

    ready: int = 0
    running: int = 0
    held: int = 0
    ready_cores: int = 0
    running_cores: int = 0
    held_cores: int = 0
    status: SiteStatus | None = None
    as_of: float = 0.0  # 0: not stamped; the core stamps when the query began, less the source's lag


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One pilot that ended: when on the target's own clock, after how many seconds (0: it never began)."""

    end: float
    run_time: float
    reason: str = ""
    pilot: str = field(default="", compare=False)  # its identifier, where the target tells


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """The pilots of this factory at a target for a queue.

    A target reports `pending` and `running` without the held ones and leaves `uncertain` at 0; the
    core adds `uncertain` to `pending`, and `held` to where the target's `held_as` says.
    """

    pending: int = 0  # wait to run
    running: int = 0
    held: int = 0
    retiring: int = 0  # on their way out, in neither `pending` nor `running`
    uncertain: int = 0  # may exist: their submission ended without an answer
    idle: int | None = None  # of the running ones, those without payload; None: not known
    starts: tuple[float, ...] = ()  # monotonic times when running, not idle, pilots began; recent ones
    ended: tuple[Ended, ...] | None = ()  # recently ended ones, newest last, bounded; None: not known
    lifetime: int | None = None  # all pilots there ever were, ended ones too; None: not known
    troubles: tuple[str, ...] = ()  # sentences for people: why pilots are held, which resource is down; few
    clock: float = 0.0  # the target's own clock at this reading, seconds since the epoch
    as_of: float = 0.0  # as in Demand

    @property
    def pilots(self) -> int:
        """All pilots that wait or run."""
        return self.pending + self.running

    def started_since(self, moment: float) -> int:
        """How many pilots began to run after `moment` (monotonic seconds), ended ones too."""
        age = self.as_of - moment
        count = len([start for start in self.starts if start > moment])
        for record in reversed(self.ended or ()):
            if self.clock - record.end >= age:
                break
            count += record.run_time > 0 and self.clock - (record.end - record.run_time) < age
        return count


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """Another queue that serves the same work, as far as its target was last heard."""

    queue: str
    weight: float = 1.0
    pending: int = 0
    running: int = 0
    taking: int = 0  # running ones that began after this demand was counted, or have no payload yet


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """All that a policy may see."""

    demand: Demand = Demand()
    supply: Supply = Supply()
    siblings: tuple[Sibling, ...] = ()
    started: int = 0  # pilots that began to run after `demand.as_of`
    fleet: int = 0  # this factory's pilots at this target, all queues
    factory: int = 0  # this factory's pilots at all targets
    cores: int = 1  # what one pilot offers
    weight: float = 1.0  # this queue's share among its siblings
    now: float = 0.0

    def ready(self, unit: Unit = Unit.JOBS) -> int:
        """Ready work in pilots, less what pilots that already run are about to take.

        Cores are divided by the pilot's cores, rounded up.  Running pilots without payload, and those
        that began after the demand was counted, will take work that the source still calls ready; so
        will those of queues that serve the same work.
        """
        work = self.demand.ready
        if unit is Unit.CORES:
            work = -(-self.demand.ready_cores // self.cores)
        for sibling in self.siblings:
            work -= sibling.taking
        return max(0, work - self.started - (self.supply.idle or 0))


class Step(NamedTuple):
    """One step of a trail: who changed the count (a policy, or a sentence), and to what."""

    rule: object
    result: int


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One signed number, positive to submit and negative to retire, and how it came about."""

    count: int
    steps: tuple[Step, ...] = ()

    def then(self, rule: object, count: int) -> "Decision":
        """This decision with one more step."""
        return Decision(count=count, steps=(*self.steps, Step(rule, count)))


class CredentialType(StrEnum):
    """What a credential is.  Those of one type stand in for one another, those of two go together."""

    X509 = "x509"  # a proxy, or a certificate, with its chain and its private key in one file
    TOKEN = "token"  # noqa: S105  # a bearer token
    IDTOKEN = "idtoken"  # one of HTCondor's own, which pilots do not carry


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A credential as it is now: its file, for whom it speaks, and when (seconds since the epoch)."""

    path: Path
    subject: str = ""
    begin: float = 0.0
    end: float = math.inf
    last: float = math.inf  # when what it is renewed from ends; infinite: it does not, or nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Generic[P]):
    """What a target is asked to start: `count` pilots for `queue`, all carrying `tag`."""

    queue: str
    pilot: P
    count: int
    tag: str
    credentials: Mapping[CredentialType, Path] = field(default_factory=dict)  # files, valid now


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an act came to: identifiers of the pilots touched, in the target's own words."""

    submitted: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    uncertain: int = 0  # pilots that may have been started: there was no answer


NOTHING = Outcome()


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One finished cycle, as far as it came."""

    queue: str
    source: str = ""
    target: str = ""
    number: int = 0  # of this queue's cycles since the daemon started
    wall: float = 0.0  # when it began, seconds since the epoch
    began: float = 0.0
    seconds: float = 0.0
    seen: Observation | None = None
    decision: Decision | None = None
    shadow: Decision | None = None  # of the queue's second chain, which nobody acts on
    guard: GuardView | None = None  # what the guard saw, if it was asked
    outcome: Outcome | None = None
    error: FactoryError | Exception | None = None
    acted: float = float("-inf")  # when this queue's last act ended
    definition: str = ""  # as what the queue was configured, JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a plug-in stands: what the core tells it when it is made."""

    section: str  # the name of its section in the configuration
    factory: str  # the factory's id
    logs: str  # folder of pilot logs
    state: str  # the factory's state folder
    url: str = ""  # where the folder of pilot logs is published


Clock = Callable[[], float]
