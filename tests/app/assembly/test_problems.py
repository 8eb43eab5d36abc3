"""Problems are lines that an operator understands: the file, the place, the mend."""

from dataclasses import asdict

import pytest

from assembling import configure
from autopyfactory.app.assembly.problems import Findings, write_path, write_problem
from autopyfactory.configuration import Problem


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("site.toml", "queue.A", "policies[2]"), "site.toml: [queue.A] policies[2]: wrong"),
        (("site.toml", "queue.A", ""), "site.toml: [queue.A]: wrong"),
        (("site.toml", "", ""), "site.toml: wrong"),
        (("", "queue.A", "weight"), "[queue.A] weight: wrong"),
        (("", "", ""), "wrong"),
    ],
)
def test_a_problem_as_a_line(place, line):
    file, section, key = place
    assert str(Problem(file=file, section=section, key=key, text="wrong")) == line


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("policies", 2, "limit"), "policies[2].limit"),
        (("policy", "a-b", "limit_1"), "policy.a-b.limit_1"),
        (("work", "two words", ""), "work.'two words'.''"),
        (("x" * 100,), "'" + "x" * 77 + "...'"),
    ],
)
def test_a_path_as_in_a_file(path, text):
    assert write_path(path) == text


def test_findings_name_the_file_and_stand_once_in_the_order_of_finding():
    found = Findings(configure("[queue.A]", "[queue.B]\n[defaults.grid]"))
    second = found.add(("queue", "B"), ("policies", 0, "limit"), "wrong")
    first = found.add(("queue", "A"), (), "wrong")
    again = found.add(("queue", "B"), ("policies", 0, "limit"), "wrong")
    kind = found.add(("defaults", "grid"), ("pilot", "cores"), "wrong")
    assert list(found) == [second, first, kind]
    assert again == second
    assert (first.file, second.file, kind.file) == ("site.toml", "1.toml", "1.toml")
    assert str(kind) == "1.toml: [defaults.grid] pilot.cores: wrong"


def test_a_problem_that_came_as_data_reads_the_same():
    problem = Problem(file="site.toml", section="queue.A", key="weight", text="wrong")
    assert write_problem(asdict(problem)) == str(problem)
