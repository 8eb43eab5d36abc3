"""The dry run shows another target as it is and never touches it."""

from collections.abc import Callable
from typing import Any

import pytest

from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.model import CredentialType, Need, Order, Place
from autopyfactory.targets.dry_run import DryRunOptions, DryRunTarget
from autopyfactory.testing import FakePilot, FakeTarget, FakeWorld, SupplyContract

Make = Callable[[str], DryRunTarget]


class TestDryRunTarget(SupplyContract):
    @pytest.fixture
    def section(self) -> DryRunOptions:
        return DryRunOptions(target="real")

    @pytest.fixture
    def world(self) -> FakeWorld:
        return FakeWorld()

    @pytest.fixture
    def make(self, section: DryRunOptions, place: Callable[[str], Place], world: FakeWorld) -> Make:
        return lambda factory: DryRunTarget(section, place(factory), FakeTarget(factory, world=world))

    @pytest.fixture
    def pilot(self) -> FakePilot:
        return FakePilot()


def test_it_takes_what_the_inner_target_takes() -> None:
    place = Place(section="dry", factory="us", logs="logs", state="state")
    inner = FakeTarget()
    setattr(inner, "takes", frozenset({CredentialType.TOKEN}))  # noqa: B010
    options = DryRunOptions(target="real")
    assert DryRunTarget(options, place, inner).takes == {CredentialType.TOKEN}
    assert DryRunTarget(options, place, FakeTarget()).takes == frozenset()


class Bare:
    """A target that can neither be probed nor closed."""

    options = FakeTarget.options
    pilot = FakePilot
    gives: frozenset[Need] = frozenset()


def around(inner: Any) -> DryRunTarget:
    place = Place(section="dry", factory="us", logs="logs", state="state")
    return DryRunTarget(DryRunOptions(target="real"), place, inner)


ORDER = Order(queue="ALPHA", pilot=FakePilot(), count=2, tag="tag")


def test_pilots_and_tags_of_the_inner_target_are_seen() -> None:
    inner = FakeTarget(gives=[Need.IDLE])
    inner.submit(ORDER)
    target = around(inner)
    assert target.gives == {Need.IDLE}
    assert target.pilot is FakePilot
    assert target.supply(["ALPHA", "BETA"]) == inner.supply(["ALPHA", "BETA"])
    assert target.tagged(["tag"]) == {"tag": 2}


def test_nothing_is_started_and_nothing_is_retired() -> None:
    inner = FakeTarget()
    inner.submit(ORDER)
    inner.calls.clear()
    assert list(around(inner).submit(ORDER)) == []
    assert list(around(inner).retire("ALPHA", 1)) == []
    assert inner.calls == []


def test_failures_of_the_inner_target_are_its_own() -> None:
    inner = FakeTarget()
    inner.fail = Unavailable("down")
    for ask in (lambda: around(inner).supply(["ALPHA"]), lambda: around(inner).tagged(["tag"])):
        with pytest.raises(Unavailable, match="down"):
            ask()


def test_it_is_probed_and_closed_with_its_inner_target() -> None:
    class Probed(FakeTarget):
        def probe(self) -> list[str]:
            return ["no such schedd"]

    inner = Probed()
    target = around(inner)
    assert target.probe() == ["no such schedd"]
    target.close()
    assert inner.closed == 1


def test_options_of_a_queue_are_checked_by_the_inner_target() -> None:
    class Picky(FakeTarget):
        def check(self, options: FakePilot) -> None:
            raise ConfigError("no such executable")

    with pytest.raises(ConfigError, match="no such executable"):
        around(Picky()).check(FakePilot())


def test_an_inner_target_need_be_neither_checked_nor_probed_nor_closed() -> None:
    target = around(Bare())
    target.close()
    target.check(FakePilot())
    assert target.probe() == []
