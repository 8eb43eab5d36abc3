"""Frames: messages arrive whole, or the reader hears that they never will."""

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients import frames
from autopyfactory.clients.frames import Frames

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def pair() -> tuple[Frames, Frames]:
    one, two = os.pipe(), os.pipe()
    return Frames(one[0], two[1]), Frames(two[0], one[1])


@pytest.fixture
def ends() -> Iterator[tuple[Frames, Frames]]:
    here, there = pair()
    yield here, there
    here.close()
    there.close()


@given(st.lists(JSON, max_size=5))
def test_what_is_sent_is_received_in_order(messages: list[Any]) -> None:
    here, there = pair()
    for message in messages:
        here.send(message)
    assert [there.receive(time.monotonic() + 5) for _ in messages] == messages
    here.close()
    there.close()


@pytest.mark.parametrize(
    "nonsense", [frames.HEADER.pack(frames.LIMIT + 1), frames.HEADER.pack(4) + b"{non", b"\0\0\0\1\xff"]
)
def test_what_came_before_nonsense_is_heard_first(ends: tuple[Frames, Frames], nonsense: bytes) -> None:
    here, there = ends
    for message in ("one", "two"):
        there.send(message)
    os.write(there._outgoing, nonsense)
    for message in ("one", "two"):
        assert here.receive(time.monotonic() + 5) == message
        assert here.has_something()
    with pytest.raises(EOFError, match="no message"):
        here.receive(time.monotonic() + 5)


def test_what_there_is_room_for_is_taken_though_nobody_reads(ends: tuple[Frames, Frames]) -> None:
    here, there = ends
    for size in (10, 2_040, 2_100, 4_200, 9_000):
        here.send("x" * size)
        sent = 1
        while here.has_room():
            here.send("x" * size, time.monotonic())  # it would not wait
            sent += 1
        assert sent * (size + 6) > 2**16 * 0.4
        assert [len(there.receive(time.monotonic() + 5)) for _ in range(sent)] == [size] * sent


@given(st.lists(JSON, min_size=1, max_size=5), st.integers(1, 40))
def test_messages_may_come_in_any_pieces(messages: list[Any], size: int) -> None:
    here, there = pair()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "CHUNK", size)
        for message in messages:
            here.send(message)
        assert [there.receive(time.monotonic() + 5) for _ in messages] == messages
    assert not there.has_something()
    here.close()
    there.close()


def test_a_message_longer_than_a_pipe_arrives_while_somebody_reads(ends: tuple[Frames, Frames]) -> None:
    here, there = ends
    long = ["x" * 1000] * 1000
    thread = threading.Thread(target=here.send, args=(long, time.monotonic() + 10))
    thread.start()
    assert there.receive(time.monotonic() + 10) == long
    thread.join()


def test_nothing_said_until_the_deadline_is_a_timeout(ends: tuple[Frames, Frames]) -> None:
    with pytest.raises(TimeoutError):
        ends[0].receive(time.monotonic() + 0.05)


def test_nobody_reading_until_the_deadline_is_a_timeout(ends: tuple[Frames, Frames]) -> None:
    with pytest.raises(TimeoutError):
        ends[0].send("x" * 10**6, time.monotonic() + 0.05)


def test_the_end_of_the_other_is_heard_even_in_the_middle_of_a_message(ends: tuple[Frames, Frames]) -> None:
    here, there = ends
    there._outgoing, whole = -1, there._outgoing
    os.write(whole, frames.HEADER.pack(100) + b'{"half')
    os.close(whole)
    with pytest.raises(EOFError):
        here.receive(time.monotonic() + 5)


def test_the_end_of_the_other_is_heard_by_who_sends(ends: tuple[Frames, Frames]) -> None:
    here, there = ends
    there.close()
    with pytest.raises(EOFError):
        here.send("anything", time.monotonic() + 5)


def test_a_length_beyond_all_measure_is_no_message(ends: tuple[Frames, Frames]) -> None:
    here, there = ends
    os.write(there._outgoing, frames.HEADER.pack(frames.LIMIT + 1))
    with pytest.raises(EOFError, match="no message"):
        here.receive(time.monotonic() + 5)
