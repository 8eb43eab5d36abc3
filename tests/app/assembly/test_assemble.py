"""A configuration becomes a plan: all problems at once, and a wrong queue does not stop a right one."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assembling import HEAD, PROCESS, build, lines, planned, with_head
from autopyfactory.app.assembly.assemble import assemble
from autopyfactory.app.catalog.catalogs import read_whole
from autopyfactory.configs.toml import TomlConfig
from autopyfactory.options import FOREVER
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.ready import Ready

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_a_right_configuration_becomes_a_plan():
    plan = planned(with_head("[queue.A]\n[queue.B]\nwork.label = 'b'\npolicy.max_pending.limit = 2"))
    assert plan.settings.id == "here"
    assert list(plan.queues) == ["A", "B"]
    assert plan.queues["B"].policies == (Ready(), MaxPending(limit=2))
    assert plan.queues["A"].source is plan.sources["jobs"]
    assert plan.queues["A"].target is plan.targets["ce01"]
    assert (plan.failed, plan.warnings) == ({}, ())


def test_a_configuration_without_queues_is_right():
    assert planned(build(HEAD)).queues == {}


def test_a_plan_without_queues_needs_no_more_than_an_id():
    assert planned(build('[factory]\nid = "a"\nstate = "s"')).sources == {}


def test_the_three_mistakes_of_the_book_are_named_at_once():
    assembly = with_head(
        """
        [queue.A]
        policies = [{ kind = "ready" }, { kind = "max_per_cycle", limit = 2 }, { kind = "max_pendin" }]
        [queue.B]
        policies = [{ kind = "ready", ofset = 2 }]
        [queue.C]
        target = "ce02"
        [queue.D]
        """
    )
    assert sorted(map(str, assembly.problems)) == [
        "site.toml: [queue.A] policies[2]: no 'max_pendin' among policies; did you mean 'max_pending'?",
        "site.toml: [queue.B] policies[0].ofset: unknown key; did you mean 'offset'?",
        "site.toml: [queue.C] target: no target 'ce02'; did you mean 'ce01'?",
    ]
    assert list(assembly.plan.queues) == ["D"]
    assert set(assembly.plan.failed) == {"A", "B", "C"}


def test_an_executable_that_is_not_there_fails_its_queue():
    text = HEAD.replace('[target.ce01]\nkind = "local"', '[target.ce01]\nkind = "htcondor"')
    assembly = build(text + '[queue.A]\npilot.executable = "/no/such/wrapper"')
    assert lines(assembly) == [
        "[queue.A] pilot.executable: '/no/such/wrapper' does not exist, or is no regular file"
    ]
    assert assembly.plan.queues == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[ques.A]", "[ques]: no section is called so; did you mean 'queue'?"),
        (
            "xyz = 3",
            "[xyz]: no section is called so; there are: catalog, credential, defaults, factory, monitor,",
        ),
        ("credential = 3", "[credential]: must be a table; found 3"),
        ("queue = 3", "[queue]: must be a table; found 3"),
        ("defaults = []", "[defaults]: must be a table; found an empty list"),
        ("template = 'x'", "[template]: must be a table; found 'x'"),
    ],
)
def test_a_wrong_title_is_a_problem(text, sentence):
    text = f'{text}\n[factory]\nid = "a"\nstate = "s"'
    if text.startswith("["):
        text = "\n".join(reversed(text.split("\n", 1)))
    (line,) = lines(build(text))
    assert line.startswith(sentence)


def test_without_a_right_factory_there_is_no_plan_and_all_else_is_checked():
    assembly = build('[factory]\nidd = "a"\n[target.t]\nkind = "locl"\n[queue.A]\nweight = 0')
    assert assembly.plan is None
    assert [line.split(":")[0] for line in lines(assembly)] == [
        "[factory] idd",
        "[target.t] kind",
        "[queue.A] weight",
        "[queue.A] target",
    ]


def test_an_empty_configuration_lacks_its_factory():
    assert lines(build("")) == ["[factory]: is missing; begin with [factory] and id = 'my-site'"]


@pytest.mark.parametrize(
    ("first", "second", "line", "failed"),
    [
        (
            "[queue.A]",
            "[queue.A]",
            "site.toml: [queue.A]: stands in site.toml and in 1.toml; keep one",
            {"A"},
        ),
        (
            "[template.t]\n[queue.A]\nlike = 't'",
            "[template.t]\n[queue.B]\nwork.label = 'b'",
            "site.toml: [template.t]: stands in site.toml and in 1.toml; keep one",
            {"A"},
        ),
        (
            "[queue.A]",
            "[target.ce01]\nkind = 'local'",
            "site.toml: [target.ce01]: stands in site.toml and in 1.toml; keep one",
            {"A"},
        ),
        (
            "[queue.A]",
            "[monitor.log]\nkind = 'log'",
            None,
            set(),
        ),
        (
            "[queue.A]",
            "[defaults]\nsource = 'jobs'",
            "site.toml: [defaults.source]: stands in site.toml and in 1.toml; keep one",
            {"A"},
        ),
        (
            "[defaults.local]\n[queue.A]",
            "[defaults.local]\n[queue.B]\nwork.label = 'b'",
            "site.toml: [defaults.local]: stands in site.toml and in 1.toml; keep one",
            {"A", "B"},
        ),
    ],
)
def test_what_two_files_define_fails_those_that_use_it(first, second, line, failed):
    assembly = build(HEAD + first, second)
    assert [str(problem) for problem in assembly.problems] == ([line] if line else [])
    assert set(assembly.plan.failed) == failed


def test_an_id_in_two_files_is_no_id():
    assembly = build(HEAD, "[factory]\nid = 'other'")
    assert assembly.plan is None
    assert lines(assembly) == ["[factory.id]: stands in site.toml and in 1.toml; keep one"]


def test_files_together_are_one_configuration():
    plan = planned(build(HEAD, "[defaults.local]\npilot.cores = 2", "[queue.A]"))
    assert plan.queues["A"].pilot.cores == 2


def test_a_problem_names_the_file_in_which_it_stands():
    assembly = build(HEAD, "[queue.A]\nweight = 0")
    assert [problem.file for problem in assembly.problems] == ["1.toml"]


QUEUES = """
[queue.A]
work.label = "a"
[queue.B]
work.label = "b"
"""


def test_a_reload_of_the_same_gives_equal_queues():
    before = planned(with_head(QUEUES))
    after = planned(with_head(QUEUES, previous=before))
    assert after.queues == before.queues
    assert after == before


def test_a_reload_changes_only_what_was_changed():
    before = planned(with_head(QUEUES))
    after = planned(with_head(QUEUES.replace('"b"', '"c"'), previous=before))
    assert after.queues["A"] == before.queues["A"]
    assert after.queues["B"] != before.queues["B"]


def test_a_new_sibling_changes_a_queue():
    before = planned(with_head(QUEUES))
    after = planned(with_head(QUEUES.replace('"b"', '"a"'), previous=before))
    assert after.queues["A"] != before.queues["A"]


def test_another_target_changes_its_queues():
    before = planned(with_head(QUEUES))
    text = (HEAD + QUEUES).replace(
        '[target.ce01]\nkind = "local"', '[target.ce01]\nkind = "local"\nslots = 2'
    )
    after = planned(build(text, previous=before))
    assert after.queues["A"] != before.queues["A"]
    assert after.sources["jobs"] is before.sources["jobs"]


def test_without_a_previous_plan_nothing_is_kept():
    assert planned(with_head(QUEUES)).queues != planned(with_head(QUEUES)).queues


@pytest.mark.parametrize("name", ["local", "pool", "many", "command", "grid", "atlas"])
def test_the_examples_are_right(name):
    plan = planned(assemble(read_whole(EXAMPLES / name / "factory.toml"), PROCESS))
    assert plan.queues
    assert plan.warnings == ()


def test_the_example_of_many_queues_shares_what_is_shared():
    plan = planned(assemble(TomlConfig(EXAMPLES / "many").read(), PROCESS))
    single = plan.queues["NORTH_SINGLE"]
    assert (single.weight, single.siblings) == (3.0, (("SOUTH_SINGLE", 1.0),))
    assert plan.queues["NORTH_NODE"].pilot.cores == 64
    assert plan.queues["SOUTH_TRIAL"].pilot.cores == 1
    assert plan.queues["SOUTH_SINGLE"].when_unknown == 1
    assert "SOUTH_OLD" not in plan.queues


def test_five_hundred_similar_queues_make_one_plan():
    text = "\n".join(f'[queue.Q{number}]\nwork.label = "{number}"' for number in range(500))
    assert len(planned(with_head(text)).queues) == 500


def test_what_is_nested_without_end_is_refused():
    deep: dict = {}
    inner = deep
    for _ in range(5000):
        inner["a"] = inner = {}
    assert [str(problem) for problem in assemble({"queue": deep}, PROCESS).problems] == [
        "tables and lists are nested more than 32 deep"
    ]


WORDS = st.sampled_from(
    [
        *("factory", "source", "target", "monitor", "defaults", "template", "queue", "id", "kind", "like"),
        *("policies", "policy", "work", "pilot", "interval", "when_unknown", "weight", "enabled", "name"),
        *("local", "null", "dry_run", "ready", "max_pending", "limit", "A", "B", "x y", "", "a\0b", "6m"),
    ]
)
SCALARS = st.one_of(
    WORDS, st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.dates(), st.just(1 << 2000)
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)
TABLES = st.dictionaries(WORDS, JUNK, max_size=4)
NAMED = st.dictionaries(st.sampled_from(["A", "B", "local", "x y"]), TABLES, max_size=3)
WHOLE = st.fixed_dictionaries(
    {},
    optional={
        "factory": TABLES | JUNK,
        "defaults": TABLES | JUNK,
        **dict.fromkeys(("source", "target", "monitor", "template", "queue"), NAMED | JUNK),
        "junk": JUNK,
    },
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WHOLE | TABLES)
def test_any_junk_gives_problems_in_plain_words(tables):
    assembly = assemble(tables, PROCESS)
    texts = [str(problem) for problem in assembly.problems]
    assert texts or assembly.plan is not None
    for text in texts:
        assert "Traceback" not in text
        assert "pydantic" not in text
        assert "datetime." not in text
        assert len(text) < 1000


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WHOLE)
def test_any_junk_beside_a_right_queue_leaves_it_running(junk):
    junk.pop("defaults", None)
    right = {
        "factory": {"id": "a", "state": "s"},
        "source": {"jobs": {"kind": "local"}},
        "target": {"ce01": {"kind": "local"}},
        "queue": {
            "RIGHT": {
                "source": "jobs",
                "target": "ce01",
                "policies": [{"kind": "ready"}],
                "work": {"label": "r"},
            }
        },
    }
    for word, table in right.items():
        given_table = junk.get(word)
        junk[word] = (
            {**given_table, **table} if isinstance(given_table, dict) and word != "factory" else table
        )
    assembly = assemble(junk, PROCESS)
    assert "RIGHT" in assembly.plan.queues


def test_days_that_logs_are_kept_come_from_every_layer_and_nothing_goes_of_a_queue_that_is_wrong():
    plan = with_head(
        """
        [template.short]
        keep_days = 2
        [queue.A]
        [queue.B]
        like = "short"
        [queue.C]
        keep_days = "unlimited"
        [queue.D]
        keep_days = 5
        enabled = false
        [queue.E]
        keep_days = "thirty"
        [queue.F]
        like = "short"
        target = "ce02"
        """
    ).plan
    assert plan.keep_days == {"B": 2, "C": FOREVER, "D": 5, "E": FOREVER, "F": FOREVER}
