"""Facts are kept field by field."""

from dataclasses import dataclass

import pytest

from autopyfactory.history.coders import Plain
from autopyfactory.history.facts import Facts, Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    count: int
    name: str = "nobody"


FACTS = Facts(Fact, [Field("count", Plain()), Field("name", Plain(), lambda: "nobody")])


def test_a_field_that_came_later_has_its_default_and_one_that_left_is_passed_over():
    assert FACTS.unpack({"count": [1, 2], "age": [5]}, 2) == [Fact(count=1), Fact(count=2)]


def test_a_field_without_a_default_must_be_there():
    with pytest.raises(KeyError, match=r"Fact\.count"):
        FACTS.unpack({"name": ["a"]}, 1)
    assert FACTS.unpack({}, 0) == []


def test_a_fact_of_one_field_is_written_like_the_others():
    coder = Facts(Fact, [Field("count", Plain())])
    assert coder.row(Fact(count=3), {}) == [3]
