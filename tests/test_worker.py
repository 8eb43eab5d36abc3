"""A worker runs one call after another, and a call that hangs keeps nobody who has a deadline."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import pytest

from autopyfactory import worker as module
from autopyfactory.call import Call
from autopyfactory.errors import Closed, Unavailable
from autopyfactory.worker import Inline, Worker, start_thread


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("site", time.monotonic)
    yield worker
    worker.close()
    worker.abandon()


@pytest.fixture
def hang(worker) -> Iterator[threading.Event]:
    """A call that runs until the event is set."""
    event = threading.Event()
    call = worker.put("the slow call", lambda: event.wait(30))
    while call.began is None:
        time.sleep(0.001)
    yield event
    event.set()


def test_calls_run_in_order_and_never_overlap(worker):
    seen = []
    calls = [worker.put("note", lambda number=number: seen.append(number)) for number in range(50)]
    for call in calls:
        call.wait(5)
    assert seen == list(range(50))
    assert all(before.ended <= after.began for before, after in pairwise(calls))


def test_the_failure_of_a_call_is_raised_where_it_is_waited_for(worker):
    def fail() -> None:
        raise LookupError("nothing there")

    call = worker.put("fail", fail)
    with pytest.raises(LookupError, match="nothing there"):
        call.wait(5)
    assert worker.put("go on", lambda: 7).wait(5) == 7


def test_a_call_that_never_began_is_untouched_and_never_begins_later(worker, hang):
    ran = threading.Event()
    call = worker.put("the second call", ran.set)
    with pytest.raises(Unavailable, match=r"the second call did not begin within 0.05 s") as caught:
        call.wait(0.05)
    assert caught.value.untouched
    hang.set()
    worker.put("the third call", lambda: None).wait(5)
    assert not ran.is_set()


def test_a_call_that_does_not_end_may_have_happened(worker):
    event = threading.Event()
    call = worker.put("the call", lambda: event.wait(30))
    with pytest.raises(Unavailable, match="did not end") as caught:
        call.wait(0.05)
    assert not caught.value.untouched
    assert worker.running().startswith("the call runs since 0 s")
    event.set()


def test_nothing_runs_when_nothing_runs(worker):
    worker.put("quick", lambda: None).wait(5)
    worker.put("quick", lambda: None).wait(5)
    deadline = time.monotonic() + 5
    while worker.running() and time.monotonic() < deadline:
        time.sleep(0.001)
    assert worker.running() == ""


def test_closing_takes_back_what_waits_and_lets_what_runs_end(worker, hang):
    waiting = worker.put("waiting", lambda: None)
    worker.close()
    worker.close()
    with pytest.raises(Unavailable) as caught:
        waiting.wait(5)
    assert caught.value.untouched
    assert not worker.join(0.01)
    hang.set()
    assert worker.join(5)


def test_a_closed_worker_takes_no_calls(worker):
    worker.close()
    assert worker.join(0)
    with pytest.raises(Unavailable, match="closed") as caught:
        worker.put("late", lambda: None)
    assert caught.value.untouched


def test_abandoning_lets_nobody_wait_for_what_runs(worker):
    event = threading.Event()
    call = worker.put("the call", lambda: event.wait(30))
    while call.began is None:
        time.sleep(0.001)
    worker.close()
    worker.abandon()
    with pytest.raises(Unavailable) as caught:
        call.wait(30)
    assert not caught.value.untouched
    event.set()


def test_a_thread_that_cannot_start_is_a_clear_failure(monkeypatch):
    def refuse(self) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(Unavailable, match="no thread for queue x: can't start new thread"):
        start_thread("queue x", lambda: None)


def test_threads_of_queues_have_small_stacks_and_leave_the_setting_alone(monkeypatch):
    sizes = []
    monkeypatch.setattr(module.threading, "stack_size", lambda size: sizes.append(size) or 4096)
    start_thread("x", lambda: None).join(5)
    assert sizes == [module.STACK, 4096]


def test_a_call_that_wants_to_end_the_process_ends_only_itself(worker):
    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(RuntimeError, match=r"it raised SystemExit\(3\)"):
        worker.put("leave", leave).wait(5)
    assert worker.put("go on", lambda: 7).wait(5) == 7


def test_an_inline_call_is_over_when_it_is_put_and_needs_no_thread():
    worker, threads = Inline("site", lambda: 7.0), threading.active_count()
    call = worker.put("note", threading.get_ident)
    assert (call.began, call.ended) == (7.0, 7.0)
    assert call.wait(0) == threading.get_ident()
    assert threading.active_count() == threads


def test_an_inline_call_that_fails_keeps_its_error_for_who_waits():
    call = Inline("site", lambda: 0.0).put("divide", lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        call.wait(0)


def test_a_closed_inline_worker_performs_nothing():
    worker, done = Inline("site", lambda: 0.0), []
    worker.close()
    with pytest.raises(Closed, match="site is closed"):
        worker.put("note", lambda: done.append(1))
    assert done == []
    assert worker.join(0)


class Gather:
    """A series that notes which calls it was handed at a time, and ends each with its matter."""

    def __init__(self) -> None:
        self.handed: list[list[int]] = []

    def __call__(self, calls: Iterator[Call]) -> None:
        self.handed.append([])
        for call in calls:
            self.handed[-1].append(call.matter)
            call.end(partial(int, call.matter))


def never() -> None:
    raise AssertionError("a call of a series is not run")


def test_calls_of_a_series_in_a_row_are_performed_together(worker, hang):
    one, other = Gather(), Gather()
    calls = [worker.put("a", never, one, number) for number in range(3)]
    calls.append(worker.put("b", lambda: 3))
    calls += [worker.put("c", never, one, number) for number in (4, 5)]
    calls += [worker.put("d", never, other, number) for number in (6, 7)]
    hang.set()
    assert [call.wait(5) for call in calls] == list(range(8))
    assert (one.handed, other.handed) == ([[0, 1, 2], [4, 5]], [[6, 7]])
    assert all(before.began <= after.began for before, after in pairwise(calls))


def test_a_series_is_handed_so_many_at_a_time_that_others_have_their_turn(worker, hang):
    gather = Gather()
    calls = [worker.put("a", never, gather, number) for number in range(module.SERIES + 2)]
    hang.set()
    assert [call.wait(5) for call in calls] == list(range(module.SERIES + 2))
    assert [len(handed) for handed in gather.handed] == [module.SERIES, 2]


def test_a_call_that_was_taken_back_is_in_no_series(worker, hang):
    gather = Gather()
    calls = [worker.put("a", never, gather, number) for number in range(4)]
    assert calls[0].withdraw()
    assert calls[2].withdraw()
    hang.set()
    assert [calls[number].wait(5) for number in (1, 3)] == [1, 3]
    assert gather.handed == [[1, 3]]
    for number in (0, 2):
        with pytest.raises(Unavailable) as caught:
            calls[number].wait(5)
        assert caught.value.untouched


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LookupError("gone"), "it raised LookupError"),
        (SystemExit(3), "it raised SystemExit"),
        (None, "nobody"),
    ],
)
def test_what_a_series_leaves_open_has_failed_and_may_have_happened(worker, hang, error, words):
    def careless(calls: Iterator[Call]) -> None:
        next(calls).end(lambda: 1)
        next(calls)
        if error is not None:
            raise error

    calls = [worker.put("a", never, careless) for _ in range(3)]
    hang.set()
    assert calls[0].wait(5) == 1
    with pytest.raises(RuntimeError, match=words):
        calls[1].wait(5)
    assert calls[2].wait(5) == 1
    assert worker.put("go on", lambda: 7).wait(5) == 7


def test_closing_takes_back_what_a_series_has_not_taken(worker):
    taken, go_on = threading.Event(), threading.Event()

    def slow(calls: Iterator[Call]) -> None:
        for call in calls:
            taken.set()
            go_on.wait(30)
            call.end(lambda: 1)

    first, second = worker.put("a", never, slow), worker.put("b", never, slow)
    assert taken.wait(5)
    assert worker.running() == "a runs since 0 s"
    worker.close()
    go_on.set()
    assert worker.join(5)
    assert first.wait(5) == 1
    with pytest.raises(Unavailable) as caught:
        second.wait(5)
    assert caught.value.untouched


def test_an_inline_series_is_of_one_call():
    gather, worker = Gather(), Inline("site", lambda: 7.0)
    assert [worker.put("a", never, gather, number).wait(0) for number in range(2)] == [0, 1]
    assert gather.handed == [[0], [1]]


def test_who_waited_too_short_for_the_begin_waits_for_the_end(worker, hang):
    """A call that began shortly before its time was over has as much time again."""
    clock = iter([10.0, 10.0, 10.5, 11.0])
    call = Call("late", lambda: 7, lambda: next(clock))
    assert call.begin()
    thread = threading.Timer(0.2, lambda: call.end(lambda: 7))
    thread.start()
    assert call.wait(0.15) == 7
    thread.join(5)
