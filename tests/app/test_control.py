"""How commands and the daemon talk."""

import errno
import json
import socket
import stat
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.app import control
from autopyfactory.app.control import ControlSocket, NoDaemon, address, ask, runs
from autopyfactory.errors import ConfigError, FactoryError, Unavailable
from autopyfactory.testing import until


def refuse(error: Exception) -> Mapping[str, Any]:
    raise error


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose daemon answers."""
    release = threading.Event()
    answers = {
        "echo": lambda request: {"said": request["word"]},
        "wrong": lambda _: refuse(ConfigError("mend this")),
        "down": lambda _: refuse(Unavailable("not now")),
        "broken": lambda _: refuse(RuntimeError("a bug")),
        "slow": lambda _: {"waited": release.wait(60)},
        "large": lambda _: {"text": "x" * 3_000_000},
    }
    server = ControlSocket(tmp_path, answers)
    server.open()
    yield tmp_path
    release.set()
    server.close()
    server.close()
    assert not server.path.exists()


def say(folder: Path, line: bytes) -> Any:
    """Send a raw line and return what comes back."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        with address(folder / "control.sock") as name:
            connection.connect(name)
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        return json.loads(control.read_line(connection, longest=None))


def test_a_request_gets_its_answer(folder: Path) -> None:
    assert ask(folder, {"ask": "echo", "word": "hello"})["said"] == "hello"
    assert runs(folder)


def test_an_answer_may_be_long(folder: Path) -> None:
    assert len(ask(folder, {"ask": "large"})["text"]) == 3_000_000


def test_the_socket_is_for_its_owner_alone(folder: Path) -> None:
    assert stat.S_IMODE((folder / "control.sock").stat().st_mode) == 0o600


def test_an_error_comes_back_as_what_it_was(folder: Path) -> None:
    with pytest.raises(ConfigError, match="mend this"):
        ask(folder, {"ask": "wrong"})
    with pytest.raises(FactoryError, match="not now") as caught:
        ask(folder, {"ask": "down"})
    assert not isinstance(caught.value, ConfigError)


def test_a_bug_in_an_answer_is_told_and_the_next_request_is_answered(folder: Path) -> None:
    with pytest.raises(FactoryError, match="RuntimeError: a bug"):
        ask(folder, {"ask": "broken"})
    assert ask(folder, {"ask": "echo", "word": 1})["said"] == 1


def test_an_unknown_request_is_told_the_known_ones(folder: Path) -> None:
    with pytest.raises(FactoryError, match="known are broken, down, echo"):
        ask(folder, {"ask": "stop"})


@pytest.mark.parametrize("line", [b"", b"no json\n", b"[1]\n", b"[" * 60_000, b"\xff\n", b"x" * 70_000])
def test_what_is_no_request_is_answered_so(folder: Path, line: bytes) -> None:
    assert "one line of JSON" in say(folder, line)["error"]


def test_a_slow_answer_delays_no_other(folder: Path) -> None:
    thread = threading.Thread(target=lambda: ask(folder, {"ask": "slow"}, 60))
    thread.start()
    assert ask(folder, {"ask": "echo", "word": 2}, 10)["said"] == 2
    with pytest.raises(FactoryError, match="gave no answer"):
        ask(folder, {"ask": "slow"}, 0.1)
    assert thread.is_alive()


def test_beyond_its_talkers_it_hangs_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as first:
        crowd = [socket.socket(socket.AF_UNIX) for _ in range(control.TALKERS)]
        for connection in crowd:
            connection.connect(str(folder / "control.sock"))
        first.settimeout(30)
        first.connect(str(folder / "control.sock"))
        assert first.recv(1) == b""
        for connection in crowd:
            connection.close()
    assert until(lambda: talks(folder))


def talks(folder: Path) -> bool:
    try:
        return bool(ask(folder, {"ask": "echo", "word": True})["said"])
    except FactoryError:
        return False


def test_without_a_thread_it_hangs_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*arguments: object, **options: object) -> None:
        raise Unavailable("no thread")

    with monkeypatch.context() as patch:
        patch.setattr(control, "start_thread", none_left)
        with pytest.raises(FactoryError, match="gave no answer"):
            ask(folder, {"ask": "echo", "word": 1})
    assert ask(folder, {"ask": "echo", "word": 3})["said"] == 3


def test_without_an_open_file_to_spare_it_waits_until_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    class Poor(socket.socket):
        def accept(self) -> Any:
            if not tried.is_set():
                tried.set()
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    with monkeypatch.context() as patch:
        patch.setattr(control.socket, "socket", Poor)
        server = ControlSocket(tmp_path, {"status": lambda _: {"fine": True}})
        server.open()
    assert tried.wait(30)
    assert ask(tmp_path, {"ask": "status"})["fine"]
    server.close()


def test_without_a_daemon_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoDaemon, match="there is no"):
        ask(tmp_path, {"ask": "status"})
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "control.sock"))
    with pytest.raises(NoDaemon, match="left over from a dead one"):
        ask(tmp_path, {"ask": "status"})
    assert not runs(tmp_path)


def test_a_socket_left_over_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "control.sock").touch()
    server = ControlSocket(tmp_path, {"status": lambda _: {}})
    server.open()
    assert ask(tmp_path, {"ask": "status"}) == {"error": None}
    server.close()


def test_a_path_may_be_longer_than_an_address(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 50)
    folder.mkdir()
    server = ControlSocket(folder, {"status": lambda _: {"fine": True}})
    server.open()
    assert ask(folder, {"ask": "status"})["fine"]
    server.close()


def test_a_folder_that_is_gone_is_the_operators_to_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="control socket"):
        ControlSocket(tmp_path / "gone", {}).open()
