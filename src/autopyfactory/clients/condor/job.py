"""The submit description of a pilot: log files, marks, environment, and the operator's last word."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autopyfactory.clients.condor.options import Job
from autopyfactory.clients.condor.patience import upkeep
from autopyfactory.clients.condor.request import Request, needs
from autopyfactory.clients.condor.words import CLUSTER, arguments, canonical, environment, literal, string

KIB = 2**10
PACE = "max_idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What the jobs of a queue carry besides the pilot itself."""

    factory: str
    queue: str
    host: str
    folder: str  # of its log files
    url: str = ""  # where that folder is published
    monitor: str = ""
    user: str = ""
    proxy: str = ""  # file of an X.509 proxy
    token: str = ""  # file of a bearer token


def describe(job: Job, marks: Marks) -> dict[str, str]:
    """Submit commands by name, as all submissions of a queue have them; see `stamp` for those of one.

    The operator's own come last and replace ours of the same name.
    """
    theirs = dict(job.submit)
    replaced = {canonical(name) for name in theirs}
    ours = {**ours_of(job, marks), **credentials(job, marks), **upkeep(job)}
    ours |= {**attributes(marks), **pace(job)}
    return {name: value for name, value in ours.items() if canonical(name) not in replaced} | theirs


def stamp(tag: str, count: int, *, late: bool) -> dict[str, str]:
    """The commands of one submission: by its tag it is found, and its count tells of jobs made late."""
    found = {"+APF_TAG": string(literal(tag))}
    return found | {"+APF_COUNT": str(count)} if late else found


def text(commands: Mapping[str, str]) -> str:
    """Commands as HTCondor reads them, a line each."""
    return "".join(f"{name} = {value}\n" for name, value in commands.items())


def ours_of(job: Job, marks: Marks) -> dict[str, str]:
    """The commands that every pilot has."""
    log = f"{literal(marks.folder)}/{CLUSTER}"
    commands = {
        "executable": marks.queue if job.executable is None else literal(str(job.executable)),
        "initialdir": literal(marks.folder),
        "output": f"{log}.out",
        "error": f"{log}.err",
        "log": f"{log}.log",
        "stream_output": "false",
        "stream_error": "false",
        "transfer_executable": "true",
        "notification": "never",
        "environment": environment(
            [*variables(marks), *((name, literal(value)) for name, value in job.environment)]
        ),
        "+TransferOutput": '""',
    }
    if job.arguments:
        commands["arguments"] = arguments(literal(word) for word in job.arguments)
    if job.disk is not None:
        commands["request_disk"] = str(math.ceil(job.disk / KIB))
    return commands | place(job)


def place(job: Job) -> dict[str, str]:
    """Where the job runs, and what it needs there, in the words of that kind of place."""
    request = Request(cores=job.cores, memory=job.memory, wall_time=job.wall_time)
    if job.grid is None:
        return {"universe": "vanilla", **needs(request)}
    return {"universe": "grid", "grid_resource": job.grid.resource, **job.grid.commands(request)}


def credentials(job: Job, marks: Marks) -> Mapping[str, str]:
    """What the pilot proves itself with.

    What HTCondor derives from a proxy lives as long as that, not a day at most, for it may be out of reach
    for so long.  Without a transfer of files HTCondor names a proxy to the job that it did not bring along,
    and without `use_scitokens` it shows no token to an ARC CE.
    """
    commands = {}
    if marks.proxy:
        commands["x509userproxy"] = literal(marks.proxy)
        commands["delegate_job_GSI_credentials_lifetime"] = "0"
        commands |= {"should_transfer_files": "YES"} if job.grid is None else {}
    if marks.token:
        commands |= {"scitokens_file": literal(marks.token), "use_scitokens": "true"}
    return commands


def attributes(marks: Marks) -> Mapping[str, str]:
    """Attributes of the job by which batch side, monitors and the factory know it."""
    found = {
        "+APF_FACTORY": string(literal(marks.factory)),
        "+MATCH_APF_QUEUE": string(marks.queue),
        "+APF_QUEUE": string(marks.queue),
        "+FACTORY_JOBID": string(f"{literal(marks.host)}#{CLUSTER}"),
    }
    if marks.url:
        base = f"{literal(marks.url)}/{CLUSTER}"
        found |= {f"+APF_{kind.upper()}URL": string(f"{base}.{kind}") for kind in ("log", "out", "err")}
    return found


def pace(job: Job) -> Mapping[str, str]:
    """Late materialization: the schedd makes jobs only while fewer than so many of them wait."""
    return {} if job.max_idle is None else {PACE: str(job.max_idle)}


def variables(marks: Marks) -> Iterator[tuple[str, str]]:
    """Environment variables that wrappers and monitors look for, in the order they are used to."""
    yield "PANDA_JSID", literal(marks.factory)
    if marks.url:
        yield "GTAG", f"{literal(marks.url)}/{CLUSTER}.out"
    yield "APFCID", CLUSTER
    yield "APFFID", literal(marks.factory)
    yield "FACTORY_JOBID", f"{literal(marks.host)}#{CLUSTER}"
    if marks.monitor:
        yield "APFMON", literal(marks.monitor)
    yield "FACTORYQUEUE", marks.queue
    if marks.user:
        yield "FACTORYUSER", literal(marks.user)
