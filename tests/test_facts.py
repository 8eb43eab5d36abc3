"""A quick fact is the dataclass that it was: only its making is another."""

import copy
import inspect
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Generic, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory import model, view
from autopyfactory.facts import quick

P = TypeVar("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain(Generic[P]):
    """A fact."""

    count: int
    pilot: P | None = None
    words: tuple[str, ...] = ()
    name: str = field(default="none", compare=False)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Quick(Generic[P]):
    """A fact."""

    count: int
    pilot: P | None = None
    words: tuple[str, ...] = ()
    name: str = field(default="none", compare=False)


OPTIONS = st.fixed_dictionaries(
    {"count": st.integers()},
    optional={"pilot": st.integers(), "words": st.tuples(st.text()), "name": st.text()},
)


@given(OPTIONS)
def test_it_holds_and_reads_what_the_plain_one_does(values):
    plain, made = Plain(**values), Quick(**values)
    assert repr(made) == repr(plain).replace("Plain", "Quick")
    assert [getattr(made, part.name) for part in fields(made)] == [
        getattr(plain, part.name) for part in fields(plain)
    ]


@given(OPTIONS, OPTIONS)
def test_it_is_equal_and_hashed_like_the_plain_one(one, other):
    assert (Quick(**one) == Quick(**other)) == (Plain(**one) == Plain(**other))
    assert hash(Quick(**one)) == hash(Plain(**one))


@given(OPTIONS)
def test_it_can_be_copied_and_altered(values):
    made = Quick(**values)
    assert copy.copy(made) == copy.deepcopy(made) == made
    assert replace(made, count=7) == Quick(**{**values, "count": 7})


def test_it_stays_frozen():
    with pytest.raises(FrozenInstanceError):
        Quick(count=1).count = 2
    with pytest.raises(FrozenInstanceError):
        del Quick(count=1).count


@pytest.mark.parametrize("values", [{}, {"count": 1, "color": 2}])
def test_what_is_missing_or_unknown_is_named_as_ever(values):
    with pytest.raises(TypeError) as plain:
        Plain(**values)
    with pytest.raises(TypeError) as made:
        Quick(**values)
    assert str(made.value) == str(plain.value).replace("Plain", "Quick")


def test_its_signature_is_that_of_the_plain_one():
    assert inspect.signature(Quick) == inspect.signature(Plain)
    assert Quick.__init__.__qualname__ == "Quick.__init__"


def test_a_default_that_is_made_anew_each_time_is_refused():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Holder:
        parts: dict[str, int] = field(default_factory=dict)

    with pytest.raises(TypeError, match="Holder makes a default anew each time"):
        quick(Holder)


@pytest.mark.parametrize(
    "fact",
    [
        model.Demand,
        model.Supply,
        model.Sibling,
        model.Observation,
        model.Decision,
        model.Outcome,
        model.Report,
        view.GuardView,
    ],
)
def test_what_every_cycle_makes_is_quick(fact):
    assert fact.__init__.__wrapped__ is not None
