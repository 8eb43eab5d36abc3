"""HTCondor as a target: real pilots in a real pool."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.clients.condor.options import Job
from autopyfactory.errors import Rejected, Unavailable
from autopyfactory.model import Order, Place
from autopyfactory.targets.htcondor import HTCondorTarget, HTCondorTargetOptions
from autopyfactory.testing import TargetContract, until
from pools import Pool

Make = Callable[..., HTCondorTarget]
SMALL = {"memory": "1MB", "disk": "1MB"}
URL = "http://f1.example.org:25880/logs"


def sleeper(**options: Any) -> Job:
    """A pilot that stays."""
    return Job.model_validate({"executable": "/bin/sleep", "arguments": ["600"], **SMALL, **options})


def order(pilot: Job, count: int = 1, queue: str = "ALPHA", tag: str = "tag-1") -> Order[Job]:
    return Order(queue=queue, pilot=pilot, count=count, tag=tag)


@pytest.fixture
def make(pool: Pool, home: Path, factory: str) -> Iterator[Make]:
    """Makes targets of the factory at the pool in which jobs run, and clears it afterwards."""
    made: list[HTCondorTarget] = []

    def make(**options: Any) -> HTCondorTarget:
        section = HTCondorTargetOptions.model_validate({"config": pool.config, **options})
        place = Place(
            section="ce", factory=factory, logs=str(home / "logs"), state=str(home / "state"), url=URL
        )
        made.append(HTCondorTarget(section, place))
        return made[-1]

    yield make
    for target in made:
        target.close()
    pool.clear()


class TestHTCondorTarget(TargetContract):
    """What every target promises."""

    plugin = HTCondorTarget

    @pytest.fixture
    def section(self, pool: Pool, home: Path) -> Iterator[HTCondorTargetOptions]:
        yield HTCondorTargetOptions(config=pool.config)
        pool.clear()

    @pytest.fixture
    def place(self, home: Path, factory: str) -> Callable[[str], Place]:
        def place(name: str) -> Place:
            folder = home / name
            identity = f"{factory}-{name}"
            return Place(
                section="tested", factory=identity, logs=str(folder / "logs"), state=str(folder / "state")
            )

        return place

    @pytest.fixture
    def pilot(self) -> Job:
        return sleeper(submit={"hold": "false", "requirements": "false"})


def test_pilots_that_run_are_counted_with_the_moment_at_which_they_began(make: Make) -> None:
    target, before = make(), time.monotonic()
    target.submit(order(sleeper(), 3))
    assert until(lambda: target.supply(["ALPHA"])["ALPHA"].running == 3)
    supply = target.supply(["ALPHA"])["ALPHA"]
    assert (supply.pending, len(supply.starts)) == (0, 3)
    assert all(before <= start <= time.monotonic() for start in supply.starts)
    assert supply.started_since(before - 1) == 3
    assert abs(supply.clock - time.time()) < 5


def test_held_and_retiring_pilots_are_counted_apart(make: Make, pool: Pool) -> None:
    target = make()
    target.submit(order(sleeper(submit={"hold": "true"}), 2))
    supply = target.supply(["ALPHA"])["ALPHA"]
    assert (supply.pending, supply.running, supply.held, supply.retiring) == (0, 0, 2, 0)
    target.submit(order(sleeper(submit={"requirements": "false", "leave_in_queue": "true"}), 3))
    assert len(target.retire("ALPHA", 4)) == 4
    supply = target.supply(["ALPHA"])["ALPHA"]
    assert (supply.pending, supply.held, supply.retiring) == (1, 0, 2)


REPORTER = """#!{python}
import json, os, sys
ad = dict(line.split(" = ", 1) for line in open(os.environ["_CONDOR_JOB_AD"]).read().splitlines())
print(json.dumps([sys.argv[1:], dict(os.environ), ad]))
"""


@pytest.fixture
def report(make: Make, home: Path) -> Callable[..., tuple[str, list[Any]]]:
    """Runs a pilot and returns its identifier, and what it saw: arguments, environment, its own ad."""
    program = home / "pilot.py"
    program.write_text(REPORTER.format(python="/usr/bin/env python3"))
    program.chmod(0o755)

    def report(section: dict[str, Any] | None = None, **options: Any) -> tuple[str, list[Any]]:
        target = make(**section or {})
        pilot = Job.model_validate({"executable": program, **SMALL, **options})
        (identifier,) = target.submit(order(pilot))
        day = time.strftime("%Y-%m-%d", time.gmtime())
        output = home / "logs" / day / "ALPHA" / f"{identifier}.out"
        assert until(lambda: output.exists() and output.read_text().endswith("\n"), 60), list(
            output.parent.iterdir()
        )
        return identifier, json.loads(output.read_text())

    return report


NASTY = [
    "",
    "two  words",
    "it's",
    "''",
    'say "hello"',
    "100%",
    "$HOME",
    "$(Cluster)",
    "$$(Cpus)",
    "$$$(x)",
    "$$[Cpus]",
    "$ENV(HOME)",
    "back\\slash",
    "\\",
    "tab\there",
    "a;b|c&d<e>f",
    "*",
    "#no comment",
    "ünïcode",
    "-e",
    "%(x)s",
    "$$",
    "'$(Process)'",
    "a\"b 'c",
]


def test_arguments_and_environment_arrive_as_they_were_written(report: Any) -> None:
    variables = {f"NASTY_{index}": word for index, word in enumerate(NASTY)}
    _, (arguments, environment, _) = report(arguments=NASTY, environment=variables)
    assert arguments == NASTY
    assert {name: environment.get(name) for name in variables} == variables


def test_a_pilot_finds_the_attributes_and_variables_of_old(report: Any, factory: str) -> None:
    section = {"monitor": "http://mon.example.org/api", "user": "apf"}
    identifier, (_, environment, ad) = report(section, cores=1)
    base = f"{URL}/{time.strftime('%Y-%m-%d', time.gmtime())}/ALPHA/{identifier}"
    assert {
        "PANDA_JSID": factory,
        "GTAG": f"{base}.out",
        "APFCID": identifier,
        "APFFID": factory,
        "APFMON": "http://mon.example.org/api",
        "FACTORYQUEUE": "ALPHA",
        "FACTORYUSER": "apf",
    }.items() <= environment.items()
    assert environment["FACTORY_JOBID"].endswith(f"#{identifier}")
    marks = {
        "APF_FACTORY": factory,
        "APF_TAG": "tag-1",
        "MATCH_APF_QUEUE": "ALPHA",
        "APF_QUEUE": "ALPHA",
        "FACTORY_JOBID": environment["FACTORY_JOBID"],
        "APF_LOGURL": f"{base}.log",
        "APF_OUTURL": f"{base}.out",
        "APF_ERRURL": f"{base}.err",
    }
    assert {name: json.loads(ad[name]) for name in marks} == marks


def test_the_operator_has_the_last_word_on_submit_commands(make: Make, pool: Pool, factory: str) -> None:
    commands = {"+APF_QUEUE": '"mine"', "Request_Cpus": "3", "+maxMemory": "2000", "requirements": "false"}
    make().submit(order(sleeper(cores=2, memory="3000MiB", submit=commands)))
    (ad,) = pool.jobs(f'APF_FACTORY == "{factory}"')
    assert (ad["APF_QUEUE"], ad["RequestCpus"], ad["maxMemory"]) == ("mine", 3, 2000)
    assert (ad["MATCH_APF_QUEUE"], ad["RequestMemory"]) == ("ALPHA", 3000)


def test_retire_takes_held_ones_then_waiting_ones_and_spares_those_that_run(make: Make, pool: Pool) -> None:
    target = make()
    target.submit(order(sleeper(), 1, tag="runs"))
    assert until(lambda: target.supply(["ALPHA"])["ALPHA"].running == 1)
    waiting = target.submit(order(sleeper(submit={"requirements": "false"}), 3, tag="waits"))
    held = target.submit(order(sleeper(submit={"hold": "true"}), 1, tag="held"))
    assert target.retire("ALPHA", 2) == [*held, waiting[-1]]
    assert sorted(target.retire("ALPHA", 10)) == sorted(waiting[:2])
    assert until(lambda: target.supply(["ALPHA"])["ALPHA"].pilots == 1)
    assert target.supply(["ALPHA"])["ALPHA"].running == 1


def test_oldest_first_and_running_ones_where_the_options_say_so(make: Make) -> None:
    target = make(retire="oldest", peaceful=False)
    runs = target.submit(order(sleeper(), 1, tag="runs"))
    assert until(lambda: target.supply(["ALPHA"])["ALPHA"].running == 1)
    waits = target.submit(order(sleeper(submit={"requirements": "false"}), 2, tag="waits"))
    assert target.retire("ALPHA", 1) == [waits[0]]
    assert target.retire("ALPHA", 5) == [waits[1], *runs]
    assert until(lambda: target.supply(["ALPHA"])["ALPHA"].pilots == 0)


def test_factories_count_each_other_only_when_told(make: Make, pool: Pool, factory: str) -> None:
    pool.submit(2, My_MATCH_APF_QUEUE='"ALPHA"', My_APF_FACTORY='"somebody"', requirements="false")
    ours, all_of_them = make(), make(count="all")
    ours.submit(order(sleeper(submit={"requirements": "false"})))
    assert ours.supply(["ALPHA"])["ALPHA"].pending == 1
    assert all_of_them.supply(["ALPHA"])["ALPHA"].pending == 3
    assert len(all_of_them.retire("ALPHA", 3)) == 1


def test_queues_that_differ_only_in_case_are_different(make: Make) -> None:
    target, waits = make(), sleeper(submit={"requirements": "false"})
    target.submit(order(waits, 2, queue="Alpha"))
    target.submit(order(waits, 1, queue="ALPHA"))
    answer = target.supply(["ALPHA", "Alpha"])
    assert (answer["Alpha"].pending, answer["ALPHA"].pending) == (2, 1)
    assert len(target.retire("ALPHA", 5)) == 1


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ({"universe": "foo"}, "I don't know about the 'foo' universe"),
        ({"+Owner": '"root"'}, 'Setting job owner to "root" is not permitted'),
        ({"x509userproxy": "/no/such/proxy"}, "unable to read proxy file"),
    ],
)
def test_what_the_schedd_refuses_is_rejected_in_its_words(
    make: Make, commands: dict[str, str], words: str
) -> None:
    target = make()
    with pytest.raises(Rejected, match=words.replace("(", "[(]")):
        target.submit(order(sleeper(submit=commands)))
    assert target.supply(["ALPHA"])["ALPHA"].pilots == 0
    assert target.tagged(["tag-1"]) == {}


def test_a_limit_of_the_schedd_is_named(make: Make, other_pool: Pool) -> None:
    target = make(config=other_pool.config)
    with pytest.raises(Rejected, match="MAX_JOBS_PER_SUBMISSION"):
        target.submit(order(sleeper(), 5001))
    assert target.supply(["ALPHA"])["ALPHA"].pilots == 0


def unreachable(pool: Pool) -> Sequence[tuple[dict[str, Any], str]]:
    return [
        ({"schedd": "nobody@nowhere"}, "schedd = 'nobody@nowhere'.*knows.*poolA@testbed"),
        ({"collector": "127.0.0.1:1"}, "at collector 127.0.0.1:1: the collector does not answer: .*refused"),
        ({"collector": "no.such.host.invalid"}, "the collector does not answer"),
    ]


@pytest.mark.parametrize("index", range(3))
def test_a_schedd_that_is_not_there_is_named_and_nothing_was_done(make: Make, pool: Pool, index: int) -> None:
    options, words = unreachable(pool)[index]
    target = make(**options)
    with pytest.raises(Unavailable, match=words):
        target.supply(["ALPHA"])
    with pytest.raises(Unavailable, match=words) as caught:
        target.submit(order(sleeper()))
    assert caught.value.untouched


def test_bad_credentials_are_said_to_be_bad(make: Make, pool: Pool, home: Path) -> None:
    config = home / "config"
    config.write_text(f"include : {pool.config}\nSEC_TOKEN_DIRECTORY = {home}\n")
    with pytest.raises(Unavailable, match=r"security|authenticat") as caught:
        make(config=config).submit(order(sleeper()))
    assert caught.value.untouched


def test_the_schedd_is_found_by_collector_alone_and_by_name(make: Make, pool: Pool) -> None:
    for options in ({"collector": pool.collector}, {"collector": pool.collector, "schedd": pool.schedd}):
        assert make(**options).supply(["ALPHA"])["ALPHA"].pilots == 0


def test_a_folder_of_logs_that_cannot_be_made_stops_the_submission(make: Make, home: Path) -> None:
    (home / "logs").rmdir()
    (home / "logs").write_text("in the way")
    with pytest.raises(Unavailable, match="no folder for pilot logs") as caught:
        make().submit(order(sleeper()))
    assert caught.value.untouched


def test_a_probe_finds_no_trouble_where_there_is_none(make: Make, home: Path) -> None:
    (home / "logs").rmdir()
    assert make().probe() == []
    assert not (home / "logs").exists()


def test_a_probe_finds_a_folder_of_logs_that_cannot_be_written(make: Make, home: Path) -> None:
    (home / "logs").rmdir()
    (home / "logs").write_text("in the way")
    (said,) = make().probe()
    assert said.startswith(f"logs = '{home / 'logs'}'")
