"""What all tests have in common."""

import logging
from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("rig")


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """What a command does to the log ends with its test."""
    log = logging.getLogger("autopyfactory")
    handlers, level, propagate = log.handlers[:], log.level, log.propagate
    yield
    log.handlers[:], log.propagate = handlers, propagate
    log.setLevel(level)
