"""Grid kinds: where HTCondor hands pilots on to, and how each kind is told what a pilot needs."""

import math
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self
from xml.sax.saxutils import escape

from pydantic import AfterValidator, Field, model_validator

from autopyfactory.clients.condor.fields import File, Line, Name, Url, Word, check_line
from autopyfactory.clients.condor.request import Request, needs, per_core, written
from autopyfactory.clients.condor.words import literal, string
from autopyfactory.options import Options

SHELL = ("$", "`")  # a shell on the way takes them for its own; a backquote even ends HTCondor's gridmanager
LOGIN = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*@)?[A-Za-z0-9.-]+(:[0-9]+)?")


def check_login(text: str) -> str:
    """'user@host:port', as ssh is told."""
    if not LOGIN.fullmatch(text):
        raise ValueError(f"{text!r} is no place to log in to; write 'user@host' or 'user@host:port'")
    return text


def check_rte(text: str) -> str:
    """A runtime environment, with its options behind blanks."""
    if not text.strip() or "," in text:
        raise ValueError(f"{text!r} is no runtime environment; write a list of them, ['ENV/PROXY', ...]")
    return check_line(text)


class Kind(Options):
    """What is in words, of arguments and of the environment, that do not arrive as they were written."""

    garbled: ClassVar[tuple[str, ...]] = ()
    garbled_variables: ClassVar[tuple[str, ...]] = ()


class Condor(Kind):
    """An HTCondor-CE, or any schedd that takes jobs from afar (Condor-C)."""

    kind: Literal["condor"]
    """'condor'."""
    host: Name = Field(min_length=1)
    """Its host."""
    port: int = Field(default=9619, ge=1, le=65535, strict=True)
    """Port of its collector: 9619 for an HTCondor-CE, mostly 9618 for a pool."""
    schedd: Name = ""
    """Name of its schedd, if it is not that of the host."""
    pool: Name = ""
    """Its collector, 'host:port', if that does not run on the host."""
    queue: Word = ""
    """Queue behind the CE."""

    @property
    def resource(self) -> str:
        """The value of `grid_resource`."""
        return f"condor {self.schedd or self.host} {self.pool or f'{self.host}:{self.port}'}"

    def commands(self, request: Request) -> Mapping[str, str]:
        """A CE reads its own attributes, a plain schedd `request_cpus` and `request_memory`: both are told.

        Memory is that of the whole pilot.  What begins with `remote_` becomes, without it, an attribute
        of the job there.
        """
        return needs(request) | written(
            {
                "+Nonessential": "true",
                "+remote_jobuniverse": "5",
                "+remote_ShouldTransferFiles": string("YES"),
                "+remote_WhenToTransferOutput": string("ON_EXIT_OR_EVICT"),
                "+remote_TransferOutput": string(""),
                "+remote_queue": string(literal(self.queue)) if self.queue else None,
                "+xcount": request.cores,
                "+maxMemory": request.megabytes,
                "+maxWallTime": request.minutes,
            }
        )


class Arc(Kind):
    """An ARC CE, by its REST interface."""

    garbled = SHELL
    garbled_variables = SHELL

    kind: Literal["arc"]
    """'arc'."""
    endpoint: Url
    """Its address, 'https://HOST:443'; HTCondor adds '/arex/rest/1.0' to an address without path."""
    queue: Word = ""
    """Queue of the CE."""
    rtes: tuple[Annotated[str, AfterValidator(check_rte)], ...] = ()
    """Runtime environments, ['ENV/PROXY', ...]."""
    resources: Line = ""
    """More of the job description's <Resources>, as XML."""

    @property
    def resource(self) -> str:
        """The value of `grid_resource`."""
        return f"arc {literal(self.endpoint)}"

    def commands(self, request: Request) -> Mapping[str, str]:
        """All needs stand in the job description, memory by core.

        `request_cpus` is not written: from two cores on, HTCondor would put the slots in a second time.
        """
        slots = f"<NumberOfSlots>{request.cores}</NumberOfSlots><SlotsPerHost>{request.cores}</SlotsPerHost>"
        parts = [
            element("QueueName", escape(self.queue) or None),
            element("SlotRequirement", slots),
            element("IndividualPhysicalMemory", per_core(request)),
        ]
        if request.wall_time is not None:
            seconds = math.ceil(request.wall_time.total_seconds())
            parts += [element("WallTime", seconds), element("TotalCPUTime", seconds * request.cores)]
        return written(
            {
                "+Nonessential": "true",
                "arc_resources": literal("".join(parts) + self.resources),
                "arc_rte": literal(",".join(self.rtes)) or None,
            }
        )


class System(StrEnum):
    """A batch system that HTCondor's blahp speaks to."""

    PBS = "pbs"
    SLURM = "slurm"
    LSF = "lsf"
    SGE = "sge"


class Batch(Kind):
    """A batch system, here or where ssh leads to."""

    garbled = (*SHELL, "&", "(", ")")
    garbled_variables = (*garbled, '"', "\t", "  ")

    kind: Literal["batch"]
    """'batch'."""
    system: System
    """Which one."""
    host: Annotated[str, AfterValidator(check_login)] | None = None
    """Login node, 'user@host:port'; unset: the commands of the batch system are on the schedd's machine."""
    key: Name = ""
    """Private key for ssh, a path on the schedd's machine; by default ~/.ssh/bosco_key.rsa there."""
    ssh: tuple[Name, ...] = ()
    """More words for HTCondor's remote_gahp, ['--rgahp-nokey', '--rgahp-glite', '/opt/glite']."""
    queue: Name = ""
    """Queue, or partition."""
    project: Name = ""
    """Project, or account, that pays."""

    @model_validator(mode="after")
    def check_login_is_complete(self) -> Self:
        """Without a login node nothing is told to ssh."""
        if self.host is None and (self.key or self.ssh):
            raise ValueError("key and ssh are for a batch system where ssh leads to; host is missing")
        return self

    @property
    def resource(self) -> str:
        """The value of `grid_resource`."""
        key = ["--rgahp-key", self.key] if self.key else []
        login = [self.host, *key, *self.ssh] if self.host else []
        return literal(" ".join(["batch", self.system, *login]))

    def commands(self, request: Request) -> Mapping[str, str]:
        """Memory is that of the whole pilot; seconds are whole minutes, for some systems know no less.

        The blahp does not read `request_cpus`: so many tasks, all of them on one node, are the cores.
        """
        return needs(request) | written(
            {
                "+NodeNumber": request.cores,
                "+SMPGranularity": request.cores,
                "batch_queue": literal(self.queue) or None,
                "batch_project": literal(self.project) or None,
                "batch_runtime": None if request.minutes is None else request.minutes * 60,
            }
        )


class Ec2(Kind):
    """Virtual machines of a cloud with Amazon's interface.  The machine is the pilot."""

    kind: Literal["ec2"]
    """'ec2'."""
    endpoint: Url
    """Address of the service, 'https://ec2.eu-west-1.amazonaws.com'."""
    ami: Name = Field(min_length=1)
    """Image of the machine."""
    instance_type: Name = Field(min_length=1)
    """Kind of machine, 'm5.xlarge'; write its cores into the pilot's `cores`."""
    access_key_id: File
    """File that holds the access key."""
    secret_access_key: File
    """File that holds the secret key."""
    keypair: Name = ""
    """Name of the key pair, known to the service, that may log in."""
    security_groups: tuple[Name, ...] = ()
    """Names of security groups."""
    user_data: Line = ""
    """What the machine finds as its user data."""
    user_data_file: File | None = None
    """File with more of it; it may have many lines."""
    spot_price: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """The most to pay an hour, in dollars; set: a spot request."""

    @property
    def resource(self) -> str:
        """The value of `grid_resource`."""
        return f"ec2 {literal(self.endpoint)}"

    def commands(self, request: Request) -> Mapping[str, str]:
        """Memory and time are those of the instance type."""
        return written(
            {
                "request_cpus": request.cores,
                "transfer_executable": "false",
                "ec2_access_key_id": literal(str(self.access_key_id)),
                "ec2_secret_access_key": literal(str(self.secret_access_key)),
                "ec2_ami_id": literal(self.ami),
                "ec2_instance_type": literal(self.instance_type),
                "ec2_keypair": literal(self.keypair) or None,
                "ec2_security_groups": literal(",".join(self.security_groups)) or None,
                "ec2_user_data": literal(self.user_data) or None,
                "ec2_user_data_file": literal(str(self.user_data_file)) if self.user_data_file else None,
                "ec2_spot_price": None if self.spot_price is None else f"{self.spot_price:f}",
            }
        )


def element(name: str, inner: object) -> str:
    """An XML element; nothing of nothing."""
    return "" if inner is None else f"<{name}>{inner}</{name}>"
