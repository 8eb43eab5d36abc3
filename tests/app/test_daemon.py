"""The daemon around a factory of fakes: it answers, reloads and stops."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.app import daemon as daemon_module
from autopyfactory.app.assembly.assemble import Assembly
from autopyfactory.app.control import ask
from autopyfactory.app.daemon import Daemon, complain
from autopyfactory.app.retention import cleaner as cleaner_module
from autopyfactory.configuration import Problem
from autopyfactory.errors import ConfigError, FactoryError, Unavailable
from autopyfactory.factory import Factory
from autopyfactory.model import Demand
from autopyfactory.plan import FactorySettings, Plan
from autopyfactory.testing import FakeWork, until
from autopyfactory.worker import Worker
from rig import Rig


class Scene:
    """A daemon that runs in this thread while `act` does something in another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rig = Rig()
        self.rig.clock.now = 0.0
        self.fake_source, self.source = self.rig.source({"work": Demand(ready=1)})
        self.fake_target, self.target = self.rig.target()
        self.factory = Factory(self.rig.cycle)
        self.next: Assembly | Exception = Assembly(plan=self.plan("a"), problems=())
        self.daemon = Daemon(self.factory, self.plan("a"), self._load)

    def plan(self, *names: str) -> Plan:
        """Queues that have a turn an hour, but for the one that is asked for; only `a` has work."""
        works = {name: FakeWork() if name == "a" else FakeWork(name=f"none for {name}") for name in names}
        plan = self.rig.plan(
            [
                self.rig.queue(self.source, self.target, name=name, work=work, interval=3600)
                for name, work in works.items()
            ]
        )
        return replace(plan, settings=FactorySettings(id="factory", grace="2s", guard={"max_pilots": None}))

    def _load(self, running: Plan) -> Assembly:
        if isinstance(self.next, Exception):
            raise self.next
        return self.next

    def run(self, act: Callable[[], Any]) -> Any:
        """The answer of `act`, or its error, after the daemon has ended."""
        results: list[Any] = []

        def work() -> None:
            assert until(lambda: (self.folder / "control.sock").exists())
            try:
                results.append(act())
            except Exception as error:
                results.append(error)
            os.kill(os.getpid(), signal.SIGTERM)

        thread = threading.Thread(target=work)
        thread.start()
        self.daemon.run(self.folder)
        thread.join(60)
        return results[0]

    def ask(self, **request: Any) -> Any:
        return ask(self.folder, request, 60)

    def ask_aside(self, **request: Any) -> None:
        """Ask in a thread, and let nobody hear the answer."""

        def work() -> None:
            with suppress(FactoryError):
                self.ask(**request)

        threading.Thread(target=work).start()


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(daemon_module, "set_up", lambda settings: None)
    scene = Scene(tmp_path)
    yield scene
    scene.rig.close()


def test_status_names_every_queue_and_what_it_waits_for(scene: Scene) -> None:
    told = scene.run(lambda: scene.ask(ask="status"))
    assert told["factory"] == "factory"
    assert told["pid"] == os.getpid()
    assert [(queue["queue"], queue["state"]) for queue in told["queues"]] == [("a", "waits")]


def test_logs_are_swept_as_the_plan_of_the_last_reload_says(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SOON", "HOUR"):
        monkeypatch.setattr(cleaner_module, name, 0.01)
    log = tmp_path / "logs" / "2020-01-31" / "a" / "1.0.out"
    log.parent.mkdir(parents=True)
    log.touch()
    os.utime(log, (1580000000, 1580000000))
    settings = FactorySettings(id="factory", grace="2s", logs=tmp_path / "logs", keep_days=30)

    def act() -> bool:
        scene.next = Assembly(plan=replace(scene.plan("a"), settings=settings), problems=())
        scene.ask(ask="reload")
        return until(lambda: not log.exists())

    assert scene.run(act) is True


def test_once_runs_a_cycle_and_tells_its_trail(scene: Scene) -> None:
    told = scene.run(lambda: scene.ask(ask="once", queue="a"))
    assert told["report"]["submitted"] == ["fake.1"]
    assert told["report"]["words"][-2:] == ["=> submitted 1", "   fake.1"]
    assert scene.factory.reports()["a"] is not None


def test_a_retirement_is_done_and_told(scene: Scene) -> None:
    def act() -> Any:
        scene.ask(ask="once", queue="a")
        return scene.ask(ask="retire", queue="a", count=1, now=True)

    told = scene.run(act)
    assert told["report"]["retired"] == ["fake.1"]
    assert told["report"]["words"][-2:] == ["=> retired 1", "   fake.1"]


@pytest.mark.parametrize("count", [0, -1, True, "3", None, 1.5, 10**12])
def test_a_retirement_of_no_number_is_refused(scene: Scene, count: object) -> None:
    told = scene.run(lambda: scene.ask(ask="retire", queue="a", count=count))
    assert isinstance(told, ConfigError)
    assert "count: so many pilots" in str(told)


def test_once_of_an_unknown_queue_is_refused(scene: Scene) -> None:
    told = scene.run(lambda: scene.ask(ask="once", queue="b"))
    assert isinstance(told, ConfigError)
    assert "no queue 'b'" in str(told)


def test_cycles_that_are_asked_for_at_once_follow_one_another(scene: Scene) -> None:
    def act() -> list[Any]:
        gate = scene.fake_target.hangs["supply"] = threading.Event()
        told: list[Any] = []
        threads = [
            threading.Thread(target=lambda: told.append(scene.ask(ask="once", queue="a"))) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        assert scene.fake_target.entered.wait(30)
        gate.set()
        for thread in threads:
            thread.join(60)
        return told

    told = scene.run(act)
    assert sorted(answer["report"]["cycle"] for answer in told) == [1, 2, 3]


def test_a_reload_starts_and_stops_queues_and_leaves_equal_ones_in_their_threads(scene: Scene) -> None:
    def thread(name: str) -> list[int]:
        return [thread.ident or 0 for thread in threading.enumerate() if thread.name == f"queue {name}"]

    def act() -> tuple[Any, list[int], list[int]]:
        assert until(lambda: bool(thread("a")))
        before = thread("a")
        scene.next = Assembly(plan=scene.plan("a", "b"), problems=())
        scene.ask(ask="reload")
        scene.next = Assembly(plan=scene.plan("a"), problems=())
        told = scene.ask(ask="reload")
        assert until(lambda: not thread("b"))
        return told, before, thread("a")

    told, before, after = scene.run(act)
    assert told["stopped"] == ["b"]
    assert (told["started"], told["changed"], told["kept"]) == ([], [], [])
    assert before == after
    assert len(before) == 1


def test_a_queue_whose_new_definition_is_wrong_is_kept_and_shown(scene: Scene) -> None:
    def act() -> tuple[Any, Any]:
        read = replace(scene.plan(), failed={"a": Rig.wrong("misspelt"), "c": Rig.wrong("misspelt, too")})
        problem = Problem(file="", section="queue.a", key="", text="misspelt")
        scene.next = Assembly(plan=read, problems=(problem,))
        return scene.ask(ask="reload"), scene.ask(ask="status")["queues"]

    told, queues = scene.run(act)
    assert told["kept"] == ["a"]
    assert told["problems"] == [{"file": "", "section": "queue.a", "key": "", "text": "misspelt"}]
    assert [(queue["queue"], queue["state"], queue["problems"][0]["text"]) for queue in queues] == [
        ("a", "kept", "misspelt"),
        ("c", "wrong", "misspelt, too"),
    ]


@pytest.mark.parametrize("error", [ConfigError("broken file"), ValueError("a bug")])
def test_a_reload_that_fails_leaves_all_as_it_was(scene: Scene, error: Exception) -> None:
    scene.next = error
    plan = scene.factory.plan

    def act() -> Any:
        try:
            return scene.ask(ask="reload")
        except FactoryError as told:
            return str(told), scene.ask(ask="status")["queues"][0]["queue"]

    words, queue = scene.run(act)
    assert str(error) in words
    assert queue == "a"
    assert plan is None


def test_a_signal_to_reload_is_heard_and_its_failure_logged(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.next = ConfigError("broken file")

    def act() -> bool:
        os.kill(os.getpid(), signal.SIGHUP)
        return until(lambda: "the reload failed: broken file" in caplog.text)

    assert scene.run(act)


def test_a_configuration_that_cannot_be_loaded_stays_in_the_status_until_one_can(scene: Scene) -> None:
    def look(error: str) -> Any:
        os.kill(os.getpid(), signal.SIGHUP)
        assert until(lambda: ((scene.ask(ask="status")["broken"] or {}).get("error", "")) == error)
        return scene.ask(ask="status")["broken"]

    def act() -> None:
        right = scene.next
        assert scene.ask(ask="status")["broken"] is None
        scene.next = ConfigError("line 3: broken")
        first = look("line 3: broken")
        scene.next = ConfigError("line 7: broken")
        assert look("line 7: broken")["since"] == first["since"]
        scene.next = right
        assert look("") is None

    scene.run(act)


def test_a_reading_that_hangs_delays_no_end(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    hang, reading = threading.Event(), threading.Event()

    def load(running: Plan) -> Assembly:
        reading.set()
        hang.wait(60)
        return Assembly(plan=running, problems=())

    scene.daemon = Daemon(scene.factory, scene.plan("a"), load)

    def act() -> bool:
        os.kill(os.getpid(), signal.SIGHUP)
        assert reading.wait(30)
        return bool(scene.ask(ask="status")["queues"])

    began = time.monotonic()
    assert scene.run(act)
    assert time.monotonic() - began < 30
    hang.set()
    assert until(lambda: "the reload failed" in caplog.text)


def test_reloads_follow_one_another(scene: Scene) -> None:
    entered: list[threading.Event] = []

    def load(running: Plan) -> Assembly:
        entered.append(threading.Event())
        if len(entered) == 1:
            entered[0].wait(60)
        return Assembly(plan=scene.plan("a", "b") if len(entered) > 1 else scene.plan("a"), problems=())

    scene.daemon = Daemon(scene.factory, scene.plan("a"), load)

    def act() -> Any:
        os.kill(os.getpid(), signal.SIGHUP)
        assert until(lambda: len(entered) == 1)
        threading.Timer(0.2, entered[0].set).start()
        return scene.ask(ask="reload")

    assert scene.run(act)["started"] == ["b"]


def test_the_first_signal_to_stop_says_when_the_end_is_due(scene: Scene) -> None:
    told: list[float] = []
    scene.daemon = Daemon(scene.factory, scene.plan("a"), scene._load, told.append)
    scene.run(lambda: None)
    assert told == [2.0]


def test_a_hangup_without_a_thread_for_it_is_logged(
    scene: Scene, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("no thread")

    def act() -> bool:
        monkeypatch.setattr(Worker, "put", fail)
        os.kill(os.getpid(), signal.SIGHUP)
        return until(lambda: "the reload failed: no thread" in caplog.text)

    assert scene.run(act)


def test_a_second_signal_to_stop_leaves_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []
    monkeypatch.setattr(daemon_module, "leave", left.append)
    hang = scene.fake_target.hangs["submit"] = threading.Event()

    def act() -> None:
        scene.ask_aside(ask="once", queue="a")
        assert scene.fake_target.entered.wait(30)
        assert until(lambda: bool(scene.fake_target.asked("submit")))
        os.kill(os.getpid(), signal.SIGTERM)
        assert until(lambda: not (scene.folder / "control.sock").exists())

    scene.run(act)
    hang.set()
    assert left == [1]


def test_what_was_not_ended_in_time_is_said(
    scene: Scene, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang = threading.Event()
    monkeypatch.setattr(scene.fake_target, "close", lambda: hang.wait(60))
    scene.run(lambda: None)
    hang.set()
    assert "not all ended within 2 s" in caplog.text


def test_it_speaks_now_and_then(
    scene: Scene, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "autopyfactory")
    monkeypatch.setattr(daemon_module, "SPEECH", 0.0)
    scene.run(lambda: until(lambda: "1 queue: 0 cycles, 0 of them failed" in caplog.text))
    assert "1 queue: 0 cycles" in caplog.text


def test_it_ends_when_it_is_done_and_gives_the_signals_back(scene: Scene) -> None:
    before = signal.getsignal(signal.SIGTERM)
    scene.daemon.run(scene.folder, until=lambda: True)
    assert signal.getsignal(signal.SIGTERM) is before


def test_of_many_complaints_the_first_are_logged_and_the_rest_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    complain([f"problem {number}" for number in range(50)])
    assert len(caplog.messages) == 21
    assert caplog.messages[0] == "configuration: problem 0"
    assert caplog.messages[-1] == "configuration: 30 more; 'apf check' tells all"


def test_a_refresh_puts_another_plan_in_place_or_leaves_all_as_it_is(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(running: Plan) -> Assembly:
        raise ConfigError("the catalogue is odd")

    def refresh() -> list[set[str]]:
        seen = []
        for load in (lambda _: None, lambda _: Assembly(plan=scene.plan("a", "b"), problems=()), fail):
            scene.daemon.refresh(load)
            seen.append({queue["queue"] for queue in scene.ask(ask="status")["queues"]})
        return seen

    assert scene.run(refresh) == [{"a"}, {"a", "b"}, {"a", "b"}]
    assert "the reading of the catalogues failed: the catalogue is odd" in caplog.text
    scene.daemon.refresh(fail)  # the daemon has ended: nobody reads any more
    assert caplog.text.count("the catalogue is odd") == 1
