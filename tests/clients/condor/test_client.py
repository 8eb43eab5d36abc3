"""The one child of an identity: shared, ordered, replaced when it is lost, ended with its last user."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients import inheritance, locks
from autopyfactory.clients.condor import client as client_module
from autopyfactory.clients.condor.client import Clients, Connection, need_bindings
from autopyfactory.clients.condor.identity import Identity
from autopyfactory.clients.condor.stride import MOST, REACH, Stride
from autopyfactory.errors import ConfigError, Rejected, Unavailable

PROGRAM = """
import os, sys, time
from autopyfactory.clients.asides import Asides
from autopyfactory.clients.frames import Frames
asides = Asides()
asides.begin()
frames = Frames(os.dup(0), os.dup(1))
def answer(**said):
    frames.send({**said, "took": time.monotonic() - began})
greeting, began = frames.receive(), time.monotonic()
if greeting["identity"]["schedd"] == "broken":
    answer(error="no bindings", rejected=False, untouched=True)
    sys.exit()
if greeting["identity"]["schedd"] == "dead":
    sys.exit("never lived")
answer(answer=None)
def pid(): return os.getpid()
def environment(name): return os.environ.get(name)
def say(word): return word
def nap(seconds, acting=False):
    if acting: asides.act()
    time.sleep(seconds)
def nap_over(seconds, words): time.sleep(seconds)
while True:
    try:
        request = frames.receive()
    except EOFError:
        break
    began = time.monotonic()
    asides.begin()
    if request["call"] == "refuse":
        answer(error="too many", rejected=True, untouched=False)
    elif request["call"] == "mutter":
        print("ERROR:\\n of course", file=sys.stderr, flush=True)
        answer(error="no job.", rejected=True, untouched=False)
    elif request["call"] == "fail":
        answer(error="not now", rejected=False, untouched=request["arguments"]["untouched"])
    else:
        answer(answer=globals()[request["call"]](**request["arguments"]))
"""

Connect = Callable[..., Connection]


@pytest.fixture
def clients() -> Clients:
    return Clients([sys.executable, "-c", PROGRAM])


@pytest.fixture
def connect(clients: Clients) -> Iterator[Connect]:
    made: list[Connection] = []

    def connect(schedd: str = "one", **identity: Any) -> Connection:
        made.append(Connection(Identity(schedd=schedd, **identity), clients))
        return made[-1]

    yield connect
    for connection in made:
        connection.close()


def pid(connection: Connection) -> int:
    number = connection.call("pid", {}, seconds=10)
    assert isinstance(number, int)
    return number


def test_equal_identities_share_a_child_and_others_do_not(connect: Connect) -> None:
    assert pid(connect()) == pid(connect())
    assert pid(connect()) != pid(connect("two"))


def test_the_child_stays_until_its_last_user_leaves(connect: Connect) -> None:
    first, second = connect(), connect()
    number = pid(first)
    assert pid(second) == number
    first.close()
    first.close()
    assert pid(second) == number
    second.close()
    assert pid(connect()) != number


def test_who_never_called_started_nothing(connect: Connect, clients: Clients) -> None:
    connection = connect()
    connection.close()
    assert clients._open == {}
    with pytest.raises(Unavailable, match="is closed") as caught:
        connection.call("pid", {}, seconds=10)
    assert caught.value.untouched
    assert clients._open == {}


def test_the_configuration_of_an_identity_reaches_only_its_child(connect: Connect) -> None:
    words = [
        connect(config=config).call("environment", {"name": "CONDOR_CONFIG"}, seconds=10)
        for config in ("/one", "/two")
    ]
    assert words == ["/one", "/two"]


def test_refusals_and_failures_keep_their_kind(connect: Connect) -> None:
    with pytest.raises(Rejected, match="refuse at schedd one: too many"):
        connect().call("refuse", {}, seconds=10)
    for untouched in (False, True):
        with pytest.raises(Unavailable, match="fail at schedd one: not now") as caught:
            connect().call("fail", {"untouched": untouched}, seconds=10)
        assert caught.value.untouched == untouched


def test_a_refusal_ends_with_what_the_child_printed(connect: Connect) -> None:
    with pytest.raises(Rejected, match=r"mutter at schedd one: no job\. ERROR: of course$"):
        connect().call("mutter", {}, seconds=10)


@pytest.mark.parametrize("acting", [False, True])
def test_a_call_without_answer_is_untouched_unless_it_acted(connect: Connect, acting: bool) -> None:
    connection = connect()
    number = pid(connection)
    with pytest.raises(Unavailable, match=r"nap at schedd one: its process gave no answer") as caught:
        connection.call("nap", {"seconds": 60, "acting": acting}, seconds=0.3)
    assert caught.value.untouched != acting
    assert pid(connection) != number


def test_a_child_that_ended_between_two_calls_is_replaced(connect: Connect, clients: Clients) -> None:
    connection = connect()
    number = pid(connection)
    child = clients.take(connection.identity, connection)._child
    assert child is not None
    child.kill()
    child._process.wait(5)
    assert pid(connection) != number


@pytest.mark.parametrize(
    ("schedd", "words"),
    [("broken", "start at schedd broken: no bindings"), ("dead", "start at schedd dead: .*never lived")],
)
def test_a_child_that_does_not_start_says_why_every_time(connect: Connect, schedd: str, words: str) -> None:
    for _ in range(2):
        with pytest.raises(Unavailable, match=words) as caught:
            connect(schedd).call("pid", {}, seconds=10)
        assert caught.value.untouched


def test_no_process_at_all_is_a_sentence() -> None:
    connection = Connection(Identity(), Clients(["/no/such/program"]))
    with pytest.raises(Unavailable, match=r"no process for the schedd could be started: .*No such file"):
        connection.call("pid", {}, seconds=10)
    connection.close()


def test_the_deadline_counts_from_when_the_child_begins_a_call(connect: Connect) -> None:
    first, second, ends = connect(), connect(), []
    pid(first)
    slow = threading.Thread(target=lambda: first.call("nap", {"seconds": 1.0}, seconds=10))
    slow.start()
    threading.Event().wait(0.1)
    patient = threading.Thread(target=lambda: ends.append(second.call("pid", {}, seconds=0.5)))
    patient.start()
    slow.join()
    patient.join()
    assert len(ends) == 1


def test_who_waits_hears_at_once_when_the_call_before_is_given_up(connect: Connect) -> None:
    first, second, heard = connect(), connect(), []
    pid(first)

    def wait(connection: Connection, seconds: float) -> None:
        try:
            connection.call("nap", {"seconds": 60, "acting": True}, seconds=seconds)
        except Unavailable as error:
            heard.append((str(error), error.untouched))

    threads = [
        threading.Thread(target=wait, args=(connection, seconds))
        for connection, seconds in ((first, 0.5), (second, 60))
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
        threading.Event().wait(0.1)
    for thread in threads:
        thread.join(20)
    assert time.monotonic() - began < 5
    assert [untouched for _, untouched in heard] == [False, True]
    assert "given up with the call before it" in heard[1][0]


def test_several_are_answered_in_their_order_and_errors_keep_their_place(connect: Connect) -> None:
    wrong = Unavailable("no folder", untouched=True)
    several: list[Mapping[str, Any] | Exception] = [
        {"word": "one"},
        wrong,
        {"word": "two"},
        wrong,
        wrong,
        {"word": "three"},
    ]
    said = list(connect().each("say", several, seconds=10))
    assert said == ["one", wrong, "two", wrong, wrong, "three"]


def note(asked: list[Any], several: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each of several, noted when it is asked for."""
    for one in several:
        asked.append(one)
        yield one


def hasten(clients: Clients, connection: Connection, call: str, took: float) -> None:
    """Let the client believe that each such call takes the child so many seconds."""
    stride = clients.take(connection.identity, connection)._strides[call]
    for _ in range(60):
        stride.note(took)


@pytest.mark.parametrize(("took", "at_hand"), [(REACH, 1), (REACH / 3.5, 3), (0, MOST)])
def test_the_child_has_at_hand_what_it_works_through_in_a_while(
    connect: Connect, clients: Clients, took: float, at_hand: int
) -> None:
    connection, asked = connect(), list[Any]()
    several = [{"word": number} for number in range(2 * MOST)]
    next(connection.each("say", note(asked, several), seconds=10))
    assert len(asked) == 2  # nothing is known of the pace yet
    asked.clear()
    hasten(clients, connection, "say", took)
    answers = connection.each("say", note(asked, several), seconds=10)
    assert next(answers) == 0
    assert len(asked) == 1 + at_hand
    assert list(answers) == list(range(1, 2 * MOST))


def test_answers_that_are_there_are_heard_before_more_is_asked_for(
    connect: Connect, clients: Clients
) -> None:
    connection, asked = connect(), list[Any]()
    pid(connection)
    hasten(clients, connection, "say", REACH / 8)  # so it rests for REACH * 7 / 8
    answers = connection.each("say", note(asked, [{"word": number} for number in range(9)]), seconds=10)
    heard = [(next(answers), len(asked)) for _ in range(8)]
    assert heard == [(number, 9) for number in range(8)]
    assert list(answers) == [8]


def test_after_one_that_is_given_up_those_at_hand_were_not_begun_and_no_more_are_asked_for(
    connect: Connect, clients: Clients
) -> None:
    asked: list[Any] = []
    several = [{"seconds": seconds, "acting": True} for seconds in (0, 60, *[0] * 2 * MOST)]
    connection = connect()
    pid(connection)
    hasten(clients, connection, "nap", 0)
    first, hung, *at_hand = connection.each("nap", note(asked, several), seconds=0.5)
    assert first is None
    assert (str(hung), hung.untouched) == (
        "nap at schedd one: its process gave no answer within 0.5 s and was killed",
        False,
    )
    assert len(at_hand) == len(asked) - 2 >= MOST - 1
    for one in at_hand:
        assert str(one) == "nap at schedd one was given up with the call before it"
        assert one.untouched


def test_what_its_pipe_has_no_room_for_is_not_at_hand(connect: Connect, clients: Clients) -> None:
    connection, asked = connect(), list[Any]()
    pid(connection)
    hasten(clients, connection, "nap_over", 0)
    several = [{"seconds": 0.05, "words": "x" * 30_000} for _ in range(MOST)]
    answers = connection.each("nap_over", note(asked, several), seconds=0.5)  # for each, not for all
    assert next(answers) is None
    assert 2 <= len(asked) < MOST / 2
    assert list(answers) == [None] * (MOST - 1)


def test_a_close_ends_a_rest(connect: Connect, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    connection, heard = connect(), list[Any]()
    pid(connection)
    monkeypatch.setattr(Stride, "rest", lambda self, waiting: 60.0)
    thread = threading.Thread(
        target=lambda: heard.extend(connection.each("nap", [{"seconds": 60}] * 3, seconds=90))
    )
    thread.start()
    threading.Event().wait(0.3)
    connection.close()
    thread.join(10)
    assert [error.untouched for error in heard] == [True] * 2
    assert not thread.is_alive()


def test_who_hears_no_more_leaves_no_answer_to_the_next(connect: Connect) -> None:
    connection = connect()
    answers = connection.each("say", [{"word": "one"}, {"word": "two"}], seconds=10)
    assert next(answers) == "one"
    del answers
    assert connection.call("say", {"word": "three"}, seconds=10) == "three"


def test_each_call_needs_a_proof_of_its_own(clients: Clients) -> None:
    proofs = iter([None, Unavailable("no token", untouched=True), None])

    def prove() -> None:
        if error := next(proofs):
            raise error

    connection = Connection(Identity(schedd="one"), clients, prove)
    said = list(connection.each("say", [{"word": word} for word in "abc"], seconds=10))
    assert (said[0], str(said[1]), said[2]) == ("a", "no token", "c")
    connection.close()


@pytest.mark.parametrize("calls", [0, 1])
def test_a_close_takes_less_than_a_second_whatever_hangs(connect: Connect, calls: int) -> None:
    connection, heard = connect(), []
    pid(connection)

    def wait() -> None:
        with pytest.raises(Unavailable) as caught:
            connection.call("nap", {"seconds": 60}, seconds=60)
        heard.append(caught.value)

    threads = [threading.Thread(target=wait) for _ in range(calls)]
    for thread in threads:
        thread.start()
    threading.Event().wait(0.2)
    began = time.monotonic()
    connection.close()
    assert time.monotonic() - began < 1
    for thread in threads:
        thread.join(10)
    assert len(heard) == calls


def test_a_child_inherits_what_is_passed_on(connect: Connect, tmp_path: Path) -> None:
    lock = locks.open_locked(str(tmp_path / "lock"))
    assert lock is not None
    inheritance.inherit(lock)
    try:
        connection = connect()
        pid(connection)
    finally:
        inheritance.inherit()
        os.close(lock)
    assert locks.is_held_at(str(tmp_path / "lock"))
    connection.close()
    assert not locks.is_held_at(str(tmp_path / "lock"))


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (Identity(), "the schedd"),
        (Identity(schedd="a@b"), "schedd a@b"),
        (Identity(collector="c:1", config="/x"), "the schedd at collector c:1"),
        (Identity(schedd="a@b", config="/x"), "schedd a@b of /x"),
    ],
)
def test_an_identity_says_whom_it_means(identity: Identity, words: str) -> None:
    assert str(identity) == words


def test_the_plugins_load_no_bindings() -> None:
    program = (
        "import sys, autopyfactory.targets.htcondor, autopyfactory.sources.htcondor;"
        "print([name for name in sys.modules if name.startswith(('htcondor', 'classad'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_without_the_bindings_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    need_bindings()
    monkeypatch.setattr(client_module, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'autopyfactory\[htcondor\]'"):
        need_bindings()
