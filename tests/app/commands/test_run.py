"""The daemon as a process: it starts alone, stops in time, and lets a follower take over."""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from autopyfactory.app.control import NoDaemon, ask
from autopyfactory.clients import locks
from autopyfactory.testing import until
from daemons import HANGING, HEAD, apf, daemon, status, write

LIMIT = 10.0  # seconds that a stop may take


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_a_matter_of_seconds_however_many_queues_hang(tmp_path: Path, number: int) -> None:
    config = write(tmp_path, [f"Q{number}" for number in range(200)], HANGING)
    with daemon(config) as process:
        assert until(lambda: len(status(config)) == 200)
        began = time.monotonic()
        process.send_signal(number)
        _, log = process.communicate(timeout=60)
        assert time.monotonic() - began < LIMIT
    assert process.returncode == 0
    assert "Traceback" not in log
    assert "the factory stops" in log


def test_a_reader_of_the_log_who_stands_still_delays_no_stop(tmp_path: Path) -> None:
    config = write(tmp_path, head=HEAD.replace("state =", 'log_level = "debug"\nstate ='))
    with daemon(config) as process:
        assert until(lambda: (status(config).get("A") or {}).get("state") == "fine")
        assert process.stderr is not None
        fill(process.stderr.fileno())
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert time.monotonic() - began < LIMIT


def fill(reader: int) -> None:
    """Fill the pipe that is read here."""
    writer = os.open(f"/proc/self/fd/{reader}", os.O_WRONLY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"x")
    os.close(writer)


def test_a_configuration_that_hangs_delays_no_stop(tmp_path: Path) -> None:
    config, writers = write(tmp_path), list[int]()
    with daemon(config) as process:
        assert until(lambda: "A" in status(config))
        config.unlink()
        os.mkfifo(config)
        process.send_signal(signal.SIGHUP)
        assert until(lambda: bool(writers) or listens(config, writers))
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
        assert time.monotonic() - began < LIMIT
    os.close(writers[0])
    assert process.returncode == 0
    assert "the factory has stopped" in log


def listens(pipe: Path, writers: list[int]) -> bool:
    """Whether somebody reads the pipe, who from then on waits for a writer that says nothing."""
    with suppress(OSError):
        writers.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
    return bool(writers)


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    config = write(tmp_path, ["A"], HANGING)
    with daemon(config) as process:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        log = ""
        while process.stderr is not None and "the factory stops" not in log:
            log = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert time.monotonic() - began < LIMIT / 2
    assert process.returncode in (0, 1)


def test_a_second_daemon_is_refused_and_told_whom_it_meets(tmp_path: Path) -> None:
    config = write(tmp_path)
    with daemon(config) as process:
        began = time.monotonic()
        second = apf("run", config)
        assert time.monotonic() - began < LIMIT
        assert second.returncode == 1
        assert f"another daemon runs: pid {process.pid} on " in second.stderr
        assert "A" in status(config)


def test_after_a_kill_the_next_one_takes_over(tmp_path: Path) -> None:
    config = write(tmp_path)
    with daemon(config) as process:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    with pytest.raises(NoDaemon, match="left over from a dead one"):
        ask(tmp_path / "state", {"ask": "status"})
    with daemon(config) as follower:
        assert until(lambda: "A" in status(config))
        assert follower.pid != process.pid


SLOW = """import json, pathlib, sys, time
question, folder = json.load(sys.stdin), pathlib.Path(sys.argv[1])
if question["do"] == "supply":
    print(json.dumps({"supply": {name: {"pending": 0, "running": 0} for name in question["queues"]}}))
if question["do"] == "submit":
    (folder / "began").touch()
    while not (folder / "go").exists():
        time.sleep(0.05)
    (folder / "done").touch()
"""


def test_after_a_kill_nobody_takes_over_while_a_command_of_the_dead_one_acts(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    words = [sys.executable, str(tmp_path / "slow.py"), str(tmp_path)]
    config = write(tmp_path, head=HANGING.replace('["sleep", "1000"]', json.dumps(words)))
    lock = str(tmp_path / "state" / "lock")
    with daemon(config) as process:
        assert until((tmp_path / "began").exists)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    try:
        assert locks.is_held_at(lock)
        assert not (tmp_path / "done").exists()
    finally:
        (tmp_path / "go").touch()
    assert until(lambda: not locks.is_held_at(lock))
    assert (tmp_path / "done").exists()


def test_it_keeps_its_state_to_itself_and_takes_the_socket_away(tmp_path: Path) -> None:
    config = write(tmp_path)
    state = tmp_path / "state"
    with daemon(config) as process:
        assert (state / "control.sock").stat().st_mode & 0o777 == 0o600
        assert state.stat().st_mode & 0o777 == 0o700
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert not (state / "control.sock").exists()


def test_a_hangup_reads_the_configuration_again(tmp_path: Path) -> None:
    config = write(tmp_path)
    with daemon(config) as process:
        assert until(lambda: (status(config).get("A") or {}).get("state") == "fine")
        write(tmp_path, ["A", "B"])
        process.send_signal(signal.SIGHUP)
        assert until(lambda: set(status(config)) == {"A", "B"})
        config.write_text("[factory")
        process.send_signal(signal.SIGHUP)
        assert until(lambda: ask(tmp_path / "state", {"ask": "status"})["broken"] is not None)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "the reload failed" in log
    assert "factory.toml" in log


def test_cycles_end_it_when_every_queue_has_run_them(tmp_path: Path) -> None:
    done = apf("run", write(tmp_path, ["A", "B"]), "--cycles", 2)
    assert done.returncode == 0
    assert "the factory has stopped: 4 cycles" in done.stderr


def test_a_wrong_queue_stops_no_right_one_but_shows_in_the_exit_code(tmp_path: Path) -> None:
    done = apf("run", write(tmp_path, ["A", "B"], tail="intervall = 1\n"), "--cycles", 1)
    assert done.returncode == 1
    assert "did you mean 'interval'?" in done.stderr
    assert "1 cycle, " in done.stderr


@pytest.mark.parametrize(
    ("head", "words"),
    [(HEAD, "[queue.NAME]"), (HEAD.replace("here", "there", 1) + "\n[queue.A]\n", "there")],
)
def test_without_a_queue_that_can_run_it_ends_with_2(tmp_path: Path, head: str, words: str) -> None:
    done = apf("run", write(tmp_path, [], head))
    assert done.returncode == 2
    assert words in done.stderr
    assert not (tmp_path / "state").exists()


def test_the_log_goes_to_a_file_that_may_be_rotated(tmp_path: Path) -> None:
    config = write(tmp_path, head=HEAD.replace("state =", 'log = "./apf.log"\nlog_level = "debug"\nstate ='))
    log, rotated = tmp_path / "apf.log", tmp_path / "apf.log.1"
    with daemon(config) as process:
        assert until(lambda: log.exists() and "A: nothing" in log.read_text())
        log.rename(rotated)
        assert until(log.exists)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert said == ""
    assert "has stopped" in log.read_text()
    assert rotated.read_text()[:4].isdigit()
