"""When the next cycle of a queue is due."""

import pytest

from autopyfactory.app.rhythm import say_duration, seconds_to_turn
from autopyfactory.turns import Turns
from rig import Rig


@pytest.mark.parametrize("name", ["a", "SITE_PROD", "x" * 64])
@pytest.mark.parametrize("wall", [0.0, 1234.5, 1.9e9])
def test_it_is_when_the_queues_own_thread_has_its_turn(name: str, wall: float) -> None:
    rig = Rig()
    queue = rig.queue(rig.source()[1], rig.target()[1], name=name, interval=360)
    turns = Turns(queue, rig.cycle, lambda report: None)
    assert seconds_to_turn(queue, wall) == pytest.approx(turns.first(0.0, wall))
    rig.close()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0s"), (40, "40s"), (89, "89s"), (240, "4m"), (3600, "1h 0m"), (4800, "1h 20m")],
)
def test_a_time_to_wait_in_words(seconds: float, words: str) -> None:
    assert say_duration(seconds) == words
