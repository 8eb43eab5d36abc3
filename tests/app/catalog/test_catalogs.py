"""A configuration gets the queues of its catalogues, beside those written by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assembling import PROCESS, planned
from autopyfactory.app.assembly.assemble import Assembly, assemble
from autopyfactory.app.catalog.catalogs import IDLE, Catalogs
from autopyfactory.configs.toml import TomlConfig
from autopyfactory.plan import Plan
from catalogue import ce, document, many, record

HEAD = """
[factory]
id = "here"
state = "state"

[target.ce01]
kind = "local"

[defaults]
target = "ce01"
policies = [{ kind = "fixed", count = 1 }]

[catalog.atlas]
kind = "cric"
file = "catalogue.json"
refresh = "5m"

[catalog.atlas.template.htcondor-ce]
pilot = { executable = "/bin/sleep", arguments = ["{cores}"], label = "{panda_resource}" }
"""
NAME = "NORTH-ce01.north.example.org-grid"
Furnish = Callable[..., Assembly]


@pytest.fixture
def catalogs() -> Catalogs:
    return Catalogs(PROCESS)


@pytest.fixture
def furnish(tmp_path: Path, catalogs: Catalogs) -> Furnish:
    def make(text: str = "", head: str = HEAD, running: Plan | None = None) -> Assembly:
        (tmp_path / "factory.toml").write_text(head + text)
        written = TomlConfig(tmp_path / "factory.toml").read()
        return assemble(catalogs.furnish(written, running), PROCESS, running)

    (tmp_path / "catalogue.json").write_bytes(document({"NORTH": record()}))
    return make


def lines(assembly: Assembly) -> list[str]:
    return [str(problem).partition("factory.toml: ")[2] or str(problem) for problem in assembly.problems]


def test_a_catalogue_gives_queues_beside_those_written_by_hand(furnish: Furnish) -> None:
    plan = planned(furnish("[queue.MINE]\npilot.executable = '/bin/true'\n"))
    assert list(plan.queues) == [NAME, "MINE"]
    assert plan.queues[NAME].pilot.arguments == ("8",)  # type: ignore[attr-defined]


def test_what_is_written_by_hand_has_the_last_word(furnish: Furnish) -> None:
    plan = planned(furnish(f'[queue."{NAME}"]\ninterval = "1m"\npilot.label = "mine"\n'))
    queue = plan.queues[NAME]
    assert (queue.interval, queue.pilot.label) == (60.0, "mine")  # type: ignore[attr-defined]
    assert queue.pilot.arguments == ("8",)  # type: ignore[attr-defined]
    assert planned(
        furnish(f'[queue.MINE]\npilot.executable = "/bin/true"\n[queue."{NAME}"]\nenabled = false\n')
    ).disabled == (NAME,)


def test_a_fault_is_told_where_it_stands(furnish: Furnish) -> None:
    head = HEAD.replace('label = "{panda', 'labell = "{panda')
    (line,) = lines(furnish(head=head))
    assert line.startswith(f"[catalog.atlas]: [queue.'{NAME}'] pilot.labell: unknown key")
    (line,) = lines(furnish(f'[queue."{NAME}"]\npilott = 5\n'))
    assert line.startswith(f"[queue.'{NAME}'] pilott: unknown key; did you mean 'pilot'?")
    assert lines(furnish(f'[queue]\n"{NAME}" = 5\n')) == [f"[queue.'{NAME}']: must be a table; found 5"]
    assert lines(furnish("[source.x]\nkind='null'\n", head=f"queue = 5\n{HEAD}")) == [
        "[queue]: must be a table; found 5"
    ]


def test_a_slip_in_a_template_is_told_once(furnish: Furnish, tmp_path: Path) -> None:
    (tmp_path / "catalogue.json").write_bytes(document(many(3)))
    told = lines(furnish('polices = "x"\n'))
    assert told[0].startswith(
        "[catalog.atlas] template.htcondor-ce.polices: unknown key; did you mean 'policies'?"
    )
    assert all(line.startswith("[catalog.atlas]: [queue.") for line in told[1:])


def test_a_configuration_without_catalogues_is_what_it_was(furnish: Furnish, catalogs: Catalogs) -> None:
    head = HEAD.partition("[catalog")[0]
    plan = planned(furnish("[queue.MINE]\npilot.executable = '/bin/true'\n", head=head))
    assert plan.configuration.written is None
    assert catalogs.pause == IDLE


BARE = HEAD.partition("[catalog")[0]


def with_option(line: str) -> str:
    """The configuration with one option more of its catalogue."""
    return HEAD.replace("refresh =", f"{line}\nrefresh =")


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (HEAD.replace("file =", "fille ="), "[catalog.atlas] fille: unknown key; did you mean 'file'?"),
        (with_option("credential = 'x'"), "[catalog.atlas] credential: no credential 'x'; there are none"),
        (with_option("select.x = 'y'"), "[catalog.atlas]: gives no queue: select: no entry of the catalogue"),
        (
            HEAD.replace("catalogue.json", "none.json"),
            "none.json: No such file or directory; there is no copy",
        ),
        (f"{BARE}[catalog]\natlas = 5\n", "[catalog.atlas]: must be a table; found 5"),
        (f"catalog = 5\n{BARE}", "[catalog]: must be a table; found 5"),
        (HEAD.replace('id = "here"', ""), "[factory] id: is missing"),
    ],
)
def test_a_catalogue_that_gives_nothing_is_a_problem(furnish: Furnish, head: str, told: str) -> None:
    found = lines(furnish("[queue.MINE]\npilot.executable = '/bin/true'\n", head=head))
    assert any(told in line for line in found), found


def test_a_credential_that_is_wrong_is_wrong_with_its_catalogue(furnish: Furnish) -> None:
    head = HEAD.replace("refresh =", "credential = 'x'\nrefresh =")
    told = lines(furnish('[credential.x]\nkind = "file"\n', head=head))
    assert "[catalog.atlas]: gives no queue: a section that it names is wrong" in told
    assert any(line.startswith("[credential.x] path: is missing") for line in told)


def test_credentials_that_were_made_for_the_reading_are_closed(
    furnish: Furnish, tmp_path: Path, catalogs: Catalogs
) -> None:
    head = HEAD.replace("refresh =", "credential = 'x'\nrefresh =")
    section = '[credential.x]\nkind = "file"\npath = "proxy"\ntype = "x509"\n'
    plan = planned(furnish(section, head=head))
    assert planned(furnish(section, head=head, running=plan)).credentials["x"] is plan.credentials["x"]
    assert not plan.credentials["x"]._stopping.is_set()


def test_of_two_catalogues_with_one_name_the_first_has_it(furnish: Furnish) -> None:
    other = HEAD.partition("[catalog")[2].replace(".atlas", ".second")
    (line,) = lines(furnish(f"[catalog{other}"))
    assert line == f"[catalog.second]: 1 of its queues another catalogue gives, too: {NAME}"


def test_copies_are_kept_once_this_process_may_act(
    furnish: Furnish, tmp_path: Path, catalogs: Catalogs, caplog: pytest.LogCaptureFixture
) -> None:
    furnish()
    assert not (tmp_path / "state").exists()
    catalogs.keep()
    assert (tmp_path / "state" / "catalogs" / "atlas.believed").is_file()
    assert catalogs.pause == 300.0
    (tmp_path / "catalogue.json").rename(tmp_path / "gone.json")
    assert list(planned(furnish()).queues) == [NAME]
    assert list(planned(furnish()).queues) == [NAME]
    assert caplog.text.count("No such file or directory; the copy of ") == 1
    assert catalogs.pause == IDLE
    (tmp_path / "gone.json").rename(tmp_path / "catalogue.json")
    with caplog.at_level("INFO"):
        furnish()
    assert "catalog atlas: answers again, and is believed" in caplog.text


def test_a_collapse_leaves_the_queues_as_they_were(
    furnish: Furnish, tmp_path: Path, catalogs: Catalogs
) -> None:
    (tmp_path / "catalogue.json").write_bytes(document(many(10)))
    assert len(planned(furnish()).queues) == 10
    catalogs.keep()
    (tmp_path / "catalogue.json").write_bytes(document(many(1)))
    assert len(planned(furnish()).queues) == 10
    catalogs.accept = True
    assert len(planned(furnish()).queues) == 1


def test_one_bad_entry_costs_no_other(furnish: Furnish, tmp_path: Path) -> None:
    records = {"BAD": record(queues=[ce("a b")]), "WORSE": None, **many(2)}
    (tmp_path / "catalogue.json").write_bytes(document(records))
    assert len(planned(furnish()).queues) == 2
