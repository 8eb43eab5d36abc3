"""Commands that act without a daemon renew what they use, each credential once, and wait for it."""

import threading
from collections.abc import Iterator

import pytest

from autopyfactory.app.renewal import renew
from rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.close()


def test_what_a_queue_and_its_sections_use_is_renewed_once(rig: Rig) -> None:
    (own, first), (theirs, second), (other, _) = (rig.credential() for _ in range(3))
    source, target = rig.source()[1], rig.target()[1]
    source.credentials, target.credentials = (second,), (first,)
    renew(rig.queue(source, target, credentials=(first,)))
    assert [len(fake.asked("renew")) for fake in (own, theirs, other)] == [1, 1, 0]


def test_one_that_hangs_or_fails_is_not_waited_for_longer(rig: Rig) -> None:
    (hanging, first), (failing, second) = rig.credential(), rig.credential()
    hang = hanging.hangs["renew"] = threading.Event()
    failing.fails["renew"] = RuntimeError("the server is away")
    queue = rig.queue(rig.source()[1], rig.target()[1], credentials=(first, second))
    renew(queue, patience=0.2)
    assert second.failed == 1
    hang.set()
