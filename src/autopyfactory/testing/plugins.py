"""What all plug-ins that are made from a section must keep."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from autopyfactory.model import Need, Place
from autopyfactory.options import Options
from autopyfactory.testing.checks import check_options
from autopyfactory.testing.watch import WATCH

Make = Callable[[str], Any]

OURS = "factory-one"
OTHERS = "factory-two"


class PlugInContract:
    """What all plug-ins but policies have in common: they are made by section and place.

    A subclass names its `plugin`.  It overrides `place` where two factories meet otherwise than by their
    section, and `make` where making the plug-in takes more than `plugin(section, place)`.
    """

    plugin: ClassVar[Any]
    ancestor: ClassVar[type[Options]]

    @pytest.fixture
    def section(self) -> Any:
        """Options of the plug-in's section, with which it works: the defaults, where that will do."""
        return self.plugin.options()

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
