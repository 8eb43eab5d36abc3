"""A command is asked and heard within limits of time and size, whatever it does."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from autopyfactory.clients import command, locks, pipes
from autopyfactory.clients.command import Command, Words
from autopyfactory.clients.inheritance import inherit
from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.options import Table
from autopyfactory.testing import until

OVER = 1 << 20


def python(code: str, *arguments: str, seconds: float = 60.0, **environment: str) -> Command:
    """A command that runs a piece of Python."""
    return Command((sys.executable, "-c", code, *arguments), environment, timedelta(seconds=seconds))


def error(asked: Command, question: Mapping[str, Any] | None = None) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        asked.ask(question or {})
    return caught.value


def is_gone(number: int) -> bool:
    """Whether a process has ended, even if nobody reaped it."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{number}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_question_and_answer_are_json() -> None:
    question = {"do": "count", "words": ["ä", "\n", '"', "x" * OVER]}
    echo = "import sys, json; print(json.dumps({'asked': json.load(sys.stdin)}))"
    assert python(echo).ask(question) == {"asked": question}


def test_no_shell_sees_the_words() -> None:
    said = python("import sys, json; print(json.dumps({'words': sys.argv[1:]}))", "$HOME", "`id`", "a b;c")
    assert said.ask({}) == {"words": ["$HOME", "`id`", "a b;c"]}


def test_variables_are_added_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIRS", "1")
    code = "import os, json; print(json.dumps({name: os.environ[name] for name in ('OURS', 'THEIRS')}))"
    assert python(code, OURS="2").ask({}) == {"OURS": "2", "THEIRS": "1"}


def test_a_command_need_not_hear_the_question() -> None:
    assert python("import os; os.close(0); print('{}')").ask({"long": "x" * OVER}) == {}


def test_what_stays_in_the_background_neither_delays_nor_is_killed(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('{\"child\": %d}' % child.pid)"
    )
    began = time.monotonic()
    child = python(code).ask({})["child"]
    try:
        assert time.monotonic() - began < 30
        assert not is_gone(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_late_command_is_killed_with_its_children(tmp_path: Path) -> None:
    numbers = tmp_path / "numbers"
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open(sys.argv[1], 'w').write(f'{os.getpid()} {child.pid}')\n"
        "time.sleep(600)"
    )
    late = error(python(code, str(numbers), seconds=2))
    assert str(late) == f"{sys.executable} did not end within 1.8 s and was killed"
    assert not late.untouched
    for number in numbers.read_text().split():
        assert until(lambda number=int(number): is_gone(number))  # type: ignore[misc]


def test_an_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "LIMIT", 100_000)
    said = error(python("while True: print('x' * 1000)"))
    assert str(said) == f"{sys.executable} answered more than 100000 bytes"


@pytest.mark.parametrize(
    ("code", "end"),
    [
        ("import sys; sys.exit(3)", "ended with code 3"),
        ("import sys; sys.exit('first\\n last words \\n\\n')", "ended with code 1: last words"),
        (
            "import sys; print('x' * 100_000 + '\\nend', file=sys.stderr); sys.exit(2)",
            "ended with code 2: end",
        ),
        ("print('{}'); import os; os.kill(os.getpid(), 9)", "was killed by signal 9 (Killed)"),
    ],
)
def test_another_end_than_0_is_no_answer(code: str, end: str) -> None:
    said = error(python(code))
    assert str(said) == f"{sys.executable} {end}"
    assert not said.untouched


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("", "answered no JSON but '': Expecting value"),
        ("hello" * 100, "answered no JSON but 'hello"),
        ('{"count": 1', 'answered no JSON but \'{"count": 1'),
        ('{"count": NaN}', "NaN is no number"),
        ("{} {}", "Extra data"),
        ("[" * 100_000, "answered no JSON but '[[["),
        ("[1]", "answered list, not an object: [1]"),
        ("7", "answered int, not an object: 7"),
    ],
)
def test_what_is_no_object_is_no_answer(output: str, why: str) -> None:
    said = error(python("import sys; sys.stdout.write(eval(sys.argv[1]))", repr(output)))
    assert why in str(said)
    assert len(str(said)) < 400


def test_bytes_that_are_no_text_are_no_answer() -> None:
    assert "answered no JSON but" in str(error(python("import os; os.write(1, b'\\xff\\xfe{')")))


@pytest.mark.parametrize(
    ("words", "environment", "why"),
    [
        (("/no/such/program",), {}, "/no/such/program cannot be started: [Errno 2]"),
        (("/",), {}, "/ cannot be started: [Errno 13]"),
        (("\0",), {}, "cannot be started: embedded null byte"),
        ((sys.executable, "\0"), {}, "cannot be started: embedded null byte"),
        ((sys.executable,), {"A=B": "C"}, "cannot be started: illegal environment variable name"),
    ],
)
def test_what_cannot_be_started_is_untouched(
    words: tuple[str, ...], environment: dict[str, str], why: str
) -> None:
    said = error(Command(words, environment, timedelta(seconds=5)))
    assert why in str(said)
    assert said.untouched


def test_without_a_process_to_spare_it_is_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(command, "Ward", fail)
    said = error(python(""))
    assert "cannot be started: [Errno 11]" in str(said)
    assert said.untouched


@pytest.mark.parametrize(
    ("answer", "untouched"),
    [
        ({"error": "down"}, False),
        ({"error": "down", "untouched": True}, True),
        ({"error": "down", "untouched": "yes"}, False),
    ],
)
def test_a_command_may_say_that_it_has_no_answer(answer: dict[str, Any], untouched: bool) -> None:
    said = error(python("import sys; print(sys.argv[1])", json.dumps(answer)))
    assert str(said) == f"{sys.executable}: down"
    assert said.untouched is untouched


def test_a_command_may_reject() -> None:
    with pytest.raises(Rejected, match="never"):
        python('print(\'{"rejected": "never"}\')').ask({})


class Answer(BaseModel):
    first: int
    second: list[int]


def test_a_wrong_shape_is_named() -> None:
    with pytest.raises(Unavailable) as caught:
        python('print(\'{"first": "x", "second": [1, null]}\')').read(Answer, {})
    assert str(caught.value) == (
        f"answer of {sys.executable}: first: Input should be a valid integer, unable to parse string as"
        " an integer; second.1: Input should be a valid integer"
    )


def test_a_missing_program_is_named() -> None:
    assert python("").missing() == []
    (said,) = Command(("no-such-program",), {}, timedelta(seconds=5)).missing()
    assert said == "command 'no-such-program' is not an executable file, nor found in PATH"


class Section(BaseModel):
    environment: Table = ()
    command: Words


def read(folder: Path, **table: Any) -> tuple[str, ...]:
    """The command of a section, as it is read in a configuration that lies in `folder`."""
    return Section.model_validate(table, context={"folder": folder}).command


def test_a_program_of_a_configuration_may_lie_beside_it(tmp_path: Path) -> None:
    (tmp_path / "count").touch(0o700)
    assert read(tmp_path, command=["./count", "a/b"]) == (str(tmp_path / "count"), "a/b")
    assert read(tmp_path, command=["/bin/sh", "-c"]) == ("/bin/sh", "-c")
    assert read(tmp_path, command=["sh"]) == ("sh",)
    assert read(tmp_path, command=["count"], environment={"PATH": str(tmp_path)}) == ("count",)


@pytest.mark.parametrize(
    "table",
    [
        {"command": ["no-such-program"]},
        {"command": ["./sh"]},
        {"command": ["sh"], "environment": {"PATH": "/no/such"}},
    ],
)
def test_a_program_of_a_configuration_that_is_not_there_is_named(
    table: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(ValidationError, match="is not an executable file") as caught:
        read(tmp_path, **table)
    assert [fault["loc"] for fault in caught.value.errors()] == [("command",)]


def test_only_a_command_that_acts_holds_our_lock(tmp_path: Path) -> None:
    lock = str(tmp_path / "lock")
    file = locks.open_locked(lock)
    assert file is not None
    inherit(file)
    code = (
        "import json, os, pathlib, sys\n"
        "held = [str(file.readlink()) for file in pathlib.Path(f'/proc/{os.getppid()}/fd').iterdir()]\n"
        "print(json.dumps({'held': sys.argv[1] in held}))"
    )
    try:
        assert python(code, lock).ask({}, acts=True) == {"held": True}
        assert python(code, lock).ask({}) == {"held": False}
    finally:
        inherit()
        os.close(file)


def test_closing_kills_what_runs_and_nothing_runs_after(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    asked = python("import sys, time; open(sys.argv[1], 'w').close(); time.sleep(600)", str(mark))
    said: list[Unavailable] = []
    thread = threading.Thread(target=lambda: said.append(error(asked)))
    thread.start()
    assert until(mark.exists)
    asked.close()
    thread.join(30)
    assert [str(one) for one in said] == [f"{sys.executable} was killed by signal 9 (Killed)"]
    assert not said[0].untouched
    after = error(asked)
    assert str(after) == f"{sys.executable} is closed"
    assert after.untouched


def test_a_command_leaves_no_open_files_and_no_zombies(tmp_path: Path) -> None:
    tell, before = "import os; print('{\"number\": %d}' % os.getpid())", count_files()
    number = python(tell).ask({})["number"]
    late = tmp_path / "late"
    code = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
    error(python(code, str(late), seconds=2))
    assert count_files() == before
    assert not Path(f"/proc/{number}").exists()
    assert not Path(f"/proc/{late.read_text()}").exists()


def count_files() -> int:
    """How many files this process holds open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_the_last_that_a_command_said_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipes, "CHUNK", 1000)
    said = python("import os; os.write(1, b'[' + b' ' * 50_000 + b']'); os._exit(0)")
    assert "answered list" in str(error(said))
