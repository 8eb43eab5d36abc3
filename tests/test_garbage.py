"""The collector of cycles is left out where that is asked for, and only there."""

import gc
import weakref

import pytest

from autopyfactory.garbage import YOUNG, settle, uncollected


@pytest.mark.parametrize("collects", [True, False])
def test_the_collector_is_left_as_it_was(collects):
    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        with uncollected():
            assert not gc.isenabled()
        assert gc.isenabled() is collects
    finally:
        (gc.enable if before else gc.disable)()


class Knot:
    """Something that refers back to itself."""

    def __init__(self):
        self.itself = self


def test_what_is_there_is_looked_at_again_only_when_it_settles_anew():
    before = gc.get_freeze_count()
    knot = Knot()
    seen = weakref.ref(knot)
    try:
        settle()
        assert gc.get_freeze_count() > before
        del knot
        gc.collect()
        assert seen() is not None
        settle()
        assert seen() is None
    finally:
        gc.unfreeze()


def test_what_is_young_is_looked_at_less_often_from_then_on():
    before = gc.get_threshold()
    try:
        gc.set_threshold(700)
        settle()
        assert gc.get_threshold()[0] == YOUNG
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
