"""Monitor `panda_workers`: a PanDA server hears of the factory's pilots, so that its own pages show them."""

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from autopyfactory import __version__
from autopyfactory.clients.outbox import Outbox
from autopyfactory.clients.pace import Pace
from autopyfactory.clients.panda.crew import Crew, Post, count, read_post
from autopyfactory.clients.panda.server import Access, Server, check_url, show
from autopyfactory.clients.panda.workers import News, Worker, Workers, ending, moment
from autopyfactory.clients.web import Web
from autopyfactory.errors import Unavailable
from autopyfactory.model import Clock, CredentialType, Place, Report
from autopyfactory.options import Duration, Flag, Location, Options, Timeout
from autopyfactory.ports import Prover

BATCH = 100  # workers in one request
ROOM = 100_000  # news that wait, and workers whose end is awaited
ROUND = 30.0  # seconds after which a round ends, and new reports are taken up
GATHER = 10.0  # seconds between two rounds
FORGOTTEN = 4 * 3600.0  # seconds after which PanDA itself forgets counts


class PandaWorkersOptions(Options):
    """A PanDA server that shall know of our pilots."""

    url: Annotated[str, AfterValidator(check_url)]
    """Its address, 'https://HOST:25443'; '/api/v1' is added where no path is."""
    credential: Annotated[str, Field(min_length=1)]
    """The credential to show, by its section's name: a proxy, a certificate or a token."""
    origin: str = ""
    """VO and role that a token is for, 'atlas.production'."""
    authorities: Location | None = None
    """Folder of CA certificates named by hash, or a file of them; unset: those of the system."""
    name: str = ""
    """What PanDA calls this factory (harvester_id); unset: the factory's id."""
    job_type: str = "managed"
    """The job type that pilots are counted under."""
    workers: Flag = True
    """Tell of every pilot, too, and not of their numbers alone."""
    period: Duration = timedelta(minutes=5)
    """Time between two signs of life, and two counts of a site."""
    timeout: Timeout = timedelta(seconds=20)
    """How long one request may take."""
    keep: Duration = timedelta(hours=1)
    """How long news of pilots that could not be sent are kept."""


class PandaWorkersMonitor:
    """Counts of each site every `period`; pilots when they are submitted, retired, or seen to have ended.

    `lost` counts the news of pilots that never reached the server.
    """

    options: ClassVar[type[PandaWorkersOptions]] = PandaWorkersOptions
    proves: ClassVar[str] = "credential"

    def __init__(
        self,
        options: PandaWorkersOptions,
        place: Place,
        credentials: Sequence[Prover] = (),
        *,
        clock: Clock = time.monotonic,
    ) -> None:
        self._options = options
        self._place = place
        self._credentials = tuple(credentials)
        self._clock = clock
        server = Server(options.url, Web(authorities=options.authorities))
        name = options.name or place.factory
        self._server = Workers(server, name, options.timeout.total_seconds(), self._access)
        self._pace = Pace(GATHER, clock)
        self._news: Outbox[News] = Outbox(options.keep.total_seconds(), ROOM)
        self._living: dict[tuple[str, str], Worker] = {}  # by target and identifier
        self._posts: dict[str, tuple[str, Post | None]] = {}  # definition and post of a queue
        self._crews: dict[str, Crew] = {}
        self._sites: list[str] = []  # whose counts are to be sent
        self._due = float("-inf")  # when they are to be sent again
        self._started = moment(time.time())

    @property
    def lost(self) -> int:
        """News that were given up."""
        return self._news.lost

    def record(self, report: Report) -> None:
        """Take a report up, and send what has gathered if it is time.  Raises what sending raises."""
        post = self._post_of(report)
        if post is None:
            return
        now = self._clock()
        if report.seen is not None:
            supply = report.seen.supply
            self._crews[report.queue] = Crew(
                post=post, pending=supply.pending, running=supply.running, moment=now
            )
        if self._options.workers:
            self._news.put(list(self._hear(report, post)), now)
        self._pace.when_due(self._send)

    def flush(self) -> None:
        """Send what waits, unless the server was just found away."""
        self._pace.when_free(self._send)

    def close(self) -> None:
        """Send what waits.  Raises `Unavailable` with what never was, which is counted as lost."""
        try:
            self.flush()
        finally:
            missed = len(self._news)
            self._news.give_up(missed)
        if missed:
            raise Unavailable(f"{self._options.url} was never told of {missed} changes of pilots")

    def _post_of(self, report: Report) -> Post | None:
        """Where the pilots of a report work; None where its work names no site."""
        known = self._posts.get(report.queue)
        if known is None or known[0] != report.definition:
            known = self._posts[report.queue] = report.definition, read_post(report.definition)
        return known[1]

    def _hear(self, report: Report, post: Post) -> Iterator[News]:
        """What is new of single pilots."""
        when = report.wall + report.seconds
        submitted = report.outcome.submitted if report.outcome is not None else ()
        for pilot in submitted:
            worker = Worker(facts=self._describe(report.queue, pilot, post, when))
            self._living[report.target, pilot] = worker
            yield worker, {"status": "submitted"}
        for pilot in report.outcome.retired if report.outcome is not None else ():
            if gone := self._living.pop((report.target, pilot), None):
                yield gone, {"status": "cancelled", "endTime": moment(when), "diagMessage": "retired"}
        for ended in (report.seen.supply.ended or ()) if report.seen is not None else ():
            if gone := self._living.pop((report.target, ended.pilot), None):
                yield gone, ending(ended.end, ended.run_time, ended.reason)
        while len(self._living) > ROOM:
            del self._living[next(iter(self._living))]

    def _describe(self, queue: str, pilot: str, post: Post, when: float) -> Mapping[str, Any]:
        facts = {
            "batchID": pilot,
            "queueName": post.site,
            "computingSite": post.site,
            "nCore": post.cores,
            "jobType": self._options.job_type,
            "resourceType": post.resource_type,
            "submitTime": moment(when),
            "submissionHost": socket.gethostname(),
            "harvesterHost": socket.gethostname(),
        }
        if not self._place.url:
            return facts
        day = datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%d")
        base = f"{self._place.url.rstrip('/')}/{day}/{queue}/{pilot}"
        return {**facts, "stdOut": f"{base}.out", "stdErr": f"{base}.err", "batchLog": f"{base}.log"}

    def _send(self, now: float) -> bool:
        """One round, if anything waits.  What fails ends it, and is tried again in a later one."""
        self._news.expire(now)
        is_due = bool(self._posts) and now >= self._due  # who never heard of a queue has nothing to say
        if not (is_due or self._news or self._sites):
            return False
        if is_due:
            self._begin(now)
        self._send_news(now + ROUND)
        self._send_counts(now + ROUND)
        return True

    def _begin(self, now: float) -> None:
        """A sign of life; then all sites are due."""
        self._crews = {queue: crew for queue, crew in self._crews.items() if crew.moment > now - FORGOTTEN}
        self._server.be_alive({"startTime": self._started, "sw_version": __version__})
        self._sites = sorted({crew.post.site for crew in self._crews.values()})
        self._due = now + self._options.period.total_seconds()

    def _send_news(self, end: float) -> None:
        while (batch := self._news.first(BATCH)) and self._clock() < end:
            missed = self._server.update(batch)
            self._news.give_up(missed)
            self._news.sent(len(batch) - missed)

    def _send_counts(self, end: float) -> None:
        while self._sites and self._clock() < end:
            self._server.count(
                self._sites[-1], {self._options.job_type: count(self._crews.values(), self._sites[-1])}
            )
            self._sites.pop()

    def _access(self) -> Access:
        """The credential as it is now."""
        (credential,) = self._credentials
        file, is_token = credential.read().path, credential.type is CredentialType.TOKEN
        return show(credential.name, file, is_token=is_token, origin=self._options.origin)
