"""A command that answers a question: JSON on its standard input, JSON on its standard output, a deadline."""

import json
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, Field, ValidationError, ValidationInfo

from autopyfactory.clients.allowance import allow
from autopyfactory.clients.inheritance import inherited
from autopyfactory.clients.pipes import Pipes
from autopyfactory.clients.program import missing
from autopyfactory.clients.ward import End, Ward
from autopyfactory.errors import Rejected, Unavailable


def look_for(words: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """The words of a configuration; `ValueError` when they name a program that is not there.

    A relative path lies in the configuration's folder.  An `environment` that is a field before this one
    decides where a mere word is looked for.
    """
    if info.context is None:
        return words
    folder, program = info.context.get("folder"), words[0]
    if folder is not None and "/" in program:
        program = str(folder / program)
    sentence = missing(program, dict(info.data.get("environment", ())).get("PATH"))
    if sentence:
        raise ValueError(sentence)
    return (program, *words[1:])


Words = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(look_for)]
M = TypeVar("M", bound=BaseModel)
Explain = Callable[[str], str]

LIMIT = 64 * 2**20  # bytes of an answer
SHOWN = 80  # characters of a wrong answer, in its error


def last_line(complaint: str) -> str:
    """The last line that says something."""
    return next((line.strip() for line in reversed(complaint.splitlines()) if line.strip()), "")


class Command:
    """An argument list, run anew for every question; no shell sees it.

    `explain` picks from what it said on standard error the words that tell why it failed.
    """

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        timeout: timedelta,
        explain: Explain = last_line,
    ) -> None:
        self.name = words[0]
        self._explain = explain
        self._words = list(words)
        self._environment = dict(environment)
        self._seconds = allow(timeout)
        self._lock = threading.Lock()
        self._ward: Ward | None = None
        self._closed = False

    def ask(self, question: Mapping[str, Any], *, acts: bool = False) -> Mapping[str, Any]:
        """Run the command and return the object it answers; while it `acts`, our lock is held.

        Raises `Rejected` or `Unavailable` as the answer says (`rejected`, `error`), and `Unavailable`
        when there is no proper answer; `untouched` if the command could not even be started.
        """
        answer = self._parse(self.run(json.dumps(question).encode(), inherited() if acts else ()))
        if "rejected" in answer:
            raise Rejected(f"{self.name}: {answer['rejected']}")
        if "error" in answer:
            raise Unavailable(f"{self.name}: {answer['error']}", untouched=answer.get("untouched") is True)
        return answer

    def run(self, text: bytes = b"", held: Sequence[int] = (), more: Sequence[str] = ()) -> bytes:
        """Run the command with `more` words and return all it says, whatever that is; it is told `text`.

        Raises `Unavailable` when it does not end well or in time.
        """
        ward = self._start(more, held)
        over = False
        try:
            with closing(Pipes(ward.process, self.name, LIMIT)) as pipes:
                over = pipes.attend(text, time.monotonic() + self._seconds)
        finally:
            if not over:
                ward.kill()
            end = self._reap(ward)
        if not over:
            raise Unavailable(f"{self.name} did not end within {self._seconds:g} s and was killed")
        if not end.began:
            raise Unavailable(f"{self.name} cannot be started: {end.error}", untouched=True)
        if end.code != 0:
            how = end.error if end.code is None else describe_end(end.code)
            why = self._explain(pipes.complaint())
            raise Unavailable(f"{self.name} {how}{why and f': {why}'}")
        return bytes(pipes.output)

    def read(self, model: type[M], question: Mapping[str, Any], *, acts: bool = False) -> M:
        """Ask, and read the answer as `model`; `Unavailable` names what is wrong in it and where."""
        return shape(model, self.ask(question, acts=acts), f"answer of {self.name}")

    def missing(self) -> list[str]:
        """A sentence when there is no such executable."""
        sentence = missing(self.name, self._environment.get("PATH"))
        return [f"command {sentence}"] if sentence else []

    def close(self) -> None:
        """Kill what runs, and start nothing any more."""
        with self._lock:
            self._closed = True
            if self._ward is not None:
                self._ward.kill()

    def _start(self, more: Sequence[str], held: Sequence[int]) -> Ward:
        with self._lock:
            if self._closed:
                raise Unavailable(f"{self.name} is closed", untouched=True)
            try:
                self._ward = Ward([*self._words, *more], self._environment, self._seconds, held)
            except (OSError, ValueError) as error:
                raise Unavailable(f"{self.name} cannot be started: {error}", untouched=True) from error
            return self._ward

    def _reap(self, ward: Ward) -> End:
        end = ward.reap()
        with self._lock:
            self._ward = None
        return end

    def _parse(self, output: bytes) -> Mapping[str, Any]:
        try:
            answer = json.loads(output, parse_constant=refuse_constant)
        except (ValueError, RecursionError) as error:
            begin = output[:SHOWN].decode(errors="replace")
            raise Unavailable(f"{self.name} answered no JSON but {begin!r}: {error}") from error
        if not isinstance(answer, dict):
            raise Unavailable(
                f"{self.name} answered {type(answer).__name__}, not an object: {answer!r:.{SHOWN}}"
            )
        return answer


def refuse_constant(word: str) -> NoReturn:
    """NaN and Infinity are no JSON and no counts."""
    raise ValueError(f"{word} is no number")


def describe_end(code: int) -> str:
    """How a process ended, in words."""
    if code < 0:
        return f"was killed by signal {-code} ({signal.strsignal(-code)})"
    return f"ended with code {code}"


def shape(model: type[M], data: object, place: str) -> M:
    """`data` as `model`, or `Unavailable` with what is wrong and where."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'it'}: {fault['msg']}" for fault in error.errors()[:3]
        )
        raise Unavailable(f"{place}: {faults}") from error
