"""Descriptions that are kept: whatever changes from one submission of a queue to the next is in them."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from autopyfactory.clients.condor import descriptions as module
from autopyfactory.clients.condor.descriptions import Descriptions
from autopyfactory.clients.condor.job import Marks, describe, stamp
from autopyfactory.clients.condor.options import Job
from autopyfactory.clients.condor.spool import spooled

MARKS = Marks(factory="F1", queue="Q", host="f1", folder="/logs/2030-01-31/Q")
JOB = Job.model_validate({"executable": "/bin/sleep", "max_idle": 5})
OTHERS = {field.name: "/another" for field in fields(Marks)}
NEXT = [
    (JOB, MARKS),
    (JOB.model_copy(update={"cores": 8}), MARKS),
    *((JOB, replace(MARKS, **{name: value})) for name, value in OTHERS.items()),
]


@pytest.mark.parametrize(("job", "marks"), NEXT)
def test_each_is_written_as_if_it_were_the_first(job: Job, marks: Marks) -> None:
    descriptions = Descriptions()
    descriptions.write(JOB, MARKS, "t1", 20)
    assert descriptions.write(job, marks, "t2", 5) == stamp(describe(job, marks), "t2", 5)
    assert descriptions.write(JOB, MARKS, "t3", 7) == stamp(describe(JOB, MARKS), "t3", 7)


def test_two_that_are_alike_are_described_once(monkeypatch: pytest.MonkeyPatch) -> None:
    described = []
    monkeypatch.setattr(
        module, "describe", lambda job, marks: described.append(marks) or describe(job, marks)
    )
    descriptions = Descriptions()
    for folder in ("/logs/1", "/logs/1", "/logs/2", "/logs/2"):
        descriptions.write(JOB, replace(MARKS, folder=folder), "t", 1)
    assert [marks.folder for marks in described] == ["/logs/1", "/logs/2"]


def test_who_changes_one_changes_no_other() -> None:
    descriptions = Descriptions()
    descriptions.write(JOB, MARKS, "t1", 20).clear()
    assert descriptions.write(JOB, MARKS, "t1", 20) == stamp(describe(JOB, MARKS), "t1", 20)


def test_those_of_spooled_pilots_say_so() -> None:
    kept = timedelta(hours=2)
    written = Descriptions(kept).write(JOB, MARKS, "t1", 1)
    assert written == stamp(spooled(describe(JOB, MARKS), kept), "t1", 1)
    assert "leave_in_queue" in written
