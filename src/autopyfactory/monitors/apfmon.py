"""Monitor `apfmon`: the factory, its labels and jobs, and what each label decided, for an APFMon server."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, ClassVar, NamedTuple

from pydantic import AfterValidator

from autopyfactory import __version__
from autopyfactory.clients.apfmon import Server, Unknown
from autopyfactory.clients.outbox import Outbox
from autopyfactory.clients.pace import Pace
from autopyfactory.clients.web import Web, check_address
from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import Clock, Place, Report
from autopyfactory.options import Duration, Location, Options, Timeout
from autopyfactory.render import headline

BATCH = 100  # labels or jobs in one request
ROOM = 100_000  # jobs that wait
ROUND = 30.0  # seconds after which a round ends, and new reports are taken up
IDENTIFIER = 16  # characters of a job that the server has room for
STATUS = 1024  # characters of a status that its log keeps; its table keeps 255


class ApfmonOptions(Options):
    """An APFMon server."""

    url: Annotated[str, AfterValidator(check_address)]
    """The address of its REST interface, 'http://apfmon.example.org/api'."""
    email: str = ""
    """Whom the server's pages name for this factory."""
    authorities: Location | None = None
    """Folder of CA certificates named by hash, or a file of them; unset: those of the system."""
    timeout: Timeout = timedelta(seconds=10)
    """How long one request may take."""
    period: Duration = timedelta(seconds=10)
    """Reports are gathered so long, then sent together."""
    keep: Duration = timedelta(hours=1)
    """How long what could not be sent is kept."""


class Pilot(NamedTuple):
    """A pilot that the server is to hear of."""

    label: str
    cid: str


class Status(NamedTuple):
    """What a queue last said, and when."""

    text: str
    moment: float  # monotonic seconds


class ApfmonMonitor:
    """Each queue is a label.  What is sent twice does no harm: the server takes it for the same.

    `lost` counts the pilots and statuses that never reached the server.
    """

    options: ClassVar[type[ApfmonOptions]] = ApfmonOptions

    def __init__(self, options: ApfmonOptions, place: Place, *, clock: Clock = time.monotonic) -> None:
        self._options = options
        self._place = place
        self._clock = clock
        self._server = Server(
            options.url, Web(authorities=options.authorities), options.timeout.total_seconds()
        )
        self._pace = Pace(options.period.total_seconds(), clock)
        self._pilots: Outbox[Pilot] = Outbox(options.keep.total_seconds(), ROOM)
        self._statuses: dict[str, Status] = {}  # by queue, the last one only
        self._places: dict[str, tuple[str, str]] = {}  # source and target of a queue
        self._is_known = False  # whether the server knows this factory
        self._labels: set[str] = set()  # that it has
        self._lost = 0

    @property
    def lost(self) -> int:
        """What was given up."""
        return self._lost + self._pilots.lost

    def record(self, report: Report) -> None:
        """Take a report up, and send what has gathered if it is time.  Raises what sending raises."""
        self._note(report, self._clock())
        self._pace.when_due(self._send)

    def flush(self) -> None:
        """Send what waits, unless the server was just found away."""
        self._pace.when_free(self._send)

    def close(self) -> None:
        """Send what waits.  Raises `Unavailable` with what never was, which is counted as lost."""
        try:
            self.flush()
        finally:
            missed = len(self._pilots) + len(self._statuses)
            self._pilots.give_up(len(self._pilots))
            self._lost += len(self._statuses)
            self._statuses = {}
        if missed:
            raise Unavailable(f"{self._server.url} was never told of {missed} pilots and statuses")

    def _note(self, report: Report, now: float) -> None:
        submitted = report.outcome.submitted if report.outcome is not None else ()
        pilots = [Pilot(report.queue, cid) for cid in submitted if len(cid) <= IDENTIFIER]
        self._lost += len(submitted) - len(pilots)
        self._pilots.put(pilots, now)
        self._statuses[report.queue] = Status(headline(report)[:STATUS], now)
        self._places[report.queue] = report.source, report.target

    def _send(self, now: float) -> bool:
        """One round, if anything waits.  What fails ends it, and is tried again in a later one."""
        self._expire(now)
        if not self._pilots and not self._statuses:
            return False
        self._introduce()
        self._send_pilots(now + ROUND)
        self._send_statuses(now + ROUND)
        return True

    def _expire(self, now: float) -> None:
        """Give up what is too old."""
        self._pilots.expire(now)
        oldest = now - self._options.keep.total_seconds()
        fresh = {queue: status for queue, status in self._statuses.items() if status.moment >= oldest}
        self._lost += len(self._statuses) - len(fresh)
        self._statuses = fresh

    def _introduce(self) -> None:
        """Say who we are, and ask which labels are there; again only if the server has forgotten us."""
        if self._is_known:
            return
        facts = {"url": self._place.url, "email": self._options.email, "version": __version__}
        self._server.put_factory(self._place.factory, facts)
        self._labels = self._server.labels(self._place.factory)
        self._is_known = True

    def _put_labels(self, queues: Iterable[str]) -> None:
        """Make the labels that the server lacks.  It takes none of a factory that it has forgotten."""
        missing = sorted(set(queues) - self._labels)
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            if self._server.put_labels([self._label(queue) for queue in batch]) < len(batch):
                self._is_known = False
                raise Unavailable(f"{self._server.url} has forgotten this factory")
            self._labels.update(batch)

    def _label(self, queue: str) -> Mapping[str, str]:
        source, target = self._places[queue]
        ours = {"name": queue, "factory": self._place.factory, "wmsqueue": source, "resource": target}
        return {**ours, "batchqueue": "", "localqueue": ""}

    def _send_pilots(self, end: float) -> None:
        while (batch := self._pilots.first(BATCH)) and self._clock() < end:
            queues = {pilot.label for pilot in batch}
            self._put_labels(queues)
            missed = self._put_pilots(batch)
            if missed:  # labels that were only in its list, which is up to 5 minutes old
                self._labels -= queues
                self._put_labels(queues)
                missed = self._put_pilots(batch)
            self._pilots.give_up(missed)
            self._pilots.sent(len(batch) - missed)

    def _put_pilots(self, batch: Sequence[Pilot]) -> int:
        """Make the jobs of these pilots; how many the server did not take for want of a label."""
        factory = self._place.factory
        try:
            return self._server.put_jobs(
                [{"cid": pilot.cid, "label": pilot.label, "factory": factory} for pilot in batch]
            )
        except Unknown:
            self._is_known = False
            raise
        except Rejected:
            self._pilots.give_up(len(batch))
            raise

    def _send_statuses(self, end: float) -> None:
        self._put_labels(self._statuses)
        for queue, status in list(self._statuses.items()):
            if self._clock() >= end:
                return
            self._send_status(queue, status)

    def _send_status(self, queue: str, status: Status) -> None:
        try:
            self._server.post_status(self._place.factory, queue, status.text)
        except Unknown:  # the label is gone: the next round makes it anew
            self._labels.discard(queue)
            return
        except Rejected:
            self._lost += 1
            del self._statuses[queue]
            raise
        del self._statuses[queue]
