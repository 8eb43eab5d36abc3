"""A scenario tries its own configuration or another file's, and everything that is wrong is named."""

from pathlib import Path

import pytest

from autopyfactory.app.simulation.scenario import find, read, shipped
from autopyfactory.errors import ConfigError
from playing import play, play_text

HEAD = '[scenario]\nduration = "1h"\n'
SOURCE = '[source.wms]\nkind = "simulated"\ntarget = "grid"\nwork.A = { per_hour = 60 }\n'
TARGET = '[target.grid]\nkind = "simulated"\n'
QUEUE = """[queue.A]
source = "wms"
target = "grid"
work = { name = "A" }
interval = "1m"
policies = [{ kind = "ready" }, { kind = "max_pending", limit = 5 }]
"""
REAL = """
[factory]
id = "real"
state = "state"
[source.jobs]
kind = "local"
[target.here]
kind = "local"
[target.try]
kind = "dry_run"
target = "here"
[defaults]
source = "jobs"
target = "here"
interval = "1m"
policies = [{ kind = "ready" }, { kind = "max_pending", limit = 5 }]
[queue.A]
work = { label = "a" }
[queue.B]
work = { label = "b" }
target = "try"
"""
LAWS = """
[scenario]
duration = "2h"
config = "factory.toml"
[source.jobs]
work."*" = { per_hour = 60, run_time = { mean = "10m" } }
[target.here]
slots = 20
"""


def test_a_configuration_of_another_file_is_tried_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "factory.toml").write_text(REAL)
    played = play_text(tmp_path, LAWS)
    assert played.result.queues["A"].finished > 50
    assert played.result.queues["B"].submitted == 0  # it looks at its target, and never acts
    seen = next(report.seen for report in played.reports if report.queue == "A" and report.seen)
    assert seen.demand.status is None  # source `local` cannot tell it
    assert seen.supply.idle is not None  # target `local` can
    assert not (tmp_path / "state").exists()


def test_a_queue_without_a_source_needs_no_jobs(tmp_path: Path) -> None:
    queue = (
        '[queue.A]\ntarget = "grid"\ninterval = "1m"\npolicies = [{ kind = "keep_n_running", count = 7 }]\n'
    )
    played = play_text(tmp_path, HEAD + TARGET + queue)
    assert played.pilots("A", 1800)[-1] == 7
    assert played.result.queues["A"].unmet == 0


def test_seed_and_duration_may_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text(HEAD + SOURCE + TARGET + QUEUE)
    scenario = read(path)
    one, same, other = (play(scenario.changed(seed=seed, duration=None)) for seed in (1, 1, 2))
    assert one.reports == same.reports
    assert one.result == same.result != other.result


def test_a_trace_brings_the_jobs_that_it_holds(tmp_path: Path) -> None:
    (tmp_path / "trace.csv").write_text("0,3\n600,4\n")
    source = SOURCE.replace("per_hour = 60", 'trace = "trace.csv"')
    assert play_text(tmp_path, HEAD + source + TARGET + QUEUE).play.stage.jobs["A"].arrived == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"\[scenario\]: is missing; begin with \[scenario\]"),
        ("scenario = 5", r"\[scenario\]: must be a table; found 5"),
        ("[scenario]", r"\[scenario\] duration: is missing"),
        ('[scenario]\nduration = "0s"', r"\[scenario\] duration: is too short"),
        (HEAD + "sed = 4", r"\[scenario\] sed: unknown key; did you mean 'seed'"),
        (HEAD + SOURCE.replace("60", "-60") + TARGET + QUEUE, r"\[source.wms\] work.A.per_hour: .*-60"),
        (
            HEAD + SOURCE.replace("per_hour", "perhour") + TARGET + QUEUE,
            r"work.A.perhour: unknown key.*per_hour",
        ),
        (HEAD + SOURCE + TARGET + "slotts = 4\n" + QUEUE, r"\[target.grid\] slotts: unknown key.*slots"),
        (
            HEAD + SOURCE + TARGET + QUEUE.replace('= "grid"', '= "gird"'),
            "no target 'gird'; did you mean 'grid'",
        ),
        (HEAD + SOURCE + TARGET + QUEUE.replace('"A" }', '"B" }'), "no work 'B'; the source has A"),
        (HEAD + SOURCE + '[target.grid]\nkind = "local"\n' + QUEUE, r"target 'grid' has no laws"),
        (
            HEAD + '[source.wms]\nkind = "local"\n' + TARGET + QUEUE.replace("name", "label"),
            "source 'wms' has no laws",
        ),
        (HEAD + SOURCE.replace("per_hour = 60", 'trace = "x.csv"') + TARGET + QUEUE, "x.csv cannot be read"),
        (LAWS + "[queue.A]", r"\[queue\]: does not belong here: the configuration is .*factory.toml"),
        (LAWS.replace("target.here", "target.hier"), "no target 'hier' in .*; did you mean 'here'"),
        (LAWS.replace("slots = 20", "slots = -1"), r"\[target.here\] slots: "),
        (
            LAWS.replace("[target.here]\nslots = 20", "target.here = 5"),
            r"\[target.here\]: must be a table; found 5",
        ),
        (LAWS.replace('"*"', "B"), r"no jobs come for queue 'A': add \[source.jobs.work.A\]"),
        (LAWS.replace("factory.toml", "gone.toml"), "gone.toml cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "factory.toml").write_text(REAL)
    if "\ntarget.here" in text:  # a key below a table would belong to that table
        text = "target.here = 5\n" + text.replace("\ntarget.here = 5", "")
    with pytest.raises(ConfigError, match=words):
        play_text(tmp_path, text)


def test_a_scenario_is_found_by_its_name_or_its_path(tmp_path: Path) -> None:
    assert find("steady") == shipped()["steady"]
    assert find("my/own.toml") == Path("my/own.toml")
    assert find(str(tmp_path)) == tmp_path
    with pytest.raises(ConfigError, match="no scenario 'burts'; did you mean 'burst'"):
        find("burts")
