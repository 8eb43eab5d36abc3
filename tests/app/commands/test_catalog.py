"""What `apf catalog` tells."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autopyfactory.app.assembly.assemble import Assembly
from autopyfactory.app.commands.catalog import judge, show_catalogs
from autopyfactory.configuration import Extract, Problem, Verdict
from autopyfactory.errors import ConfigError
from autopyfactory.plan import FactorySettings, Plan, WrongQueue
from catalogue import ce, document, many, record
from daemons import HEAD, write

SECTION = """
[catalog.atlas]
kind = "cric"
file = "catalogue.json"

[catalog.atlas.template.htcondor-ce]
pilot = { executable = "/bin/sleep", arguments = ["{corecount}"], cores = "{xcores}" }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    put(
        tmp_path,
        {
            "NORTH": record(xcores=2),
            "SOUTH": record(queues=[]),
            "EAST": record(xcores="x", queues=[ce("e.example.org")]),
        },
    )
    return write(tmp_path, [], tail=SECTION)


def put(folder: Path, records: Any) -> None:
    (folder / "catalogue.json").write_bytes(document(records))


def show(config: Path, *, diff: bool = False, accept: bool = False, as_json: bool = False) -> int:
    return show_catalogs(config, diff=diff, accept=accept, as_json=as_json)


def test_every_entry_has_a_queue_or_a_reason(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(config) == 2  # one queue cannot be run
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[1:] == [
        "EAST e.example.org:9619 grid EAST-e.example.org-grid: pilot.cores: must be a whole number,"
        " 1 or more, such as 10; found 'x'",
        "NORTH ce01.north.example.org:9619 grid NORTH-ce01.north.example.org-grid",
        "SOUTH -: has no CE: `queues` is empty",
        "catalog atlas: 2 queues from 2 of 3 entries, 1 of the queues wrong",
    ]
    assert not (config.parent / "state").exists()


@pytest.mark.parametrize(("key", "reason"), [("", "is away"), ("pilot.cores", "pilot.cores: is away")])
def test_what_is_wrong_with_a_queue_is_told_with_its_key_if_it_has_one(key: str, reason: str) -> None:
    wrong = WrongQueue(problems=(Problem(file="f", section="target.ce", key=key, text="is away"),))
    plan = Plan(settings=FactorySettings(id="f"), queues={}, failed={"Q": wrong})
    made = Verdict(record="NORTH", queue="Q")
    extract = Extract(queues={"Q": {}}, verdicts=(made,))
    assert [*judge(extract, Assembly(plan=plan, problems=()))] == [replace(made, reason=reason)]


def test_the_same_is_told_as_data(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(config, as_json=True) == 2
    (told,) = json.loads(capsys.readouterr().out)["catalogs"]
    assert (told["name"], told["trouble"], len(told["entries"])) == ("atlas", "", 3)
    assert told["queues"]["NORTH-ce01.north.example.org-grid"]["pilot"] == {
        "executable": "/bin/sleep",
        "arguments": ["8"],
        "cores": 2,
    }
    assert {change["what"] for change in told["changes"].values()} == {"new"}


def test_what_differs_is_told_against_what_was_believed(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(config, diff=True) == 2
    assert "there is no earlier reading to compare with" in capsys.readouterr().out
    put(config.parent, many(4) | {"X": record(xcores=1)})
    assert show(config, accept=True) == 0
    assert "catalog atlas: believed from now on" in capsys.readouterr().out
    put(
        config.parent,
        many(3)
        | {
            "SITE_2": record(corecount=4, queues=[ce("ce0.site2.example.org")]),
            "Y": record(),
            "X": record(xcores=1),
        },
    )
    assert show(config, diff=True) == 0
    assert capsys.readouterr().out.splitlines() == [
        "~ SITE_2-ce0.site2.example.org-grid: pilot.arguments",
        "- SITE_3-ce0.site3.example.org-grid",
        "+ Y-ce01.north.example.org-grid",
        "catalog atlas: 1 new, 1 gone, 1 changed",
    ]


def test_a_collapse_is_trouble_until_it_is_accepted(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(config.parent, many(9) | {"X": record(xcores=1)})
    assert show(config, accept=True) == 0
    put(config.parent, {"X": record(xcores=1)})
    assert show(config) == 1
    assert "9 of 10 queues have vanished, which is not believed" in capsys.readouterr().out
    assert show(config, accept=True) == 0
    assert show(config) == 0


def test_a_catalogue_that_is_away_is_a_problem_without_a_copy(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "catalogue.json").unlink()
    assert show(config) == 2
    assert "[catalog.atlas]: gives no queue: " in capsys.readouterr().out


def test_entries_that_are_left_out_are_no_mistake(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(config.parent, {"NORTH": record(xcores=2), "SOUTH": record(queues=[])})
    assert show(config) == 0
    assert "1 queue from 1 of 2 entries\n" in capsys.readouterr().out


def test_a_wrong_section_ends_with_2(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(config.parent, [], tail=SECTION.replace("file =", "fille ="))
    assert show(config) == 2
    assert "[catalog.atlas] fille: unknown key" in capsys.readouterr().out
    assert show(config, as_json=True) == 2
    write(config.parent, [], head=HEAD.replace('id = "site-one"', ""), tail=SECTION)
    assert show(config) == 2


def test_without_a_catalogue_there_is_nothing_to_show(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"add a section \[catalog.NAME\]"):
        show(write(tmp_path))
