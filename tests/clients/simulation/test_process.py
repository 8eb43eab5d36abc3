"""A simulator's process is found by its socket, is alone there, and ends when nobody wants it."""

import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autopyfactory.clients.simulation import process as simulator_process
from autopyfactory.clients.simulation.link import say
from autopyfactory.clients.simulation.process import Attendance, Server, listening, main, short_path
from autopyfactory.clients.simulation.simulator import Setup, Simulator
from autopyfactory.testing import until

SETUP = {"slots": 5}
SUPPLY = {"do": "supply", "factory": "us", "queues": ["ALPHA"]}


@contextmanager
def serving(path: Path, linger: str = "10m") -> Iterator[threading.Thread]:
    """A server in a thread, which must have ended when the block does."""

    def serve() -> None:
        with listening(path) as listener:
            assert listener is not None
            Server(Simulator(Setup.model_validate({"linger": linger}))).serve(listener)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert until(path.is_socket)
    yield thread
    thread.join(20)
    assert not thread.is_alive()
    assert not path.exists()


def dial(path: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    with short_path(path) as name:
        assert until(lambda: line.connect_ex(name) == 0)
    return line


def soon() -> float:
    return time.monotonic() + 20.0


def test_it_serves_until_its_last_client_leaves_after_one_asked_it_to_end(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with serving(path) as thread, dial(path) as line:
        assert say(line, {"setup": SETUP}, soon()) == {}
        assert "ALPHA" in say(line, SUPPLY, soon())["answer"]
        with dial(path) as other:
            assert say(other, None, soon()) == {}
        assert "ALPHA" in say(line, SUPPLY, soon())["answer"]
        assert thread.is_alive()


def test_a_new_client_is_a_reason_to_stay(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with serving(path) as thread, dial(path) as last:
        with dial(path) as line:
            say(line, None, soon())
        with dial(path) as line:
            say(line, {"setup": SETUP}, soon())
        thread.join(4 * simulator_process.TICK)
        assert thread.is_alive()
        say(last, None, soon())


def test_who_comes_after_the_end_is_turned_away() -> None:
    attendance = Attendance()
    assert attendance.enter()
    attendance.leave(last_words=True)
    assert not attendance.enter()
    assert attendance.is_over(linger=1000.0)


def test_it_ends_when_nobody_came_for_long_enough(tmp_path: Path) -> None:
    with serving(tmp_path / "socket", linger="100ms"):
        pass


def test_a_client_that_leaves_under_its_question_harms_nobody(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with serving(path):
        with dial(path) as line:
            say(line, {"setup": {"answer_delay": {"mean": "200ms"}}}, soon())
            line.sendall(b'{"do": "submit", "factory": "us", "queue": "ALPHA", "count": 2, "tag": "t"}\n')
        with dial(path) as line:
            assert until(lambda: say(line, SUPPLY, soon())["answer"]["ALPHA"][3] == 2)
            say(line, None, soon())


def test_only_one_serves_at_a_place_and_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "socket"
    path.parent.mkdir()
    path.touch()  # left by one that was killed
    with listening(path) as first, listening(path) as second:
        assert first is not None
        assert second is None
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with listening(path) as third:
        assert third is not None


def test_a_place_may_lie_deep(tmp_path: Path) -> None:
    path = tmp_path / ("deep" * 30) / "socket"
    with listening(path) as listener:
        assert listener is not None
        with dial(path) as line:
            assert line.fileno() > 0


def test_the_program_serves_after_it_detached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, detached = tmp_path / "socket", threading.Event()
    monkeypatch.setattr(simulator_process, "detach", detached.set)
    thread = threading.Thread(target=main, args=[str(path), '{"linger": "100ms"}'], daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert detached.is_set()


def test_the_program_ends_where_another_one_serves(tmp_path: Path) -> None:
    with listening(tmp_path / "socket"):
        main(str(tmp_path / "socket"), "{}")
