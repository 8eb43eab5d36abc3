"""HTCondor as the daemon sees it: calls that run in a child process, shared by all who speak to one schedd.

The bindings hold Python's lock while they wait for the network, so they are loaded only by the child
(`process`).  One child serves one `Identity`; it is started by the first call and ended by the
last `Connection` that closes.
"""

import os
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from autopyfactory.clients.child import Child, Lost
from autopyfactory.clients.condor.identity import Identity
from autopyfactory.clients.condor.stride import Stride
from autopyfactory.clients.inheritance import inherited
from autopyfactory.errors import ConfigError, FactoryError, Rejected, Unavailable, unpack

COMMAND = (sys.executable, "-P", "-m", "autopyfactory.clients.condor.process")

WORDS = 1000  # characters of a refusal
Arguments = Mapping[str, Any]

FACTORY = "APF_FACTORY"  # the attribute by which a pilot is known as one
IDLE = 1
RUNNING = (2, 6, 7)  # 6: its output is being transferred, 7: suspended
REMOVED = 3
HELD = 5


class Client:
    """The one child of an identity and those who wait for it."""

    def __init__(self, identity: Identity, clients: "Clients") -> None:
        self.identity = identity
        self._clients = clients
        self.users: set[object] = set()
        self._turn = threading.Lock()  # held by whoever asks the child
        self._state = threading.Lock()
        self._child: Child | None = None
        self._deaths = 0
        self._closed = threading.Event()
        self._strides: defaultdict[str, Stride] = defaultdict(Stride)  # by call

    def each(self, name: str, several: Iterable[Arguments | Exception], seconds: float) -> Iterator[Any]:
        """What `name` answers to each of several arguments, in their order; errors are answers, too.

        The next arguments are asked for, and sent, before an answer is heard, so that the child never
        waits for us; see `Stride`.  An error among them is its own answer.  A deadline counts from when the
        child begins.  After a call that is given up no more are asked for.
        """
        deaths = self._deaths
        with self._turn:
            if deaths != self._deaths:
                raise self._given_up(name)
            yield from self._converse(name, several, seconds)

    def close(self) -> None:
        """End the child, whatever it does, within about a second."""
        with self._state:
            self._closed.set()
            child = self._child
        if child is None:
            return
        if not self._turn.acquire(blocking=False):
            child.kill()  # whoever waits for it lets it go
            return
        try:
            child.end()
        finally:
            self._turn.release()

    def _living(self, seconds: float) -> Child:
        """The child, started if need be."""
        with self._state:
            if self._closed.is_set():
                raise Unavailable(f"the connection to {self.identity} is closed", untouched=True)
            if self._child is not None and self._child.is_alive:
                return self._child
            if self._child is not None:
                self._child.end()
            child = self._child = self._start()
        greeting = {"identity": asdict(self.identity), "seconds": seconds}
        child.send(greeting, seconds)
        answer = self._hear(child, "start", seconds)
        if isinstance(answer, Exception):
            child.end()
            raise answer
        return child

    def _start(self) -> Child:
        environment = dict(os.environ)
        if self.identity.config:
            environment["CONDOR_CONFIG"] = self.identity.config
        try:
            return Child(self._clients.command, environment=environment, inherited=inherited())
        except OSError as error:
            raise Unavailable(
                f"no process for {self.identity} could be started: {error}", untouched=True
            ) from error

    def _converse(self, name: str, several: Iterable[Arguments | Exception], seconds: float) -> Iterator[Any]:
        deaths = self._deaths
        child: Child | None = None
        line: deque[Exception | None] = deque()  # those without an answer; None: it was sent
        stride = self._strides[name]
        stride.begin()
        try:
            for one in several:
                if not isinstance(one, Exception):
                    child = child or self._living(seconds)
                    child.send({"call": name, "arguments": dict(one), "seconds": seconds}, seconds)
                line.append(one if isinstance(one, Exception) else None)
                if len(line) > stride.at_hand or not (child is None or child.has_room()):
                    yield from self._hear_some(child, line, name, seconds)
                if deaths != self._deaths:
                    break
            while line:
                if deaths != self._deaths:
                    yield line.popleft() or self._given_up(name)
                else:
                    yield from self._hear_some(child, line, name, seconds)
        finally:
            if child is not None and None in line:  # nobody wants to know, and the next must not hear it
                child.kill()
                child.end()

    def _hear_some(
        self, child: Child | None, line: deque[Exception | None], name: str, seconds: float
    ) -> Iterator[Any]:
        """The first in line, and who else has an answer, after a rest in which several should get one."""
        if line[0] is None and (rest := self._strides[name].rest(line.count(None))):
            self._closed.wait(rest)
        yield line.popleft() or self._hear(child, name, seconds)
        while line and (line[0] is not None or (child is not None and child.has_answer())):
            yield line.popleft() or self._hear(child, name, seconds)

    def _hear(self, child: Child | None, name: str, seconds: float) -> Any:
        """The next answer of the child, or an error."""
        assert child is not None
        try:
            answer = child.hear(seconds)
        except Lost as lost:
            self._deaths += 1
            words = f"{name} at {self.identity}: its process {lost}"
            return Unavailable(words, untouched=not lost.acting)
        self._strides[name].note(answer["took"])
        if "error" not in answer:
            return answer["answer"]
        message = f"{name} at {self.identity}: {answer['error']}"
        if answer["rejected"]:  # of some submit commands the bindings print what is wrong
            return Rejected(" ".join([message, *child.printed()])[:WORDS])
        return Unavailable(message, untouched=answer["untouched"])

    def _given_up(self, name: str) -> Unavailable:
        words = f"{name} at {self.identity} was given up with the call before it"
        return Unavailable(words, untouched=True)


class Clients:
    """All clients of this process, by identity."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self.command = command
        self._lock = threading.Lock()
        self._open: dict[Identity, Client] = {}

    def take(self, identity: Identity, user: object) -> Client:
        """The client of `identity`, which stays until `user` and all others have left it."""
        with self._lock:
            client = self._open.setdefault(identity, Client(identity, self))
            client.users.add(user)
            return client

    def leave(self, identity: Identity, user: object) -> None:
        """The last one who leaves ends the child."""
        with self._lock:
            client = self._open.get(identity)
            if client is None or user not in client.users:
                return
            client.users.discard(user)
            if client.users:
                return
            del self._open[identity]
        client.close()


CLIENTS = Clients()


def need_bindings() -> None:
    """Raise `ConfigError` where HTCondor's bindings are not installed; they are looked for, not loaded."""
    if find_spec("htcondor2") is None:
        raise ConfigError("HTCondor's bindings are missing: pip install 'autopyfactory[htcondor]'")


class Connection:
    """One user's hold on the client of an identity; nothing is started before the first call."""

    def __init__(
        self, identity: Identity, clients: Clients = CLIENTS, prove: Callable[[], object] | None = None
    ) -> None:
        self.identity = identity
        self._prove = prove  # raises `Unavailable` where there is nothing to come with
        self._clients = clients
        self._closed = threading.Event()

    def call(self, name: str, arguments: Mapping[str, Any], *, seconds: float) -> Any:
        """What the call `name` of `calls` answers.

        Raises `Unavailable` when there is no answer, with `untouched` when surely nothing was done, and
        `Rejected` when the schedd refuses.
        """
        [answer] = self.each(name, [arguments], seconds=seconds)
        return unpack(answer)

    def each(self, name: str, several: Iterable[Arguments | Exception], *, seconds: float) -> Iterator[Any]:
        """What it answers to each of several arguments, one call after another; see `Client.each`.

        Raises `Unavailable`, `untouched`, when there is nobody to ask.
        """
        client = self._clients.take(self.identity, self)
        if self._closed.is_set():  # by another thread, just now
            self._clients.leave(self.identity, self)
            raise Unavailable(f"the connection to {self.identity} is closed", untouched=True)
        yield from client.each(name, map(self._proven, several), seconds)

    def close(self) -> None:
        """Let go, whatever hangs; returns within about a second."""
        self._closed.set()
        self._clients.leave(self.identity, self)

    def _proven(self, arguments: Arguments | Exception) -> Arguments | Exception:
        """The same, or why we cannot come with it."""
        try:
            if self._prove is not None:
                self._prove()
        except FactoryError as error:
            return error
        return arguments
