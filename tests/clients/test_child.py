"""A child: it answers, or it is surely dead, and one knows whether it may have acted."""

import contextlib
import errno
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.child import Child, Lost

PROGRAM = """
import os, signal, sys, time
from autopyfactory.clients.asides import Asides
from autopyfactory.clients.frames import Frames
asides = Asides()
frames = Frames(os.dup(0), os.dup(1))
while True:
    try:
        request = frames.receive()
    except EOFError:
        if "stubborn" in sys.argv:
            time.sleep(60)
        sys.exit()
    asides.begin()
    if "nap" in request:
        time.sleep(request["nap"])
    if request.get("acting") == "aside":
        asides.act()
    elif "acting" in request:
        frames.send({"acting": True})
    if "answer" in request:
        frames.send({"answer": request["answer"]})
    if "print" in request:
        print(request["print"], file=sys.stderr, flush=True)
        frames.send({"answer": None})
    if "die" in request:
        print("first line", "last words", sep="\\n", file=sys.stderr, flush=True)
        os._exit(request["die"])
    if "signal" in request:
        os.kill(os.getpid(), request["signal"])
    if "sleep" in request:
        time.sleep(request["sleep"])
"""

Make = Callable[..., Child]


def ask(child: Child, request: Any, seconds: float) -> dict[str, Any]:
    """The answer to a request before which there is no other."""
    child.send(request, seconds)
    return child.hear(seconds)


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Child] = []

    def make(*words: str, **options: Any) -> Child:
        command = [sys.executable, "-c", PROGRAM, *words]
        made.append(Child(command, environment=os.environ, **options))
        return made[-1]

    yield make
    for child in made:
        child.end()


def test_it_answers_one_request_after_another(make: Make) -> None:
    child = make()
    assert [ask(child, {"answer": number}, 10)["answer"] for number in range(3)] == [0, 1, 2]
    assert child.is_alive


@pytest.mark.parametrize("how", ["a frame", "aside"])
def test_the_note_that_it_acts_is_no_answer(make: Make, how: str) -> None:
    assert ask(make(), {"acting": how, "answer": 5}, 10) == {"answer": 5}


@pytest.mark.parametrize("acting", ["", "a frame", "aside"])
def test_who_takes_too_long_is_killed_and_one_knows_whether_it_acted(make: Make, acting: str) -> None:
    child, began = make(), time.monotonic()
    ask(child, {"answer": 0}, 10)
    request = {"sleep": 60} | ({"acting": acting} if acting else {})
    with pytest.raises(Lost, match=r"gave no answer within 0\.5 s and was killed") as caught:
        ask(child, request, 0.5)
    assert caught.value.acting == bool(acting)
    assert not child.is_alive
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"die": 3}, r"ended without an answer \(exit code 3: last words\)"),
        ({"signal": 9}, r"ended without an answer \(signal 9\)"),
    ],
)
def test_who_dies_is_missed_with_his_last_words(make: Make, request_: dict[str, int], words: str) -> None:
    with pytest.raises(Lost, match=words):
        ask(make(), request_, 10)


def test_what_it_printed_since_it_was_asked_is_there_to_read(make: Make) -> None:
    child = make()
    assert child.printed() == []
    ask(child, {"print": "old\n" * 10_000}, 10)
    ask(child, {"print": "\nERROR: it is\n wrong \n"}, 10)
    assert child.printed() == ["ERROR: it is", "wrong"]
    ask(child, {"answer": 0}, 10)
    assert child.printed() == []


def test_a_request_may_be_sent_before_the_one_in_front_of_it_is_answered(make: Make) -> None:
    child = make()
    child.send({"print": "first"}, 10)
    child.send({"print": "second"}, 10)
    assert child.hear(10) == {"answer": None}
    assert child.printed() == ["first"]
    assert child.hear(10) == {"answer": None}
    assert child.printed() == ["second"]


@pytest.mark.parametrize("how", ["a frame", "aside"])
def test_what_was_sent_behind_one_that_was_given_up_was_surely_not_begun(make: Make, how: str) -> None:
    child = make()
    child.send({"acting": how, "answer": 1}, 10)
    child.send({"acting": how, "sleep": 60}, 10)
    child.send({"acting": how, "answer": 3}, 10)
    assert child.hear(10) == {"answer": 1}
    for acting in (True, False):
        with pytest.raises(Lost, match=r"gave no answer within 0\.5 s and was killed") as caught:
            child.hear(0.5)
        assert caught.value.acting == acting


def test_who_takes_no_request_in_time_is_killed_when_its_answer_is_heard(make: Make) -> None:
    child = make()
    child.send({"sleep": 60}, 10)
    child.send({"answer": "x" * 2**20}, 0.3)
    with pytest.raises(Lost, match=r"gave no answer within 0\.3 s and was killed"):
        child.hear(10)


def test_an_answer_given_before_a_death_counts(make: Make) -> None:
    child = make()
    assert ask(child, {"answer": "done", "die": 1}, 10) == {"answer": "done"}
    with pytest.raises(Lost):
        ask(child, {"answer": "again"}, 10)


def test_all_that_is_said_before_a_kill_has_its_effect_counts(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, said = make(), []
    ask(child, {"answer": 0}, 10)
    kill = child.kill
    monkeypatch.setattr(child, "kill", lambda: (time.sleep(1.0), kill()))
    for request in (
        {"nap": 0.6, "answer": 1},
        {"answer": 2},
        {"acting": "aside", "sleep": 60},
        {"answer": 4},
    ):
        child.send(request, 10)
    for seconds in (0.2, 10):
        said.append(child.hear(seconds)["answer"])
        assert not child.is_alive
    for acting in (True, False):
        with pytest.raises(Lost, match=r"gave no answer within 0\.2 s and was killed") as caught:
            child.hear(10)
        assert caught.value.acting == acting
    assert said == [1, 2]


def test_a_kill_from_another_thread_wakes_who_waits(make: Make) -> None:
    child = make()
    ask(child, {"answer": 0}, 10)
    timer = threading.Timer(0.2, child.kill)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Lost, match="signal 9"):
        ask(child, {"sleep": 60}, 30)
    assert time.monotonic() - began < 5
    timer.join()


@pytest.mark.parametrize("words", [(), ("stubborn",)])
def test_an_end_takes_less_than_a_second_and_can_be_repeated(make: Make, words: tuple[str, ...]) -> None:
    child = make(*words)
    ask(child, {"answer": 0}, 10)
    began = time.monotonic()
    child.end()
    child.end()
    assert time.monotonic() - began < 1
    assert not child.is_alive


def open_files(pid: int | str = "self") -> set[str]:
    """What a process has open."""
    found = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the one that lists
            found.add(str(handle.readlink()))
    return found


def test_no_open_file_is_left(make: Make) -> None:
    before = open_files()
    for _ in range(3):
        child = make()
        ask(child, {"answer": 0}, 10)
        child.end()
    with pytest.raises(FileNotFoundError):
        Child(["/no/such/program"], environment={})
    assert {name for name in open_files() - before if name.startswith("pipe:")} == set()


@pytest.mark.parametrize("pipes", [0, 1, 2])
def test_without_a_pipe_to_spare_no_other_is_left_open(pipes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    spare = iter([os.pipe] * pipes)

    def poor() -> tuple[int, int]:
        for make_pipe in spare:
            return make_pipe()
        raise OSError(errno.EMFILE, "Too many open files")

    before = open_files()
    with monkeypatch.context() as patch:
        patch.setattr(os, "pipe", poor)
        with pytest.raises(OSError, match="Too many"):
            Child(["true"], environment={})
    assert {name for name in open_files() - before if name.startswith("pipe:")} == set()


def test_it_inherits_what_it_is_given_and_nothing_else(make: Make, tmp_path: Path) -> None:
    with (tmp_path / "given").open("w") as given, (tmp_path / "kept").open("w"):
        child = make(inherited=(given.fileno(),))
        ask(child, {"answer": 0}, 10)
        assert {name for name in open_files(child.pid) if name.startswith(str(tmp_path))} == {given.name}


def test_it_stands_in_a_session_of_its_own(make: Make) -> None:
    child = make()
    assert os.getsid(child.pid) == child.pid != os.getsid(0)
