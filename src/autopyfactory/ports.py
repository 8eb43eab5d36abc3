"""The seven ports of the factory: what a plug-in must answer, and what the core does with the answer.

A plug-in is a class named by an entry point.  The core makes one instance per section of the
configuration, `plugin(options, place)`, and making it touches nothing: no file, no process, no
network, for `apf check` makes them all.  A target around another target names the option that holds
the other section in `wraps: ClassVar[str]` and is made by `plugin(options, place, inner)`.  A source,
target or monitor that has to prove who it is names the option that holds one credential section, or a
list of them in order of preference, in `proves: ClassVar[str]`, and is made with one keyword more,
`credentials: Sequence[Prover]`, in that order, empty where the option is.  Calls of
one instance never overlap; each has a deadline (`options.timeout`), and its hanging delays nobody but
the queues of that section.  A plug-in needs neither a cache nor a thread of its own.  One that holds
processes or connections may have `close()`, called once when its section is taken away, even while a
call of it hangs; one that can look for trouble without acting may have `probe() -> list[str]`, which
`apf check --live` calls and whose sentences it prints; one whose options for a queue (`work`, `pilot`)
can be wrong in ways that their model cannot know may have `check(options) -> None`, called for every
queue while a plan is made: it raises `ConfigError`, looks at this machine only, and acts on nothing;
a target that can show what it would submit may have `render(order) -> str`, for `apf render`: the very
text that `submit(order)` would send, made by the same code, and nothing is touched.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from autopyfactory.configuration import Extract
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Demand, Need, Observation, Order, Proof, Report, Supply
from autopyfactory.options import (
    CatalogSection,
    CredentialSection,
    Options,
    PilotOptions,
    SourceSection,
    TargetSection,
)

W = TypeVar("W", bound=Options)
P = TypeVar("P", bound=PilotOptions)


@runtime_checkable
class WorkSource(Protocol[W]):
    """Who knows the waiting work."""

    @property
    def options(self) -> type[SourceSection]:
        """The options of its section: an attribute of the class, read before an instance is made."""
        ...

    @property
    def work(self) -> type[W]:
        """The options by which a queue selects its work: what `work = {...}` holds."""
        ...

    @property
    def gives(self) -> frozenset[Need]:
        """The parts of an observation that its answers hold."""
        ...

    def demand(self, works: Collection[W]) -> Mapping[W, Demand | Unavailable]:
        """Count the work of all `works` in one query.

        What is missing from the answer is unknown, not idle; a value may be an `Unavailable` that
        says why.  Raises `Unavailable` when there is no answer at all.
        """
        ...


@runtime_checkable
class Target(Protocol[P]):
    """Where pilots run.  Every pilot carries factory id, queue and tag in the target's own record.

    One that can give its pilots credentials has `takes: frozenset[CredentialType]`, and finds their files in
    `order.credentials`; a queue that names one of another type is refused while a plan is made.

    One that does better when it knows the next order before it has answered the last may have
    `submit_each(orders: Iterator[Order]) -> Iterator[Sequence[str] | Exception]`, which is called instead
    of `submit` for orders in a row: one answer for every order that it took, by their order, errors as
    answers.  An order has begun when it is taken, so it takes none that it cannot begin soon.
    """

    @property
    def options(self) -> type[TargetSection]:
        """The options of its section: an attribute of the class, read before an instance is made."""
        ...

    @property
    def pilot(self) -> type[P]:
        """The options of a queue at this target: what `pilot = {...}` holds."""
        ...

    @property
    def gives(self) -> frozenset[Need]:
        """The parts of an observation that its answers hold."""
        ...

    def supply(self, queues: Collection[str]) -> Mapping[str, Supply | Unavailable]:
        """Count this factory's pilots of all `queues` in one query.

        A complete answer names every queue, those without pilots with zeros; what is missing is
        unknown.  Raises `Unavailable` when there is no answer at all.
        """
        ...

    def tagged(self, tags: Collection[str]) -> Mapping[str, int]:
        """How many pilots carry each of `tags`, whatever became of them; absent means none seen.

        Asked only after a submission ended without an answer, before the next `supply`.
        """
        ...

    def submit(self, order: Order[P]) -> Sequence[str]:
        """Start the pilots of `order`, its tag on each, and return the identifiers of those accepted.

        Raises `Rejected` when surely none was started and asking again is useless, `Unavailable`
        (`untouched=True`) when surely none was started; any other error leaves them uncertain.
        """
        ...

    def retire(self, queue: str, count: int) -> Sequence[str]:
        """Take `count` pilots of `queue` away, the least useful first; return their identifiers.

        Never more than `count`, never another factory's, and no pilot with a payload unless the
        options of the target say so.  Errors as for `submit`.
        """
        ...


class Policy(Protocol):
    """One pure rule: from a count and an observation to a count.

    A frozen dataclass: its fields are its options, its docstring is its documentation, its `repr` is
    the explanation in the trail.  `cap` marks a rule whose answer never exceeds the count it was
    given: only these run when the demand is unknown.
    """

    needs: ClassVar[frozenset[Need]]
    cap: ClassVar[bool]

    def __call__(self, count: int, seen: Observation, /) -> int:
        """The new count; positive submits, negative retires."""
        ...


@runtime_checkable
class Credential(Protocol):
    """Something that proves who we are, and expires.

    One that writes its files names them in `keeps: Collection[Path]`, absolute, known when it is made: of two
    that keep the same file the second is refused.
    """

    @property
    def options(self) -> type[CredentialSection]:
        """The options of its section: an attribute of the class, read before an instance is made."""
        ...

    @property
    def type(self) -> CredentialType:
        """What it is, known when it is made, and always the same."""
        ...

    def proof(self) -> Proof:
        """The file as it is now, at once; `Unavailable` where there is none that could be used.

        The core judges whether it is valid.  Asked before every submission, also while `renew` runs.
        """
        ...

    def renew(self) -> None:
        """Renew if it is time, else return at once.  Called about once a minute, in a thread of its own.

        What it raises is counted and logged; the next call comes later after each failure in a row.
        """
        ...


class Prover(Protocol):
    """A credential as a source or target is handed it."""

    @property
    def name(self) -> str:
        """The name of its section."""
        ...

    @property
    def type(self) -> CredentialType:
        """What it is."""
        ...

    def read(self) -> Proof:
        """Its file, valid now, or `Unavailable`; waits no longer than the credential's own deadline.

        Read it for every call to the world and keep nothing: the file may be another one next time.
        """
        ...


class ConfigSource(Protocol):
    """Where configuration lives."""

    def read(self) -> Mapping[str, Any]:
        """The whole configuration as nested tables; `ConfigError` when it cannot be read."""
        ...


@runtime_checkable
class Catalog(Protocol):
    """Who knows the queues that there are.  The core keeps the last document that it believed on disk.

    It is asked before a plan is made, and every `refresh` of its section while a daemon runs, in a thread
    in which its hanging delays no cycle.
    """

    @property
    def options(self) -> type[CatalogSection]:
        """The options of its section: an attribute of the class, read before an instance is made."""
        ...

    def fetch(self) -> bytes:
        """The catalogue as it is now; `Unavailable` when there is no answer, or none that is whole."""
        ...

    def extract(self, document: bytes) -> Extract:
        """The queues of a document.  The same document gives the same; nothing else is looked at.

        One bad entry costs nothing but itself.  `Unavailable` when it is no catalogue at all,
        `ConfigError` when the section cannot be used with it.
        """
        ...


@runtime_checkable
class Monitor(Protocol):
    """Who wants to know.  Runs in a thread of its own behind a bounded queue given by the core.

    One that keeps something open may have `close()`, called once after its last report; one that
    gathers reports may have `flush()`, called when none has come for a second; one that need not hear
    at once may have `lull: float`, the seconds for which reports wait for others before it is handed all of
    them, and from a second on flushed; one that passes them on may have `lost: int`, how many facts
    never arrived, which status shows.
    """

    @property
    def options(self) -> type[Options]:
        """The options of its section, as above."""
        ...

    def record(self, report: Report) -> None:
        """Take note of one finished cycle."""
        ...
