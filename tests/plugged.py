"""What all plug-ins that are made from a section keep, and how a test sees what they touch."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from autopyfactory.model import Ended, Need, Place, Supply
from autopyfactory.options import Options

Make = Callable[[str], Any]

OURS = "factory-one"
OTHERS = "factory-two"
EFFECTS = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"}
EFFECTS |= {"os.mkdir", "os.remove", "os.rename", "sqlite3.connect"}
EFFECTS |= {"socket.bind", "socket.connect", "socket.getaddrinfo"}


class Watch:
    """Notes what one thread does to the world, by Python's audit events."""

    def __init__(self) -> None:
        self.thread = 0
        self.events: list[str] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if threading.get_ident() != self.thread:
            return
        if event in EFFECTS or (event == "open" and self._is_ours(arguments)):
            self.events.append(f"{event}{arguments}")

    @staticmethod
    def _is_ours(arguments: tuple[Any, ...]) -> bool:
        """Whether a file is opened for another purpose than an import."""
        name = str(arguments[0])
        return not name.endswith((".py", ".pyc", ".so")) and "__pycache__" not in name

    @contextmanager
    def effects(self) -> Iterator[list[str]]:
        """The events of this thread inside the block."""
        self.events, self.thread = [], threading.get_ident()
        try:
            yield self.events
        finally:
            self.thread = 0


WATCH = Watch()


def until(question: Callable[[], bool], seconds: float = 30.0, pace: float = 0.02) -> bool:
    """Ask every `pace` seconds until the answer is yes, or until `seconds` are over."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        pause.wait(pace)
    return True


def check_options(options: Options) -> None:
    """Options can be shared as keys, cannot be changed, and know all their names."""
    written = options.model_dump()
    same = type(options).model_validate(written)
    assert same == options
    assert hash(same) == hash(options)
    with pytest.raises(ValidationError, match="no_such_key"):
        type(options).model_validate({**written, "no_such_key": 1})
    for name in written:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(options, name, None)


def is_count(number: object) -> bool:
    """A whole number that is not negative, and no bool."""
    return type(number) is int and number >= 0


def check_supply(supply: Supply, gives: frozenset[Need]) -> None:
    """A supply holds counts, and of the parts that not every target knows those that it gives."""
    assert type(supply) is Supply
    assert is_count(supply.pending)
    assert is_count(supply.running)
    assert is_count(supply.held)
    assert is_count(supply.retiring)
    assert supply.uncertain == 0
    assert (supply.idle is not None) == (Need.IDLE in gives)
    assert (supply.lifetime is not None) == (Need.LIFETIME in gives)
    assert Need.ENDED in gives or supply.ended == ()
    assert Need.ENDED not in gives or supply.clock > 0
    assert 0 <= (supply.idle or 0) <= supply.running
    assert all(type(record) is Ended and record.run_time >= 0 for record in supply.ended)
    assert [record.end for record in supply.ended] == sorted(record.end for record in supply.ended)
    assert len(supply.starts) <= supply.running
    assert all(start <= time.monotonic() for start in supply.starts)
    assert 0 <= supply.as_of <= time.monotonic()


class PlugInContract:
    """What sources, targets and credentials have in common: they are made by section and place."""

    plugin: ClassVar[Callable[..., Any]]
    ancestor: ClassVar[type[Options]]

    @pytest.fixture
    def section(self) -> Options:
        """Options of the plug-in's section, with which it works."""
        raise NotImplementedError

    @pytest.fixture
    def place(self, tmp_path: Path) -> Callable[[str], Place]:
        """The place of a factory: every factory has folders of its own, which do not exist yet."""

        def place(factory: str) -> Place:
            home = tmp_path / "factories" / factory
            return Place(
                section="tested", factory=factory, logs=str(home / "logs"), state=str(home / "state")
            )

        return place

    @pytest.fixture
    def make(self, section: Options, place: Callable[[str], Place]) -> Iterator[Make]:
        """Makes an instance for a factory; all instances of one test share one world."""
        made: list[Any] = []

        def make(factory: str) -> Any:
            made.append(type(self).plugin(section, place(factory)))
            return made[-1]

        yield make
        for instance in made:
            if hasattr(instance, "close"):
                instance.close()

    def test_making_it_touches_nothing(self, make: Make) -> None:
        threads = threading.active_count()
        with WATCH.effects() as effects:
            make(OURS)
        assert effects == []
        assert threading.active_count() <= threads

    def test_its_options_are_frozen_hashable_and_know_all_their_names(
        self, make: Make, section: Options
    ) -> None:
        assert type(section) is make(OURS).options
        assert isinstance(section, self.ancestor)
        check_options(section)

    def test_it_gives_needs(self, make: Make) -> None:
        assert getattr(make(OURS), "gives", frozenset()) <= frozenset(Need)

    def test_an_unused_one_can_be_closed(self, make: Make) -> None:
        instance = make(OURS)
        with WATCH.effects() as effects:
            getattr(instance, "close", list)()
        assert effects == []
