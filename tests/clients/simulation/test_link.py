"""The line to a simulator starts it, survives its end, and gives up in time."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.simulation.link import Link
from autopyfactory.clients.simulation.process import listening
from autopyfactory.clients.simulation.simulator import Setup
from autopyfactory.errors import Unavailable
from autopyfactory.testing import until

MakeLink = Callable[..., Link]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "simulated" / "pool.socket"


@pytest.fixture
def link(path: Path) -> Iterator[MakeLink]:
    """Makes links; all are closed, and the simulator is gone after the test."""
    made: list[Link] = []

    def make(seconds: float = 30.0, **setup: Any) -> Link:
        made.append(Link(path, Setup.model_validate(setup), seconds))
        return made[-1]

    yield make
    for one in made:
        one.close(end=True)
    assert until(lambda: not path.exists())


def supply(link: Link) -> Any:
    return link.ask(do="supply", factory="us", queues=["ALPHA"])[0]["ALPHA"]


def submit(link: Link, count: int) -> Any:
    return link.ask(do="submit", factory="us", queue="ALPHA", count=count, tag="tag")[0]


def test_one_simulator_serves_all_links(link: MakeLink) -> None:
    one, two = link(), link()
    assert submit(one, 2) == ["1", "2"]
    assert supply(two)[3] == 2


def test_many_who_start_it_at_once_find_the_same(link: MakeLink) -> None:
    links = [link() for _ in range(5)]
    threads = [threading.Thread(target=submit, args=[one, 1]) for one in links]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert supply(links[0])[3] == 5


def test_a_simulator_that_is_kept_is_found_again(link: MakeLink) -> None:
    first = link()
    submit(first, 3)
    first.close(end=False)
    assert supply(link())[3] == 3


def test_a_simulator_that_is_not_kept_begins_anew(link: MakeLink) -> None:
    first = link()
    submit(first, 3)
    first.close(end=True)
    assert supply(link())[3] == 0


def test_it_is_one_process_and_no_child_of_ours(link: MakeLink, path: Path) -> None:
    supply(link())
    assert until(lambda: len(parents(path)) == 1)
    assert parents(path) != [os.getpid()]


def parents(path: Path) -> list[int]:
    """The parents of all processes that serve at `path`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str(path).encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(int((process / "stat").read_text().rpartition(")")[2].split()[1]))
    return found


def test_an_outage_leaves_things_untouched(link: MakeLink) -> None:
    with pytest.raises(Unavailable, match="has an outage") as caught:
        supply(link(outages=[{"after": 0, "lasts": "1h"}]))
    assert caught.value.untouched


def test_a_late_answer_is_uncertain_and_the_next_question_is_asked_anew(link: MakeLink) -> None:
    supply(link())  # the next ones need not wait for its start
    slow = link(2.0, answer_delay={"mean": "2.5s"})
    with pytest.raises(Unavailable, match="gave no answer: ") as caught:
        submit(slow, 2)
    assert not caught.value.untouched
    assert until(lambda: supply(link())[3] == 2)


def test_a_simulator_that_does_not_answer_is_given_up_in_time(path: Path) -> None:
    link = Link(path, Setup(), 0.5)
    with listening(path):
        began = time.monotonic()
        with pytest.raises(Unavailable, match="does not answer") as caught:
            supply(link)
    assert caught.value.untouched
    assert time.monotonic() - began < 10


def test_a_start_that_takes_too_long_is_given_up(path: Path) -> None:
    with pytest.raises(Unavailable, match=r"no simulator started at .*timed out") as caught:
        supply(Link(path, Setup(), 0.01))
    assert caught.value.untouched


def test_a_place_where_none_can_start_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        Unavailable, match=r"no simulator started at .*/file/socket: .*Error: .*file"
    ) as caught:
        supply(Link(tmp_path / "file" / "socket", Setup(), 30.0))
    assert caught.value.untouched


def test_a_line_that_is_cut_is_uncertain(path: Path) -> None:
    link = Link(path, Setup(), 30.0)
    with listening(path) as listener:
        assert listener is not None
        thread = threading.Thread(target=cut_after_greeting, args=[listener])
        thread.start()
        with pytest.raises(Unavailable, match="gave no answer: the line was cut") as caught:
            supply(link)
        thread.join(20)
    assert not caught.value.untouched


def cut_after_greeting(listener: socket.socket) -> None:
    line, _ = listener.accept()
    with line:
        line.recv(2**16)
        line.sendall(b"{}\n")
        line.recv(2**16)


def test_closing_wakes_who_waits_for_an_answer(link: MakeLink) -> None:
    asked = link(outages=[{"after": 0, "lasts": "3s", "hangs": True}])
    said: list[str] = []

    def ask() -> None:
        with pytest.raises(Unavailable) as caught:
            supply(asked)
        said.append(str(caught.value))

    thread = threading.Thread(target=ask)
    thread.start()
    assert until(lambda: asked._line is not None)
    asked.close(end=False)
    thread.join(20)
    assert "gave no answer" in said[0]
    with pytest.raises(Unavailable, match="was let go") as caught:
        supply(asked)
    assert caught.value.untouched


def test_a_link_closed_while_it_connects_keeps_no_line(path: Path) -> None:
    link = Link(path, Setup(), 30.0)
    one, other = socket.socketpair()
    link.close(end=False)
    assert link._keep(one).fileno() == -1
    other.close()
