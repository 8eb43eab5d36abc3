"""The factory gives each queue a thread and a rhythm, swaps what changed, and stops in time."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.factory import Factory
from autopyfactory.model import Demand, Proof, Report
from autopyfactory.policies.fixed import Fixed
from autopyfactory.testing import FakeMonitor, FakeWork
from rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    object.__setattr__(rig.process, "clock", time.monotonic)
    rig.clock = time.monotonic  # type: ignore[assignment]
    object.__setattr__(rig.cycle, "clock", time.monotonic)
    yield rig
    rig.close()


@pytest.fixture
def factories() -> Iterator[list[Factory]]:
    made: list[Factory] = []
    yield made
    for factory in made:
        factory.stop(2)


def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.002)


def busy(rig, number=3, interval=0.02, **changes):
    """Some quick queues that share a source and a target."""
    _, source = rig.source({"work": Demand(ready=1)})
    fake, target = rig.target()
    return fake, [
        rig.queue(source, target, name=f"q{index}", interval=interval, **changes) for index in range(number)
    ]


def test_every_queue_runs_its_cycles_and_every_monitor_hears_of_it(rig, factories):
    fake, queues = busy(rig)
    monitor = FakeMonitor()
    factory = Factory(rig.cycle, cycles=4)
    factories.append(factory)
    factory.apply(rig.plan(queues, monitors={"board": monitor}))
    until(factory.finished)
    assert factory.stop(5)
    assert sorted(report.queue for report in monitor.reports) == sorted(["q0", "q1", "q2"] * 4)
    assert {name: report.number for name, report in factory.reports().items()} == {"q0": 4, "q1": 4, "q2": 4}
    assert {name: len(fake.pilots(name)) for name in ("q0", "q1", "q2")} == {"q0": 1, "q1": 1, "q2": 1}
    assert fake.closed == 1


def test_a_hanging_target_delays_only_its_own_queues(rig, factories):
    _, source = rig.source({"work": Demand(ready=1)})
    stuck, bad = rig.target("bad", timeout="1h")
    stuck.hang = threading.Event()
    _, good = rig.target("good")
    queues = [rig.queue(source, bad, name=f"bad{index}", interval=0.02) for index in range(5)]
    queues += [rig.queue(source, good, name=f"good{index}", interval=0.02) for index in range(5)]
    factory = Factory(rig.cycle)
    factories.append(factory)
    factory.apply(rig.plan(queues))
    until(
        lambda: all(
            (factory.reports()[f"good{index}"] or Report(queue="")).number >= 10 for index in range(5)
        )
    )
    assert all(factory.reports()[f"bad{index}"] is None for index in range(5))
    began = time.monotonic()
    factory.stop(1)
    assert time.monotonic() - began < 5
    stuck.hang.set()


def test_a_stop_lets_the_submission_under_way_end(rig, factories):
    _, source = rig.source({"work": Demand(ready=5)})
    fake, target = rig.target(timeout="1h")
    hang = fake.hangs["submit"] = threading.Event()
    factory = Factory(rig.cycle)
    factory.apply(rig.plan([rig.queue(source, target, interval=0.01)]))
    until(lambda: fake.asked("submit"))
    threading.Timer(0.1, hang.set).start()
    assert factory.stop(10)
    assert factory.reports()["q"].outcome.submitted
    assert rig.ledger.tags("site") == []


def test_a_stop_gives_up_a_submission_that_hangs_and_remembers_it(rig):
    _, source = rig.source({"work": Demand(ready=5)})
    fake, target = rig.target(timeout="1h")
    hang = fake.hangs["submit"] = threading.Event()
    factory = Factory(rig.cycle)
    factory.apply(rig.plan([rig.queue(source, target, interval=0.01)]))
    until(lambda: fake.asked("submit"))
    began = time.monotonic()
    factory.stop(1)
    assert time.monotonic() - began < 5
    assert len(rig.ledger.tags("site")) == 1
    hang.set()


def test_a_stop_says_when_a_queue_had_to_be_left_behind(rig):
    entered, hang = threading.Event(), threading.Event()

    class Hanging(Fixed):
        def __call__(self, count, seen, /):
            entered.set()
            hang.wait(30)
            return 0

    _, queues = busy(rig, number=1, policies=(Hanging(count=0),))
    factory = Factory(rig.cycle)
    factory.apply(rig.plan(queues))
    assert entered.wait(5)
    assert not factory.stop(0.2)
    hang.set()


def test_many_queues_stop_at_once(rig):
    _, queues = busy(rig, number=100, interval=3600)
    factory = Factory(rig.cycle)
    factory.apply(rig.plan(queues))
    assert factory.stop(10)


def test_a_new_plan_touches_only_what_changed(rig, factories):
    fake, queues = busy(rig)
    factory = Factory(rig.cycle)
    factories.append(factory)
    factory.apply(rig.plan(queues))
    until(lambda: all(factory.reports().values()))
    lines = dict(factory._lines)
    changed = replace(queues[1], policies=(Fixed(count=7),))
    new = replace(queues[0], name="new")
    factory.apply(rig.plan([queues[0], changed, new]))
    assert factory._lines["q0"] is lines["q0"]
    assert factory._lines["q1"].thread is lines["q1"].thread
    until(lambda: len(fake.pilots("q1")) >= 7)
    until(lambda: factory.reports()["new"] is not None)
    until(lambda: not lines["q2"].thread.is_alive())
    assert "q2" not in factory.reports()
    assert fake.closed == 0


def test_a_queue_that_leaves_and_returns_remembers_its_last_act(rig, factories):
    _, queues = busy(rig, number=1)
    factory = Factory(rig.cycle)
    factories.append(factory)
    factory.apply(rig.plan(queues))
    until(lambda: factory.reports()["q0"] is not None)
    acted = factory.reports()["q0"].acted
    plan = rig.plan(queues)
    factory.apply(replace(plan, queues={}))
    assert factory.reports() == {}
    factory.apply(plan)
    until(lambda: (factory.reports()["q0"] or Report(queue="")).number > 1)
    assert factory.reports()["q0"].acted == acted > 0


def test_a_section_that_is_no_longer_used_is_closed_once_its_act_has_ended(rig, factories):
    fake, queues = busy(rig, number=1)
    factory = Factory(rig.cycle)
    factories.append(factory)
    factory.apply(rig.plan(queues))
    _, source = rig.source({"work": Demand(ready=1)})
    _, target = rig.target("other")
    factory.apply(rig.plan([rig.queue(source, target, name="q0", interval=0.02)]))
    until(lambda: fake.closed == 1)
    until(lambda: (factory.reports()["q0"] or Report(queue="")).target == "other")


def test_monitors_are_swapped_with_the_plan(rig, factories):
    _, queues = busy(rig, number=1)
    first, second, kept = FakeMonitor(), FakeMonitor(), FakeMonitor()
    factory = Factory(rig.cycle)
    factories.append(factory)
    factory.apply(rig.plan(queues, monitors={"a": first, "b": kept}))
    until(lambda: first.reports)
    outlet = factory.monitors()["b"]
    factory.apply(rig.plan(queues, monitors={"a": second, "b": kept}))
    until(lambda: second.reports)
    assert factory.monitors()["b"] is outlet


def test_a_queue_without_a_thread_fails_alone(rig, factories, monkeypatch):
    _, queues = busy(rig)
    started = threading.Thread.start

    def refuse(self) -> None:
        if self.name == "queue q1":
            raise RuntimeError("can't start new thread")
        started(self)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    factory = Factory(rig.cycle, cycles=1)
    factories.append(factory)
    factory.apply(rig.plan(queues))
    assert factory.failed == {"q1": "no thread for queue q1: can't start new thread"}
    until(factory.finished)
    assert factory.reports()["q0"] is not None


def test_a_factory_without_a_plan_stops(rig):
    assert Factory(rig.cycle).stop(1)


def test_all_work_is_asked_for_in_the_first_question(rig, factories):
    wms, source = rig.source({f"w{index}": Demand() for index in range(20)}, max_age="1h")
    fake, target = rig.target(max_age="1h")
    queues = [
        rig.queue(source, target, name=f"q{index}", work=FakeWork(name=f"w{index}"), interval=30)
        for index in range(20)
    ]
    factory = Factory(rig.cycle)
    factories.append(factory)
    factory.apply(rig.plan([replace(queue, interval=0.5) for queue in queues]))
    until(lambda: all(factory.reports().values()))
    assert len(wms.calls[0][1]) == len(fake.calls[0][1]) == 20
    assert isinstance(factory.reports()["q0"].error, Unavailable | None)


def test_one_cycle_may_be_asked_for_between_two_of_a_queues_own(rig, factories):
    _, queues = busy(rig)
    factory = Factory(rig.cycle)
    factories.append(factory)
    factory.apply(rig.plan([replace(queue, interval=3600) for queue in queues]))
    numbers = [factory.once("q0").number for _ in range(3)]
    assert numbers == [1, 2, 3]
    with pytest.raises(ConfigError, match="no queue 'other' runs"):
        factory.once("other")


def test_a_queue_that_returns_while_its_last_act_runs_never_acts_twice_at_once(rig, factories):
    _, source = rig.source({"work": Demand(ready=40)}, max_age="1h")
    fake, target = rig.target(max_age="1h")
    queue = rig.queue(source, target, interval=3600)
    factory = Factory(rig.cycle)
    factories.append(factory)
    plan = rig.plan([queue])
    factory.apply(plan)
    hang = fake.hangs["submit"] = threading.Event()
    first = threading.Thread(target=lambda: factory.once("q"))
    first.start()
    until(lambda: fake.asked("submit"))
    factory.apply(replace(plan, queues={}))
    factory.apply(plan)
    second: list[Report] = []
    asker = threading.Thread(target=lambda: second.append(factory.once("q")))
    asker.start()
    asker.join(0.1)
    assert asker.is_alive()
    hang.set()
    asker.join(10)
    first.join(10)
    assert (second[0].number, second[0].decision.count) == (2, 0)
    assert len(fake.pilots("q")) == 40


def test_a_section_taken_away_before_is_let_go_by_a_stop_at_last(rig):
    _, source = rig.source({"work": Demand(ready=5)})
    fake, target = rig.target(timeout="1h")
    hang = fake.hangs["submit"] = threading.Event()
    factory = Factory(rig.cycle)
    factory.apply(rig.plan([rig.queue(source, target, interval=0.01)]))
    until(lambda: fake.asked("submit"))
    _, other = rig.target("other")
    factory.apply(rig.plan([rig.queue(source, other, interval=3600)]))
    factory.stop(1)
    assert fake.closed == 1
    hang.set()


def test_a_queue_that_got_no_thread_gets_one_with_the_next_plan(rig, factories, monkeypatch):
    _, queues = busy(rig, number=1)
    factory = Factory(rig.cycle, cycles=1)
    factories.append(factory)
    with monkeypatch.context() as patch:

        def refuse(self) -> None:
            raise RuntimeError("can't start new thread")

        patch.setattr(threading.Thread, "start", refuse)
        factory.apply(rig.plan(queues, monitors={"board": FakeMonitor()}))
    assert list(factory.failed) == ["q0"]
    assert factory.monitors() == {}
    factory.apply(rig.plan(queues))
    assert factory.failed == {}
    until(lambda: factory.reports()["q0"] is not None)


def test_a_shorter_interval_does_not_wait_for_the_longer_one(rig, factories):
    _, queues = busy(rig, number=1, interval=3600)
    factory = Factory(rig.cycle)
    factories.append(factory)
    factory.apply(rig.plan(queues))
    factory.apply(rig.plan([replace(queues[0], interval=0.05)]))
    until(lambda: (factory.reports()["q0"] or Report(queue="")).number > 2)


def test_a_target_that_is_no_longer_served_counts_no_more(rig, factories):
    _, queues = busy(rig, number=1)
    factory = Factory(rig.cycle)
    factories.append(factory)
    factory.apply(rig.plan(queues))
    until(lambda: rig.fleet.at("site") == 1)
    _, source = rig.source({"work": Demand()})
    _, other = rig.target("other")
    factory.apply(rig.plan([rig.queue(source, other, name="q0", interval=0.02)]))
    assert rig.fleet.at("site") == 0


class TestCredentials:
    def test_they_are_renewed_while_the_factory_runs(self, rig, factories):
        _, queues = busy(rig, 1)
        fake, proofs = rig.credential(Proof(path=Path("/proxy")))
        factory = Factory(rig.cycle)
        factories.append(factory)
        factory.apply(rig.plan([replace(queues[0], credentials=(proofs,))]))
        until(lambda: fake.asked("renew"))
        assert proofs.trouble == ""
        assert factory.stop(5)

    def test_one_without_a_thread_stops_nothing(self, rig, factories, caplog, monkeypatch):
        fake, queues = busy(rig, 1)
        _, proofs = rig.credential(Proof(path=Path("/proxy")))

        def refuse():
            raise Unavailable("no thread for it")

        monkeypatch.setattr(proofs, "tend", refuse)
        factory = Factory(rig.cycle)
        factories.append(factory)
        factory.apply(rig.plan([replace(queues[0], credentials=(proofs,))]))
        until(lambda: fake.asked("submit"))
        assert "credential robot is not renewed: no thread for it" in caplog.messages
