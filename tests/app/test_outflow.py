"""Who logs never waits for where the log goes."""

import logging
import threading
from collections.abc import Iterator

import pytest

from autopyfactory.app import outflow
from autopyfactory.app.outflow import Outflow
from autopyfactory.testing import until

HANG = 60.0  # seconds; a test that needed as much would fail


class Slow(logging.Handler):
    """Notes what is written, and stands still while `flows` is not set."""

    def __init__(self) -> None:
        super().__init__()
        self.flows = threading.Event()
        self.lines: list[str] = []
        self.closed = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.flows.wait(HANG)
        self.lines.append(record.getMessage())

    def close(self) -> None:
        self.closed.set()
        super().close()


@pytest.fixture
def slow() -> Iterator[Slow]:
    slow = Slow()
    yield slow
    slow.flows.set()


@pytest.fixture
def log(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    """A log of its own, of which four lines may wait."""
    monkeypatch.setattr(outflow, "ROOM", 4)
    monkeypatch.setattr(outflow, "FLUSH", 0.2)
    log = logging.Logger("aside")
    log.addHandler(Outflow(slow))
    yield log
    log.handlers[0].close()


def test_lines_are_written_in_their_order(log: logging.Logger, slow: Slow) -> None:
    slow.flows.set()
    for number in range(3):
        log.info("line %d", number)
    log.handlers[0].flush()
    assert slow.lines == ["line 0", "line 1", "line 2"]


def test_lines_beyond_what_may_wait_are_counted(log: logging.Logger, slow: Slow) -> None:
    log.info("first")
    assert until(lambda: log.handlers[0].queue.empty())  # type: ignore[attr-defined]
    for number in range(7):
        log.info("line %d", number)
    log.handlers[0].flush()
    assert slow.lines == []
    slow.flows.set()
    told = "3 lines of the log were lost: what it goes to stood still"
    assert until(lambda: slow.lines == ["first", told, "line 0", "line 1", "line 2", "line 3"])


@pytest.mark.parametrize("lines", [1, 9])
def test_an_end_waits_for_nobody_and_what_flows_again_is_closed(
    log: logging.Logger, slow: Slow, lines: int
) -> None:
    for number in range(lines):
        log.info("line %d", number)
    log.handlers[0].close()
    assert not slow.closed.is_set()
    slow.flows.set()
    assert slow.closed.wait(HANG)
    assert slow.lines[0] == "line 0"


def test_a_line_keeps_the_words_that_it_had(log: logging.Logger, slow: Slow) -> None:
    names = ["a"]
    try:
        raise KeyError("b")
    except KeyError:
        log.exception("of %s", names)
    names.clear()
    slow.flows.set()
    log.handlers[0].flush()
    first, *_, last = slow.lines[0].splitlines()
    assert (first, last) == ("of ['a']", "KeyError: 'b'")


def test_nobody_waits_for_a_log_that_has_ended(log: logging.Logger, slow: Slow) -> None:
    slow.flows.set()
    handler = log.handlers[0]
    handler.close()
    handler._thread.join(HANG)  # type: ignore[attr-defined]
    handler.flush()
    assert handler.queue.empty()  # type: ignore[attr-defined]
