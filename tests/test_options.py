"""Options read what operators write, and refuse the rest in plain words."""

import select
import socket
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from autopyfactory.fields import timestamp
from autopyfactory.options import (
    LONGEST,
    LONGEST_CALL,
    Count,
    Duration,
    Location,
    Options,
    PilotOptions,
    Positive,
    Size,
    Table,
    TargetSection,
    Timeout,
    parse_duration,
    write_duration,
)

DURATION = TypeAdapter(Duration)
SIZE = TypeAdapter(Size)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("6m", 360),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("1.5h", 5400),
        ("250ms", 0.25),
        ("2d", 172800),
        ("1w", 604800),
        (5, 5),
        (2.5, 2.5),
        (timedelta(seconds=3), 3),
    ],
)
def test_durations(text, seconds):
    assert DURATION.validate_python(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "6", "m", "6x", "6m!", "-6m", True, None, [], -1, float("nan"), 1e30])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValidationError):
        DURATION.validate_python(text)


@pytest.mark.parametrize(
    ("kind", "most", "more", "words"),
    [
        (DURATION, "400d", "401d", "is too long, 401d; it may be 400d at most"),
        (DURATION, "400d", "99999w", "is too long, 699993d; it may be 400d at most"),
        (TypeAdapter(Timeout), "1d", "25h", "is too long, 25h; it may be 1d at most"),
        (TypeAdapter(Count), 10**9, 10**9 + 1, "is too much; it may be 1000000000 at most"),
        (TypeAdapter(Positive), 10**9, 10**400, "is too much; it may be 1000000000 at most"),
    ],
)
def test_what_nobody_can_mean_is_refused(kind, most, more, words):
    kind.validate_python(most)
    with pytest.raises(ValidationError, match=words):
        kind.validate_python(more)


def test_the_core_can_wait_as_long_as_any_duration():
    assert LONGEST.total_seconds() < threading.TIMEOUT_MAX
    with socket.socket() as idle:
        poll = select.poll()
        poll.register(idle, select.POLLIN)
        assert poll.poll(LONGEST_CALL.total_seconds() * 1000) != []


def test_the_refusal_of_a_duration_says_what_to_write():
    with pytest.raises(ValidationError, match="'6 minutes' is no duration; write '90s', '6m', '1h30m'"):
        DURATION.validate_python("6 minutes")


@given(st.integers(0, 10**7))
def test_a_written_duration_reads_back(seconds):
    value = timedelta(seconds=seconds)
    assert parse_duration(write_duration(value)) == value


@pytest.mark.parametrize(
    ("text", "size"), [("2GB", 2 * 10**9), ("512MiB", 2**29), ("1.5 kB", 1500), (7, 7), ("3B", 3)]
)
def test_sizes(text, size):
    assert SIZE.validate_python(text) == size


@pytest.mark.parametrize("text", ["", "2", "GB", "2 gigs", "2GB2", -1, True, 1.5, None])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValidationError):
        SIZE.validate_python(text)


class Sample(Options):
    """An option model with a table."""

    environment: Table = ()
    count: Count = 0


def test_options_keep_their_hash_and_their_copies_make_one_of_their_own():
    pilot = PilotOptions(cores=8)
    assert hash(pilot) == hash(pilot) == hash(PilotOptions(cores=8))
    other = pilot.model_copy(update={"cores": 4})
    assert (other, hash(other)) == (PilotOptions(cores=4), hash(PilotOptions(cores=4)))
    assert pilot == PilotOptions(cores=8)
    assert len({pilot, other, PilotOptions(cores=4)}) == 2


def test_tables_are_hashable_and_their_order_does_not_matter():
    one = Sample.model_validate({"environment": {"b": 1, "a": True, "c": "x"}})
    two = Sample.model_validate({"environment": {"c": "x", "a": True, "b": 1}})
    assert one.environment == (("a", "true"), ("b", "1"), ("c", "x"))
    assert hash(one) == hash(two)
    assert one.model_dump()["environment"] == {"a": "true", "b": "1", "c": "x"}


@pytest.mark.parametrize(
    "table",
    [
        {"environment": 5},
        {"environment": {"a": [1]}},
        {"count": -1},
        {"count": "1"},
        {"count": True},
        {"cuont": 1},
    ],
)
def test_wrong_options_are_refused(table):
    with pytest.raises(ValidationError):
        Sample.model_validate(table)


def test_every_common_option_is_documented():
    for model in (PilotOptions, TargetSection):
        assert all(field.description for field in model.model_fields.values())


@pytest.mark.parametrize(
    ("adapter", "value", "sentence"),
    [
        (DURATION, {"a": 1}, "a value of type dict is no duration; write"),
        (DURATION, "x" * 100, f"'{'x' * 60}' is no duration; write"),
        (DURATION, float("nan"), "nan s is too long for a duration"),
        (SIZE, [2], "a value of type list is no size; write"),
        (SIZE, "9" * 400 + "GB", f"'{'9' * 60}' is too much for a size"),
    ],
)
def test_a_refusal_is_short_whatever_was_written(adapter, value, sentence):
    with pytest.raises(ValidationError, match=sentence):
        adapter.validate_python(value)


LOCATION = TypeAdapter(Location)


@pytest.mark.parametrize(
    ("written", "folder", "path"),
    [
        ("a/b", Path("/site"), "/site/a/b"),
        ("/a", Path("/site"), "/a"),
        ("~/a", Path("/site"), "/users/grid/a"),
        ("a/b", None, "a/b"),
    ],
)
def test_a_location_lies_in_the_folder_of_the_configuration(monkeypatch, written, folder, path):
    monkeypatch.setenv("HOME", "/users/grid")
    assert LOCATION.validate_python(written, context={"folder": folder}) == Path(path)


def test_a_location_without_a_configuration_is_taken_as_it_is():
    assert LOCATION.validate_python("a") == Path("a")


@pytest.mark.parametrize(
    ("written", "sentence"),
    [("a\0b", "a path holds no null character"), ("~nobody-of-this-name/a", "there is no such home folder")],
)
def test_what_can_be_no_location_is_refused(written, sentence):
    with pytest.raises(ValidationError, match=sentence):
        LOCATION.validate_python(written)


def test_moments_are_in_utc() -> None:
    assert timestamp(0.0) == "1970-01-01T00:00:00Z"
