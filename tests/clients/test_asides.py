"""Asides tell requests apart, and which are acted upon, without making anybody wait."""

import contextlib
import os
from collections.abc import Iterator

import pytest

from autopyfactory.clients.asides import ACTING, KEPT, LAG, Asides, Chatter


@pytest.fixture
def chatter(pipe: tuple[int, int]) -> Iterator[Chatter]:
    chatter = Chatter(pipe[0])
    yield chatter
    chatter.close()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends; the reader of it closes its own."""
    incoming, outgoing = os.pipe()
    os.set_blocking(incoming, False)
    os.set_blocking(outgoing, False)
    yield incoming, outgoing
    os.close(outgoing)


@pytest.fixture
def asides(pipe: tuple[int, int]) -> Asides:
    return Asides(pipe[1])


def test_lines_belong_to_the_request_that_was_begun_before_them(
    pipe: tuple[int, int], asides: Asides, chatter: Chatter
) -> None:
    for words in (b"one\n\n more\n", b"two\n"):
        asides.begin()
        asides.act()
        os.write(pipe[1], words)
    chatter.turn()
    assert chatter.lines() == ["one", "more"]
    assert chatter.last_line() == "two"
    chatter.turn()
    assert chatter.lines() == ["two"]
    chatter.turn()
    assert chatter.lines() == ["two"]  # no other has begun
    assert chatter.last_line() == "two"


def test_only_a_request_that_has_begun_is_acted_upon(asides: Asides, chatter: Chatter) -> None:
    assert not chatter.acting()
    asides.begin()
    assert not chatter.acting()
    assert asides.act()
    assert chatter.acting()
    chatter.turn()  # it was answered
    assert not chatter.acting()
    asides.begin()
    assert not chatter.acting()
    assert asides.act()
    assert chatter.acting()


def test_who_cannot_say_it_knows_and_catches_up(
    pipe: tuple[int, int], asides: Asides, chatter: Chatter
) -> None:
    asides.begin()
    fill(pipe[1])
    assert not asides.act()
    chatter.turn()  # the first is answered, and the pipe read
    fill(pipe[1])
    asides.begin()
    assert not asides.act()  # that it has begun is still to be said
    chatter.turn()
    assert chatter.lines() == []
    asides.begin()
    assert asides.act()
    os.write(pipe[1], b"three\n")
    assert chatter.acting()
    chatter.turn()
    assert chatter.lines() == ["three"]
    assert not chatter.acting()


def fill(handle: int) -> None:
    """Write blanks until there is no room."""
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(handle, b" ")


def test_where_the_begin_was_not_heard_any_act_may_be_of_the_next(
    pipe: tuple[int, int], asides: Asides, chatter: Chatter
) -> None:
    chatter.turn()
    os.write(pipe[1], ACTING)
    assert chatter.acting()


def test_of_a_child_that_marks_nothing_only_the_last_words_are_kept(
    pipe: tuple[int, int], chatter: Chatter
) -> None:
    for _ in range(3 * LAG):
        fill(pipe[1])
        chatter.turn()
    assert len(chatter._heard) == KEPT


def test_words_without_a_reader_are_lost(pipe: tuple[int, int], asides: Asides) -> None:
    os.close(pipe[0])
    asides.begin()
    assert not asides.act()
