"""A catalogue is asked, and its answer held against the last one that was believed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autopyfactory.app.catalog.copies import BELIEVED, DOUBTED, Copies
from autopyfactory.app.catalog.reading import Reader, Reading
from autopyfactory.configuration import Extract
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.options import CatalogSection


class Names:
    """A catalogue of names, one a word."""

    options = CatalogSection

    def __init__(self) -> None:
        self.answer: Callable[[], bytes] = lambda: b"A B C D"

    def fetch(self) -> bytes:
        return self.answer()

    def extract(self, document: bytes) -> Extract:
        if document == b"odd":
            raise ConfigError("a field is gone")
        return Extract(queues={name: {} for name in document.decode().split()}, verdicts=())


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def reader(names: Names, tmp_path: Path) -> Reader:
    options = CatalogSection.model_validate({"agree": 2, "refresh": "10s"})
    return Reader(name="atlas", catalog=names, options=options, copies=Copies(tmp_path, "atlas"))


def read(reader: Reader, *, accept: bool = False) -> Reading:
    reading = reader.read(accept=accept)
    reading.keep(reader.copies)
    return reading


def say(text: bytes) -> Callable[[], bytes]:
    return lambda: text


def fail() -> bytes:
    raise Unavailable("nobody answers")


def queues(reading: Reading) -> str:
    return "nothing" if reading.extract is None else " ".join(reading.extract.queues)


def test_the_first_answer_is_believed(reader: Reader) -> None:
    reading = read(reader)
    assert (queues(reading), reading.trouble, reading.before) == ("A B C D", "", None)


def test_nothing_is_written_by_reading(reader: Reader) -> None:
    reader.read()
    assert reader.copies.read(BELIEVED) is None


def test_the_copy_serves_while_the_catalogue_is_away(reader: Reader, names: Names) -> None:
    read(reader)
    names.answer = fail
    reading = read(reader)
    assert queues(reading) == "A B C D"
    assert reading.trouble.startswith("nobody answers; the copy of ")
    assert reading.seen is None


def test_without_an_answer_and_a_copy_there_is_nothing(reader: Reader, names: Names) -> None:
    names.answer = fail
    reading = read(reader)
    assert queues(reading) == "nothing"
    assert reading.trouble == "nobody answers; there is no copy of an earlier reading"


def test_what_cannot_be_used_is_like_no_answer(reader: Reader, names: Names) -> None:
    read(reader)
    names.answer = say(b"odd")
    assert queues(read(reader)) == "A B C D"


def test_a_section_that_goes_with_neither_answer_nor_copy_is_told_once(reader: Reader, names: Names) -> None:
    names.answer = say(b"X")
    read(reader)
    names.extract = fail_to_extract  # type: ignore[assignment, method-assign]
    assert read(reader).trouble == "there is no field"


def fail_to_extract(_: bytes) -> Extract:
    raise ConfigError("there is no field")


def test_a_collapse_waits_for_another_reading(reader: Reader, names: Names) -> None:
    read(reader)
    names.answer = say(b"A")
    for _ in range(3):  # at once, which counts as one
        reading = read(reader)
        assert queues(reading) == "A B C D"
        assert reading.trouble.startswith("3 of 4 queues have vanished, which is not believed")
        assert "until 1 more reading agree" in reading.trouble
    age(reader)
    assert queues(read(reader)) == "A"
    assert reader.copies.read(DOUBTED) is None


def age(reader: Reader) -> None:
    """Let the doubted copy be an hour old."""
    copy = reader.copies.read(DOUBTED)
    assert copy is not None
    reader.copies.write(
        DOUBTED, type(copy)(document=copy.document, moment=copy.moment - 3600, count=copy.count)
    )


def test_a_reading_that_is_well_again_ends_the_doubt(reader: Reader, names: Names) -> None:
    read(reader)
    names.answer = say(b"A")
    read(reader)
    assert reader.copies.read(DOUBTED) is not None
    names.answer = say(b"A B C D E")
    assert queues(read(reader)) == "A B C D E"
    assert reader.copies.read(DOUBTED) is None


def test_a_collapse_that_is_accepted_is_believed_at_once(reader: Reader, names: Names) -> None:
    read(reader)
    names.answer = say(b"A")
    assert queues(read(reader, accept=True)) == "A"
    assert queues(read(reader)) == "A"


def test_a_stranger_whose_code_fails_is_no_answer(reader: Reader, names: Names) -> None:
    read(reader)
    names.answer = lambda: {}["x"]  # type: ignore[index]
    reading = read(reader)
    assert queues(reading) == "A B C D"
    assert "a fault of its plug-in: KeyError('x')" in reading.trouble


def test_a_reading_is_told_in_figures(reader: Reader, names: Names) -> None:
    assert read(reader).describe() == {"queues": 4, "left_out": 0, "trouble": None}
    names.answer = fail
    told = read(reader).describe()
    assert (told["queues"], told["left_out"]) == (4, None)
    assert told["trouble"].startswith("nobody answers; the copy of ")
    assert Reading(name="atlas", extract=None, trouble="away").describe()["queues"] == 0
