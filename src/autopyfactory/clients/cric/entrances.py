"""Entrances: the CE queues that lead to PanDA queues, those that can be used and why others cannot."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autopyfactory.clients.cric.endpoints import Endpoint, read_endpoint
from autopyfactory.clients.cric.measures import Measures, measure
from autopyfactory.clients.cric.records import Record, look_up, positive, text
from autopyfactory.clients.cric.selection import Wanted, select

USUAL = {name: Wanted(name, ("ACTIVE",)) for name in ("state", "site_state")}
USUAL |= {"is_virtual": Wanted("is_virtual", ("false",))}
USUAL_CE = {"ce_state": Wanted("ce_state", ("ACTIVE",))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is wanted: of PanDA queues, of CE queues, and the flavours that can be spoken to."""

    select: Mapping[str, Wanted] = field(default_factory=dict)
    ces: Mapping[str, Wanted] = field(default_factory=dict)
    flavours: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A PanDA queue, or a place in it, that gives nothing."""

    key: str
    place: str = ""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """One CE queue that leads to a PanDA queue."""

    key: str
    record: Record
    ce: Record
    flavour: str
    endpoint: Endpoint
    measures: Measures

    @property
    def resource(self) -> str:
        """The PanDA queue as PanDA knows it."""
        return text(self.record.get("panda_resource")) or text(self.record.get("siteid")) or self.key

    @property
    def identity(self) -> tuple[str, ...]:
        """Where pilots go: two with the same are one."""
        return (self.key, self.flavour, self.endpoint.url, self.measures.queue)

    @property
    def place(self) -> str:
        """The same within the PanDA queue, for people."""
        return f"{self.endpoint.host}:{self.endpoint.port} {self.measures.queue}".strip()

    @property
    def age(self) -> tuple[int, tuple[str, ...]]:
        """What sorts older CE queues before newer ones: their numbers rise."""
        return (positive(self.ce.get("ce_queue_id")) or 0, self.identity)

    def value(self, name: str) -> Any:
        """The value of a field as the catalogue has it: of the CE queue, or of the PanDA queue."""
        found = self.ce.get(name)
        return look_up(self.record, name) if found is None else found

    def computed(self) -> dict[str, Any]:
        """Values with their units, and those that the two generations of the catalogue call differently."""
        measures = self.measures
        memory, seconds = measures.memory, measures.seconds
        return {
            "nickname": self.key,
            "panda_resource": self.resource,
            "host": self.endpoint.host,
            "port": self.endpoint.port,
            "endpoint": self.endpoint.url,
            "flavour": self.flavour,
            "ce_queue": measures.queue,
            "cores": measures.cores,
            "memory": None if memory is None else f"{memory}MiB",
            "memory_per_core": None if memory is None else f"{-(-memory // measures.cores)}MiB",
            "wall_time": None if seconds is None else f"{seconds}s",
        }


def enter(key: str, record: Any, rules: Rules) -> Iterator[Entrance | Refusal]:
    """The entrances of one PanDA queue, and why it, or any of its CE queues, gives none."""
    if not isinstance(record, Mapping):
        yield Refusal(key=key, reason="is no record of a queue")
        return
    faults = list(select(record, rules.select, USUAL))
    ces = list_ces(record)
    if faults or not ces:
        yield Refusal(key=key, reason="; ".join(faults) or "has no CE: `queues` is empty")
        return
    found: dict[tuple[str, ...], Entrance] = {}
    for ce in ces:
        try:
            entrance = look_at(key, record, ce, rules)
        except ValueError as error:
            yield Refusal(key=key, place=describe(ce), reason=str(error))
            continue
        if found.setdefault(entrance.identity, entrance) is not entrance:
            yield Refusal(key=key, place=entrance.place, reason="stands there twice")
    yield from make_way(found.values())


def look_at(key: str, record: Record, ce: Record, rules: Rules) -> Entrance:
    """One CE queue; `ValueError` says why it cannot be used."""
    faults = list(select(ce, rules.ces, USUAL_CE))
    if faults:
        raise ValueError("; ".join(faults))
    flavour = text(ce.get("ce_flavour")).lower()
    if flavour not in rules.flavours:
        raise ValueError(f"there is no template for its ce_flavour, {flavour or 'which is empty'}")
    endpoint = read_endpoint(text(ce.get("ce_endpoint")), flavour)
    measures = measure(record, ce)
    return Entrance(key=key, record=record, ce=ce, flavour=flavour, endpoint=endpoint, measures=measures)


def make_way(entrances: Collection[Entrance]) -> Iterator[Entrance | Refusal]:
    """Those with a named queue; one without gives way to them at the same CE, which it also leads to."""
    named = {one.endpoint: one.measures.queue for one in entrances if one.measures.queue}
    for one in entrances:
        better = "" if one.measures.queue else named.get(one.endpoint, "")
        reason = f"gives way to queue {better!r} of the same CE"
        yield Refusal(key=one.key, place=one.place, reason=reason) if better else one


def list_ces(record: Record) -> list[Record]:
    """The CE queues of a record; what is none is passed over."""
    found = record.get("queues")
    return [ce for ce in found if isinstance(ce, Mapping)] if isinstance(found, list) else []


def describe(ce: Record) -> str:
    """A CE queue as the catalogue writes it."""
    name = text(ce.get("ce_endpoint")) or text(ce.get("ce_name")) or "a CE"
    return f"{name} {text(ce.get('ce_queue_name'))}".strip()
