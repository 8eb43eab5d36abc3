"""The warden as a program: it needs little, and writes into its book what came of its errand."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients import warden

ROOT = str(Path(warden.__file__).parents[2])


@pytest.fixture
def book() -> Iterator[int]:
    file = os.memfd_create("book")
    yield file
    os.close(file)


def test_what_is_written_takes_the_place_of_what_was(book: int) -> None:
    for facts in ({"words": ["x" * 9000]}, {"code": 1}, {}):
        warden.write(book, facts)
        assert warden.read(book) == facts


def serve(book: int, **errand: Any) -> dict[str, object]:
    """What comes of an errand."""
    warden.write(book, {"environment": {}, "seconds": 60.0, **errand})
    subprocess.run(
        [sys.executable, "-m", "autopyfactory.clients.warden", str(book), "name"],
        pass_fds=[book],
        start_new_session=True,
        timeout=60,
        check=True,
    )
    return warden.read(book)


@pytest.mark.parametrize(
    ("errand", "error"),
    [
        ({"words": ["/no/such/program"]}, "[Errno 2] No such file or directory: '/no/such/program'"),
        ({"words": ["sh", "\0"]}, "embedded null byte"),
        ({"words": ["sh"], "environment": {"A=B": "C"}}, "illegal environment variable name"),
    ],
)
def test_an_errand_that_cannot_be_begun_is_told(book: int, errand: dict[str, Any], error: str) -> None:
    assert serve(book, **errand) == {"error": error}


def test_variables_are_added_and_decide_where_the_program_is_found(book: int, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\nexit "$CODE"')
    program.chmod(0o700)
    environment = {"PATH": f"{tmp_path}:/bin:/usr/bin", "CODE": "7"}
    assert serve(book, words=["program"], environment=environment) == {"code": 7}


def imported(expression: str) -> str:
    """What comes of an expression, of `sys.modules`, once a bare Python has imported the warden alone."""
    text = (
        f"import sys; sys.path.append(sys.argv[1]); import autopyfactory.clients.warden; print({expression})"
    )
    command = [sys.executable, "-I", "-S", "-c", text, ROOT]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_it_needs_nothing_but_the_standard_library() -> None:
    found = imported("{name.split('.')[0] for name in sys.modules} - {'__main__', *sys.stdlib_module_names}")
    assert found == "{'autopyfactory'}\n"


def test_it_imports_nothing_that_takes_long() -> None:
    assert imported("{'typing', 'subprocess', 'pathlib'} & {*sys.modules}") == "set()\n"
