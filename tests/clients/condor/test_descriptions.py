"""Descriptions that are kept: whatever changes from one submission of a queue to the next is in them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autopyfactory.clients.condor import descriptions as module
from autopyfactory.clients.condor.descriptions import Description, Descriptions
from autopyfactory.clients.condor.job import Marks, describe, stamp, text
from autopyfactory.clients.condor.options import Job
from autopyfactory.clients.condor.spool import spooled
from autopyfactory.model import CredentialType, Order

JOB = Job.model_validate({"executable": "/bin/sleep"})
FIRST = Order(queue="Q", pilot=JOB, count=20, tag="t1")
NEXT: dict[str, dict[str, Any]] = {
    "like the first": {},
    "another pilot": {"pilot": JOB.model_copy(update={"cores": 8})},
    "pilots that are made late": {"pilot": JOB.model_copy(update={"max_idle": 5})},
    "another proxy": {"credentials": {CredentialType.X509: Path("/proxy")}},
    "another token": {"credentials": {CredentialType.TOKEN: Path("/token")}},
    "another queue": {"queue": "R"},
}


class Clerk:
    """Makes the marks of orders, on a day that the test says, and writes each anew."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.day = 7
        self.marked: list[str] = []  # the folders of all marks that were made
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: self.day * 86_400.0))

    def find(self, descriptions: Descriptions, order: Order[Job]) -> Description:
        def mark() -> Marks:
            marks = self.marks(order)
            self.marked.append(marks.folder)
            return marks

        return descriptions.find(order.queue, order.pilot, order.credentials, mark)

    def marks(self, order: Order[Job]) -> Marks:
        names = {type.value: str(file) for type, file in order.credentials.items()}
        proxy, token = names.get("x509", ""), names.get("token", "")
        folder = f"/logs/{self.day}/{order.queue}"
        return Marks(factory="F1", queue=order.queue, host="f1", folder=folder, proxy=proxy, token=token)

    def written(self, order: Order[Job], kept: timedelta | None = None) -> str:
        commands = describe(order.pilot, self.marks(order))
        if kept is not None:
            commands = spooled(commands, kept)
        return text(commands | stamp(order.tag, order.count, late=order.pilot.max_idle is not None))


@pytest.fixture
def clerk(monkeypatch: pytest.MonkeyPatch) -> Clerk:
    return Clerk(monkeypatch)


@pytest.mark.parametrize("days", [0, 1])
@pytest.mark.parametrize("changes", NEXT.values(), ids=NEXT.keys())
def test_each_is_written_as_if_it_were_the_first(clerk: Clerk, changes: dict[str, Any], days: int) -> None:
    descriptions = Descriptions()
    clerk.find(descriptions, FIRST)
    clerk.day += days
    for order in (replace(FIRST, tag="t2", count=5, **changes), replace(FIRST, tag="t3", count=7)):
        found = clerk.find(descriptions, order)
        assert found.stamped(order.tag, order.count) == clerk.written(order)
        assert found.folder == clerk.marks(order).folder


def test_those_that_are_alike_are_described_once_a_day(clerk: Clerk) -> None:
    descriptions = Descriptions()
    for day in (1, 1, 1, 2, 2):
        clerk.day = day
        clerk.find(descriptions, replace(FIRST, tag=f"t{day}"))
    assert clerk.marked == ["/logs/1/Q", "/logs/2/Q"]


def test_those_of_spooled_pilots_say_so(clerk: Clerk) -> None:
    kept = timedelta(hours=2)
    written = clerk.find(Descriptions(kept), FIRST).stamped("t1", 20)
    assert written == clerk.written(FIRST, kept)
    assert "leave_in_queue" in written
