"""Source `panda`: jobs that wait in a PanDA server, by site, resource type and label."""

import difflib
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from autopyfactory.clients.panda.server import Access, Server, check_url, show
from autopyfactory.clients.panda.specs import Specs, read_specs
from autopyfactory.clients.panda.statistics import ACTIVE, add_up, by_site
from autopyfactory.clients.web import Web
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Demand, Need, Place, SiteStatus
from autopyfactory.options import Duration, Flag, Location, Options, Positive, SourceSection
from autopyfactory.ports import Prover

WORDS = {"paused": SiteStatus.OFFLINE} | {status.value: status for status in SiteStatus}
BAD = 600.0  # seconds after which site specs that failed are asked for again

log = logging.getLogger(__name__)


class State(StrEnum):
    """What becomes of a job, as PanDA calls it."""

    PENDING = "pending"
    DEFINED = "defined"
    ASSIGNED = "assigned"
    WAITING = "waiting"
    THROTTLED = "throttled"
    ACTIVATED = "activated"
    SENT = "sent"
    STARTING = "starting"
    RUNNING = "running"
    HOLDING = "holding"
    TRANSFERRING = "transferring"
    MERGING = "merging"


class PandaWork(Options):
    """The jobs of one site."""

    site: Annotated[str, Field(min_length=1)]
    """The site as PanDA calls it: `panda_resource` in the catalogue."""
    resource_types: tuple[str, ...] = ()
    """Resource types that count, ['SCORE', 'MCORE']; empty: all."""
    labels: tuple[str, ...] = ()
    """Labels (prodSourceLabel) that count, ['managed', 'prod_test']; empty: all."""
    ready: tuple[State, ...] = (State.ACTIVATED,)
    """States of jobs that wait for a pilot."""
    running: tuple[State, ...] = (State.SENT, State.STARTING, State.RUNNING)
    """States of jobs that have one."""
    cores: Positive | None = None
    """Cores of one job; unset: as the site specs say of its resource type, else 1."""


class PandaSourceOptions(SourceSection):
    """A PanDA server."""

    url: Annotated[str, AfterValidator(check_url)]
    """Its address, 'https://HOST:25443'; '/api/v1' is added where no path is."""
    authorities: Location | None = None
    """Folder of CA certificates named by hash, or a file of them; unset: those of the system."""
    credential: str | None = None
    """The credential to show, by its section's name: a proxy, a certificate or a token."""
    origin: str = ""
    """VO and role that a token is for, 'atlas.production'."""
    specs: Flag = True
    """Ask for the site specs, too: status, cores of jobs, and which sites there are."""
    specs_age: Duration = timedelta(minutes=10)
    """How old site specs may be before they are asked for anew."""
    lag: Duration = timedelta(minutes=2)
    """How far the server's counts are known to lag behind: it counts every 60 s or 120 s."""


class PandaSource:
    """One call counts the jobs of all sites.

    A site that is missing in a good answer has no jobs, if the site specs or an earlier answer named it;
    else nobody knows whether there is such a site.
    """

    options: ClassVar[type[PandaSourceOptions]] = PandaSourceOptions
    work: ClassVar[type[PandaWork]] = PandaWork
    proves: ClassVar[str] = "credential"

    def __init__(self, options: PandaSourceOptions, place: Place, credentials: Sequence[Prover] = ()) -> None:
        self.gives = frozenset({Need.DEMAND, Need.STATUS} if options.specs else {Need.DEMAND})
        self._options = options
        self._name = place.section
        self._credentials = tuple(credentials)
        self._server = Server(options.url, Web(authorities=options.authorities))
        self._seen: set[str] = set()  # sites that an answer has named
        self._specs: Specs | None = None
        self._specs_due = float("-inf")  # monotonic seconds

    def demand(self, works: Collection[PandaWork]) -> Mapping[PandaWork, Demand | Unavailable]:
        """One call for the jobs, and now and then one for the site specs, which may fail by itself."""
        if not works:
            return {}
        deadline = time.monotonic() + self._options.timeout.total_seconds()
        data = self._get(ACTIVE, deadline)
        try:
            counts = by_site(data)
        except ValueError as error:
            raise Unavailable(f"{self._options.url}: {error}") from error
        self._seen.update(counts)
        self._renew_specs(deadline)
        return {work: self._count(work, counts) for work in works}

    def probe(self) -> list[str]:
        """Whether the server is there, and its site specs can be read."""
        deadline = time.monotonic() + self._options.timeout.total_seconds()
        self._get("system/is_alive", deadline)
        if self._options.specs:
            self._read_specs(deadline)
        return []

    def _count(self, work: PandaWork, counts: Mapping[str, Any]) -> Demand | Unavailable:
        specs = self._specs or Specs()
        if work.site not in counts and work.site not in self._seen and work.site not in specs.status:
            return Unavailable(self._unheard_of(work.site, specs))
        try:
            jobs, cores = add_up(
                counts.get(work.site, {}),
                types=work.resource_types,
                labels=work.labels,
                cores=lambda kind: work.cores or specs.cores_of(work.site, kind),
            )
        except ValueError as error:
            return Unavailable(f"site {work.site}: {error}")
        return Demand(
            ready=sum(jobs[state] for state in work.ready),
            running=sum(jobs[state] for state in work.running),
            ready_cores=sum(cores[state] for state in work.ready),
            running_cores=sum(cores[state] for state in work.running),
            status=WORDS.get(specs.status.get(work.site, "")) if self._options.specs else None,
        )

    def _unheard_of(self, site: str, specs: Specs) -> str:
        known = [*specs.status, *self._seen]
        near = difflib.get_close_matches(site, known, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        where = "neither jobs nor site specs name it" if specs.status else "it never had a job"
        return f"PanDA has not been heard to know a site '{site}': {where}{hint}"

    def _renew_specs(self, deadline: float) -> None:
        """Site specs that fail leave the last ones standing, and are tried again later."""
        if not self._options.specs or time.monotonic() < self._specs_due:
            return
        try:
            self._specs = self._read_specs(deadline)
            self._specs_due = time.monotonic() + self._options.specs_age.total_seconds()
        except Unavailable as error:
            self._specs_due = time.monotonic() + min(BAD, self._options.specs_age.total_seconds())
            log.warning("source %s: the site specs stay as they were: %s", self._name, error)

    def _read_specs(self, deadline: float) -> Specs:
        try:
            return read_specs(self._get("metaconfig/get_site_specs", deadline, type="all"))
        except ValueError as error:
            raise Unavailable(f"{self._options.url}: {error}") from error

    def _get(self, call: str, deadline: float, **query: str) -> Any:
        return self._server.get(call, max(1.0, deadline - time.monotonic()), self._access(), **query)

    def _access(self) -> Access:
        """The credential as it is now; nobody where none is named, for counts are open to all."""
        for credential in self._credentials:
            file, is_token = credential.read().path, credential.type is CredentialType.TOKEN
            return show(credential.name, file, is_token=is_token, origin=self._options.origin)
        return Access()
