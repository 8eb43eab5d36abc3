"""Catalogue `cric`: the queues of PanDA, one for each CE queue that leads to them."""

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from autopyfactory.clients.cric.entrances import Entrance, Refusal, Rules, enter, list_ces
from autopyfactory.clients.cric.filling import fields, fill, lay
from autopyfactory.clients.cric.names import clean, tell_apart
from autopyfactory.clients.cric.records import Record, parse, paths, text
from autopyfactory.clients.cric.selection import Wanted
from autopyfactory.clients.web import Web
from autopyfactory.configuration import Extract, Verdict
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import CredentialType, Place
from autopyfactory.options import CatalogSection, Location, Positive
from autopyfactory.ports import Prover

OK = 200
COMMON = "common"  # the template below all others
COMPUTED = frozenset(
    {
        *("nickname", "panda_resource", "host", "port", "endpoint", "flavour", "ce_queue"),
        *("cores", "memory", "memory_per_core", "wall_time", "scale"),
    }
)


def parse_patterns(value: Any) -> Any:
    """One word, or a list of them; true, false and numbers are words, too."""
    words = value if isinstance(value, list | tuple) else [value]
    return tuple(word if isinstance(word, str | Mapping) else text(word) for word in words)


WORD = {"type": ["string", "number", "boolean"]}
Patterns = Annotated[
    tuple[str, ...],
    Field(min_length=1),
    BeforeValidator(parse_patterns),
    WithJsonSchema({"anyOf": [WORD, {"type": "array", "items": WORD, "minItems": 1}]}),
]


class CricOptions(CatalogSection):
    """Where the catalogue is, and what of it is wanted."""

    url: Annotated[str, Field(pattern=r"^https?://[^/?#@\s]+\S*$")] | None = None
    """Its address, 'https://HOST/api/atlas/pandaqueue/query/?json'."""
    file: Location | None = None
    """A file of the same, instead of `url`."""
    authorities: Location | None = None
    """Folder of CA certificates named by hash, or a file of them; unset: those of the system."""
    credential: str | None = None
    """The credential to show, by its section's name: a proxy, a certificate or a token."""
    select: dict[str, Patterns] = Field(default_factory=dict)
    """The PanDA queues to take: for each field a word or a list; '!' in front refuses, '*' is anything."""
    ces: dict[str, Patterns] = Field(default_factory=dict)
    """The same for their CE queues."""
    name: Annotated[tuple[str, ...], Field(min_length=1)] = ("nickname", "host", "ce_queue")
    """Fields that make up the name of a queue."""
    jobs_per_pilot: Annotated[float, Field(gt=0, le=1e6)] = 1.0
    """Jobs that one pilot runs on the average, for {scale}."""
    factories: Positive = 1
    """Factories that share the work, for {scale}."""

    @model_validator(mode="after")
    def check_place(self) -> Self:
        """One place, and only one."""
        if (self.url is None) == (self.file is None):
            raise ValueError("where the catalogue is: set either url or file")
        return self

    def __hash__(self) -> int:
        """As of all options, though tables are among them."""
        return hash(self.model_dump_json())


class CricCatalog:
    """Queues of PanDA from CRIC, or from its forerunner AGIS: one for each CE queue that can be used.

    An entry that cannot be used is left out, with the reason, and costs no other.
    """

    options: ClassVar[type[CricOptions]] = CricOptions
    proves: ClassVar[str] = "credential"

    def __init__(self, options: CricOptions, place: Place, credentials: Sequence[Prover] = ()) -> None:  # noqa: ARG002
        self._options = options
        self._credentials = tuple(credentials)
        tables = {flavour.lower(): table for flavour, table in options.template.items()}
        common = tables.pop(COMMON, {})
        self._templates = {flavour: lay(common, table) for flavour, table in tables.items()}
        self._rules = Rules(
            select={field: Wanted(field, words) for field, words in options.select.items()},
            ces={field: Wanted(field, words) for field, words in options.ces.items()},
            flavours=self._templates.keys(),
        )

    def fetch(self) -> bytes:
        """One file, or one call."""
        if self._options.file is not None:
            try:
                return self._options.file.read_bytes()
            except OSError as error:
                raise Unavailable(f"{self._options.file}: {error.strerror}") from error
        url, headers, certificate = self._options.url or "", {"Accept": "application/json"}, None
        for credential in self._credentials:
            file = credential.read().path
            if credential.type is CredentialType.X509:
                certificate = file
            else:
                headers["Authorization"] = f"Bearer {read_token(credential)}"
        reply = Web(authorities=self._options.authorities).request(
            "GET",
            url,
            seconds=self._options.timeout.total_seconds(),
            certificate=certificate,
            headers=headers,
        )
        if reply.status != OK:
            raise Unavailable(f"{url}: HTTP {reply.status}, {reply.excerpt}")
        return reply.body

    def extract(self, document: bytes) -> Extract:
        """A queue for every CE queue of every PanDA queue that is wanted, as far as it can be used."""
        try:
            records = parse(document)
        except ValueError as error:
            raise Unavailable(f"{self._options.url or self._options.file}: {error}") from error
        self._compare([record for record in records.values() if isinstance(record, Mapping)])
        found = [one for key, record in records.items() for one in enter(key, record, self._rules)]
        entrances = sorted((one for one in found if isinstance(one, Entrance)), key=lambda one: one.age)
        names = tell_apart({one.identity: clean(self._name(one)) for one in entrances})
        many = Counter(one.resource for one in entrances)
        queues = {names[one.identity]: self._fill(one, many[one.resource]) for one in entrances}
        return Extract(queues=dict(sorted(queues.items())), verdicts=tuple(judge(found, names)))

    def _compare(self, records: Sequence[Record]) -> None:
        """Raise `ConfigError` where the section names a field that no record has."""
        known = {path for record in records for path in paths(record)}
        of_ces = {field for record in records for ce in list_ces(record) for field in ce}
        anything = {*known, *of_ces, *COMPUTED}
        check_fields("select", self._options.select, known)
        check_fields("ces", self._options.ces, of_ces)
        check_fields("name", self._options.name, anything)
        for flavour, table in self._options.template.items():
            check_fields(f"template.{flavour}", fields(table), anything)

    def _name(self, one: Entrance) -> list[str]:
        """The words of a queue's name."""
        computed = one.computed()
        return [text(computed.get(field, one.value(field))) for field in self._options.name]

    def _fill(self, one: Entrance, many: int) -> Mapping[str, Any]:
        """The table of a queue; `many` entrances lead to the same PanDA queue."""
        share = 1 / many / self._options.factories / self._options.jobs_per_pilot
        computed = {**one.computed(), "scale": float(f"{share:.4g}")}
        return fill(
            self._templates[one.flavour],
            lambda field: computed[field] if field in computed else one.value(field),
        )


def judge(found: Iterable[Entrance | Refusal], names: Mapping[tuple[str, ...], str]) -> Iterable[Verdict]:
    """What became of every entrance, in the order of the catalogue's keys."""
    for one in sorted(found, key=lambda one: (one.key, one.place)):
        if isinstance(one, Refusal):
            yield Verdict(record=one.key, place=one.place, reason=one.reason)
        else:
            yield Verdict(record=one.key, place=one.place, queue=names[one.identity])


def check_fields(where: str, named: Iterable[str], known: Collection[str]) -> None:
    """Raise `ConfigError` for a field that no record of the catalogue has."""
    for field in named:
        if field not in known:
            near = difflib.get_close_matches(field, known, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ConfigError(f"{where}: no entry of the catalogue has a field '{field}'{hint}")


def read_token(credential: Prover) -> str:
    """The token that is valid now."""
    try:
        return credential.read().path.read_text().strip()
    except OSError as error:
        raise Unavailable(f"credential {credential.name}: {error.strerror}") from error
