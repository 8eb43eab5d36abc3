"""`apf jobs`: the job queue of this machine."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from autopyfactory.app.assembly.words import missed
from autopyfactory.app.commands.output import emit, emit_rows, say, table
from autopyfactory.clients.workstation.jobs import NOT_RUNNING, Job, JobQueue, State
from autopyfactory.errors import ConfigError
from autopyfactory.fields import timestamp

TITLES = ("id", "label", "state", "added", "exit", "command", "reason")
MOMENTS = ("added", "started", "ended")
NAMES = tuple(field.name for field in fields(Job))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What `apf jobs add` was asked for."""

    command: tuple[str, ...]
    label: str
    count: int
    cores: int
    directory: str


def add(file: Path, job: NewJob, *, as_json: bool) -> int:
    """Add jobs and show their numbers; the first ones make the file, and no folder."""
    folder = file.absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"{file}: there is no folder {folder}; make it, or mend the path")
    numbers = JobQueue(file).add(
        job.command, label=job.label, cores=job.cores, count=job.count, directory=job.directory
    )
    if as_json:
        emit({"added": numbers})
    else:
        say(f"added {len(numbers)}: {numbers[0]}" + (f" to {numbers[-1]}" if len(numbers) > 1 else ""))
    return 0


def show(file: Path, label: str | None, states: Sequence[str] | None, *, as_json: bool) -> int:
    """Show jobs, and how many there are of each state."""
    found = JobQueue(file).jobs(label, parse(states) or tuple(State))
    if as_json:
        emit_rows(map(write, found))
        return 0
    if found:
        table(TITLES, [row(job) for job in found], numbers=("id", "exit"))
    counts = Counter(job.state.value for job in found)
    say(", ".join(f"{counts[state.value]} {state.value}" for state in State))
    return 0


def write(job: Job) -> Mapping[str, object]:
    """A job as data, its times as in all other answers."""
    facts = {name: getattr(job, name) for name in NAMES}
    moments = {name: facts[name] for name in MOMENTS}
    return facts | {name: None if wall is None else timestamp(wall) for name, wall in moments.items()}


def clear(file: Path, label: str | None, states: Sequence[str] | None, *, as_json: bool) -> int:
    """Forget jobs and say how many."""
    number = JobQueue(file).clear(label, parse(states) or NOT_RUNNING)
    if as_json:
        emit({"cleared": number})
    else:
        say(f"cleared {number}")
    return 0


def parse(states: Sequence[str] | None) -> tuple[State, ...]:
    """States by their names."""
    known = [state.value for state in State]
    for name in states or ():
        if name not in known:
            raise ConfigError(f"no state '{name}' of jobs; {missed(name, known)}")
    return tuple(State(name) for name in states or ())


def row(job: Job) -> tuple[str, ...]:
    """A job as a row of the table."""
    code = "" if job.exit_code is None else str(job.exit_code)
    command = " ".join(job.arguments)
    return (str(job.id), job.label, job.state.value, timestamp(job.added), code, command, job.reason)
