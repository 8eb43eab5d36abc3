"""What the application changes of the whole process is as before after each test."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """The daemon's log is set up for good: give the tests theirs back."""
    root = logging.getLogger("autopyfactory")
    handlers, level, propagate = root.handlers[:], root.level, root.propagate
    yield
    for handler in root.handlers[:]:
        if handler not in handlers:
            handler.close()
    root.handlers[:], root.level, root.propagate = handlers, level, propagate
