"""One answer for many askers, never older than asked for, and one failure for all."""

import threading
import time
from collections.abc import Iterator

import pytest

from autopyfactory.errors import Unavailable
from autopyfactory.shared import Shared
from autopyfactory.worker import Inline, Worker

ALWAYS = float("-inf")


class Question:
    """Counts how often it is asked; waits for `gate`; raises `error`."""

    def __init__(self) -> None:
        self.asked: list[frozenset[str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None

    def __call__(self, keys):
        self.asked.append(frozenset(keys))
        assert self.gate.wait(30)
        if self.error is not None:
            raise self.error
        return {key: len(self.asked) for key in keys if key != "nobody"}


@pytest.fixture
def question() -> Question:
    return Question()


@pytest.fixture
def shared(question) -> Iterator[Shared[str, int]]:
    shared = Shared(question, max_age=60, timeout=5, worker=Worker("source wms", time.monotonic))
    shared.watch(["a", "b"])
    yield shared
    question.gate.set()
    shared.close()
    shared.join(5)


def read_all(shared, number, **options):
    """Ask from many threads at once; all answers or failures."""
    answers: list[object] = []

    def ask() -> None:
        try:
            answers.append(shared.read("a", **options))
        except Unavailable as error:
            answers.append(error)

    threads = [threading.Thread(target=ask) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return answers


def test_many_askers_share_one_call(shared, question):
    assert read_all(shared, 50, newer_than=ALWAYS, max_age=60) == [1] * 50
    assert question.asked == [{"a", "b"}]


def test_an_answer_begun_before_newer_than_is_not_served(shared):
    assert shared.read("a", newer_than=ALWAYS, max_age=60) == 1
    assert shared.read("a", newer_than=time.monotonic(), max_age=60) == 2


def test_an_answer_that_began_before_is_not_served_though_it_ended_after(shared, question):
    question.gate.clear()
    thread = threading.Thread(target=lambda: shared.read("a", newer_than=ALWAYS, max_age=60))
    thread.start()
    while not question.asked:
        time.sleep(0.001)
    acted = time.monotonic()
    threading.Timer(0.05, question.gate.set).start()
    assert shared.read("a", newer_than=acted, max_age=60) == 2
    thread.join(5)


def test_an_answer_older_than_the_asker_wants_is_not_served(shared):
    assert shared.read("a", newer_than=ALWAYS, max_age=60) == 1
    assert shared.read("a", newer_than=ALWAYS, max_age=0) == 2


def test_an_answer_that_took_longer_than_its_age_is_served_to_who_asked_for_it():
    def slow(keys):
        time.sleep(0.05)
        return dict.fromkeys(keys, 1)

    shared = Shared(slow, max_age=0.001, timeout=5, worker=Worker("slow", time.monotonic))
    assert shared.read("a", newer_than=ALWAYS, max_age=0.001) == 1
    shared.close()


def test_no_second_call_starts_while_one_hangs_and_the_asker_learns_which(question):
    shared = Shared(question, max_age=0, timeout=-0.95, worker=Worker("source wms", time.monotonic))
    question.gate.clear()
    for _ in range(3):
        with pytest.raises(Unavailable, match="the query of source wms runs since 0 s"):
            shared.read("a", newer_than=ALWAYS, max_age=0)
    assert len(question.asked) == 1
    question.gate.set()
    shared.close()


def test_an_asker_behind_an_act_learns_that_it_runs():
    shared = Shared(lambda keys: {}, max_age=0, timeout=-0.95, worker=Worker("target site", time.monotonic))
    gate = threading.Event()
    act = shared.act("the act 7", lambda: gate.wait(30))
    while act.began is None:
        time.sleep(0.001)
    with pytest.raises(Unavailable, match="the act 7 of target site runs"):
        shared.read("a", newer_than=ALWAYS, max_age=0)
    gate.set()
    shared.close()


def test_a_failure_is_shared_like_an_answer(shared, question):
    question.error = Unavailable("connection refused")
    answers = read_all(shared, 20, newer_than=ALWAYS, max_age=60)
    assert [str(answer) for answer in answers] == ["source wms: connection refused"] * 20
    with pytest.raises(Unavailable):
        shared.read("a", newer_than=time.monotonic(), max_age=0)
    assert len(question.asked) == 1


def test_a_failure_is_forgotten_after_ten_seconds():
    now = [100.0]
    question = Question()
    question.error = ValueError("bug")
    shared = Shared(question, max_age=60, timeout=5, worker=Worker("source wms", lambda: now[0]))
    with pytest.raises(Unavailable, match="source wms: ValueError: bug"):
        shared.read("a", newer_than=ALWAYS, max_age=60)
    question.error = None
    now[0] += 9.9
    with pytest.raises(Unavailable):
        shared.read("a", newer_than=ALWAYS, max_age=60)
    now[0] += 0.2
    assert shared.read("a", newer_than=ALWAYS, max_age=60) == 2
    shared.close()


def test_a_failure_ends_the_wait_of_who_asked_even_without_any_age():
    question = Question()
    question.error = Unavailable("no")
    shared = Shared(question, max_age=0, timeout=5, worker=Worker("source wms", time.monotonic))
    with pytest.raises(Unavailable, match="no"):
        shared.read("a", newer_than=ALWAYS, max_age=0)
    assert len(question.asked) == 1
    shared.close()


def test_what_is_forgotten_is_asked_for_again_be_it_an_answer_or_a_failure(shared, question):
    question.error = Unavailable("gone")
    read_all(shared, 1, newer_than=ALWAYS, max_age=60)
    question.error = None
    shared.forget()
    assert read_all(shared, 1, newer_than=ALWAYS, max_age=60) == [2]
    shared.forget()
    assert read_all(shared, 1, newer_than=ALWAYS, max_age=60) == [3]


def test_a_key_missing_from_an_answer_is_unknown(shared):
    with pytest.raises(Unavailable, match="source wms said nothing of nobody"):
        shared.read("nobody", newer_than=ALWAYS, max_age=60)


def test_a_key_that_was_not_asked_for_is_asked_for(shared, question):
    shared.read("a", newer_than=ALWAYS, max_age=60)
    assert shared.read("c", newer_than=ALWAYS, max_age=60) == 2
    assert question.asked[-1] == {"a", "b", "c"}


def test_closing_frees_those_who_wait(shared, question):
    question.gate.clear()
    answers: list[object] = []
    thread = threading.Thread(
        target=lambda: answers.extend(read_all(shared, 3, newer_than=ALWAYS, max_age=60))
    )
    thread.start()
    while not question.asked:
        time.sleep(0.001)
    shared.close()
    thread.join(2)
    assert ["closed" in str(answer) for answer in answers] == [True] * 3
    with pytest.raises(Unavailable, match="closed"):
        shared.read("a", newer_than=ALWAYS, max_age=60)
    assert not shared.join(0)
    shared.abandon()


def test_a_question_that_wants_to_end_the_process_is_a_failure_like_any_other(question):
    def leave(keys):
        raise SystemExit(3)

    shared = Shared(leave, max_age=0, timeout=5, worker=Worker("source wms", time.monotonic))
    with pytest.raises(Unavailable, match=r"source wms: RuntimeError: SystemExit\(3\)"):
        shared.read("a", newer_than=ALWAYS, max_age=0)
    shared.close()


def test_a_failure_is_not_shared_for_longer_than_an_answer_would_be():
    now = [100.0]
    question = Question()
    question.error = Unavailable("no")
    shared = Shared(question, max_age=2, timeout=5, worker=Worker("source wms", lambda: now[0]))
    with pytest.raises(Unavailable):
        shared.read("a", newer_than=ALWAYS, max_age=60)
    question.error = None
    now[0] += 2.5
    assert shared.read("a", newer_than=ALWAYS, max_age=60) == 2
    shared.close()


def test_an_inline_worker_answers_the_asker_at_once_and_the_answer_is_shared(question):
    now = [100.0]
    shared = Shared(question, max_age=60, timeout=5, worker=Inline("source wms", lambda: now[0]))
    assert shared.read("a", newer_than=ALWAYS, max_age=60) == 1
    now[0] += 59.0
    assert shared.read("a", newer_than=ALWAYS, max_age=60) == 1
    now[0] += 2.0
    assert shared.read("a", newer_than=ALWAYS, max_age=60) == 2
    question.error = Unavailable("no")
    now[0] += 61.0
    with pytest.raises(Unavailable, match="source wms: no"):
        shared.read("a", newer_than=ALWAYS, max_age=60)


@pytest.mark.parametrize("number", [1, 2])
def test_a_call_that_cannot_be_put_leaves_the_next_asker_free_to_try(question, monkeypatch, number):
    worker = Inline("source wms", lambda: 0.0)
    shared = Shared(question, max_age=60, timeout=5, worker=worker)
    with monkeypatch.context() as broken:
        broken.setattr(worker, "put", lambda name, run: fail())
        for _ in range(number):
            with pytest.raises(Unavailable, match="no thread"):
                shared.read("a", newer_than=ALWAYS, max_age=60)
    assert shared.read("a", newer_than=ALWAYS, max_age=60) == 1


def fail():
    raise Unavailable("no thread")
