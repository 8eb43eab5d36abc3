"""Sources, targets and monitors are made from their sections, and kept while their sections say the same."""

import pytest

import strangers
from assembling import build, failures, lines, planned
from autopyfactory.monitors.log import LogMonitor

FACTORY = '[factory]\nid = "here"\nstate = "state"\nhistory = false\n'


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    strangers.declare(monkeypatch)


def plan(text, previous=None):
    return planned(build(FACTORY + text, previous=previous))


def test_a_section_becomes_a_plugin_with_its_options_and_its_place():
    made = plan('[source.wms]\nkind = "rich"\ncolor = "blue"\nmax_age = "5s"').sources["wms"]
    assert made.name == "wms"
    assert made.options.color == "blue"
    assert made.plugin.section is made.options
    place = made.plugin.place
    assert (place.section, place.factory, place.state, place.logs) == (
        "wms",
        "here",
        "/site/state",
        "/site/state/logs",
    )


def test_a_wrapper_is_made_around_a_new_one_of_the_section_that_it_names():
    targets = plan(
        '[target.outer]\nkind = "wrapping"\naround = "inner"\n[target.inner]\nkind = "simple"\nmax_age = "7s"'
    ).targets
    inner = targets["outer"].plugin.inner
    assert inner.place.section == "inner"
    assert inner.section == targets["inner"].options
    assert inner is not targets["inner"].plugin


def test_without_a_monitor_there_is_the_log():
    assert isinstance(plan("").monitors["log"], LogMonitor)


def test_a_named_monitor_stands_alone():
    assert list(plan('[monitor.still]\nkind = "quiet"').monitors) == ["still"]


@pytest.mark.parametrize(
    ("text", "monitors"),
    [
        ("", ["log", "history"]),
        ("history = false", ["log"]),
        ('[monitor.still]\nkind = "quiet"', ["still", "history"]),
        ('[monitor.diary]\nkind = "history"\nkeep_days = 3', ["diary"]),
        ('[monitor.history]\nkind = "quiet"', ["history"]),
    ],
)
def test_a_history_is_kept_unless_the_factory_says_no(text, monitors):
    factory = '[factory]\nid = "here"\nstate = "state"\n'
    assert list(planned(build(factory + text)).monitors) == monitors


SECTIONS = """
[source.wms]
kind = "rich"
[target.inner]
kind = "simple"
[target.outer]
kind = "wrapping"
around = "inner"
[monitor.still]
kind = "quiet"
"""
PROVING = """
[credential.robot]
kind = "key"
[credential.reserve]
kind = "proxy"
[source.wms]
kind = "proving"
credentials = ["reserve", "robot"]
[target.site]
kind = "proving"
credential = "robot"
[target.bare]
kind = "proving"
[target.outer]
kind = "wrapping"
around = "site"
"""


def kept(before, after):
    """The names of the sections that a new plan took over."""
    return {
        name
        for group in ("credentials", "sources", "targets", "monitors")
        for name, section in getattr(after, group).items()
        if section is getattr(before, group).get(name)
    }


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("", "", {"wms", "inner", "outer", "still"}),
        ('kind = "rich"', 'kind = "rich"\nmax_age = "5s"', {"inner", "outer", "still"}),
        ('kind = "simple"', 'kind = "simple"\nmax_age = "5s"', {"wms", "still"}),
        ('around = "inner"', 'around = "inner"\ntimeout = "5s"', {"wms", "inner", "still"}),
        ("[monitor.still]", "[monitor.other]", {"wms", "inner", "outer"}),
        ('state = "state"', 'state = "other"', set()),
    ],
)
def test_a_section_is_kept_while_kind_options_place_and_inner_section_are_the_same(old, new, names):
    text = FACTORY + SECTIONS
    before = planned(build(text))
    after = planned(build(text.replace(old, new), previous=before))
    assert kept(before, after) == names


def test_the_log_of_nobody_and_the_source_of_nobody_are_kept_too():
    queue = '[queue.A]\ntarget = "t"\npilot.program = "x"\npolicies = [{ kind = "fixed", count = 1 }]'
    text = f'[target.t]\nkind = "simple"\n{queue}'
    before = plan(text)
    after = plan(text, previous=before)
    assert kept(before, after) == {"(none)", "t", "log"}
    assert after.queues == before.queues


def test_who_has_to_prove_himself_is_handed_the_credentials_that_he_names():
    made = plan(PROVING)
    robot, reserve = made.credentials["robot"], made.credentials["reserve"]
    assert made.sources["wms"].plugin.credentials == (reserve, robot)
    assert made.targets["site"].plugin.credentials == (robot,)
    assert made.targets["bare"].plugin.credentials == ()
    assert made.targets["outer"].plugin.inner.credentials == (robot,)
    assert made.targets["outer"].credentials == (robot,)
    assert made.sections()[-2:] == [robot, reserve]


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("", "", {"robot", "reserve", "wms", "site", "bare", "outer"}),
        ('kind = "key"', 'kind = "key"\nminimum = "1h"', {"reserve", "bare"}),
        ('kind = "proxy"', 'kind = "key"', {"robot", "site", "bare", "outer"}),
        ('["reserve", "robot"]', '["robot"]', {"robot", "reserve", "site", "bare", "outer"}),
    ],
)
def test_what_proves_itself_is_kept_while_its_credentials_are(old, new, names):
    before = plan(PROVING)
    after = planned(build(FACTORY + PROVING.replace(old, new), previous=before))
    assert kept(before, after) - {"log"} == names


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        (
            '"reserve", "robot"',
            '"robbot"',
            {"source.wms": "credentials: no credential 'robbot'; did you mean 'robot'?"},
        ),
        (
            'kind = "proxy"',
            'kind = "proxi"',
            {"credential.reserve": "kind: no 'proxi' among credentials; did you mean 'proxy'?"},
        ),
        ('kind = "proxy"', 'kind = "proxy"\nfits = false', {"credential.reserve": "this key does not fit"}),
        (
            'kind = "proxy"',
            'kind = "typeless"',
            {"credential.reserve": "'typeless' is no proper credential: compare it with autopyfactory.ports"},
        ),
    ],
)
def test_what_names_a_wrong_credential_is_not_made(old, new, problems):
    assembly = build(FACTORY + PROVING.replace(old, new))
    assert {
        problem.section: problem.text if not problem.key else f"{problem.key}: {problem.text}"
        for problem in assembly.problems
    } == problems
    assert assembly.plan.sources == {}
    assert set(assembly.plan.targets) == {"site", "bare", "outer"}


KEEPERS = """
[credential.robot]
kind = "keeper"
path = "/var/robot"
[credential.reserve]
kind = "keeper"
path = "{path}"
[source.first]
kind = "proving"
credentials = ["robot"]
[source.wms]
kind = "proving"
credentials = ["reserve"]
"""


@pytest.mark.parametrize(("path", "clash"), [("/var/robot", "/var/robot"), ("/opt/robot", "/home/robot")])
def test_two_credentials_that_write_the_same_file_are_refused(path, clash):
    assembly = build(FACTORY + KEEPERS.format(path=path))
    sentence = f"credential 'robot' keeps '{clash}', too; name another file"
    assert lines(assembly) == [f"[credential.reserve] path: {sentence}"]
    assert list(assembly.plan.credentials) == ["robot"]
    assert list(assembly.plan.sources) == ["first"]


def test_credentials_that_write_files_of_their_own_are_made_and_kept():
    before = plan(KEEPERS.format(path="/var/reserve"))
    after = plan(KEEPERS.format(path="/var/reserve"), previous=before)
    assert kept(before, after) == {"robot", "reserve", "first", "wms", "log"}


def test_a_credential_that_nobody_can_load_is_said():
    (line,) = lines(build(FACTORY + '[credential.c]\nkind = "optionless"'))
    assert line.endswith("has no `options`, a descendant of CredentialSection")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[source]\nwms = 3", "[source.wms]: must be a table; found 3"),
        (
            '[target."a b"]\nkind = "simple"',
            "[target.'a b']: a section's name is a name of letters, digits and . _ + - that begins with a"
            " letter or digit, 64 characters at most",
        ),
        ('[target.t]\nkind = "simpel"', "[target.t] kind: no 'simpel' among targets; did you mean 'simple'?"),
        ("[target.t]\nkind = 3", "[target.t] kind: must be text; found 3"),
        (
            '[source.s]\nkind = "rich"\ncolor = "x"',
            "[source.s] color: must have at least 2 characters; found 'x'",
        ),
        (
            '[target.t]\nkind = "simple"\nguard.per_minute = -1',
            "[target.t] guard.per_minute: must be a whole number, 0 or more or 'unlimited'; found -1",
        ),
        (
            '[target.t]\nkind = "breaking"',
            "[target.t]: 'breaking' cannot be made, which is its fault: OSError('no such device')",
        ),
        ('[target.t]\nkind = "refusing"', "[target.t]: this machine has no such thing"),
        (
            '[target.t]\nkind = "improper"',
            "[target.t]: 'improper' is no proper target: compare it with autopyfactory.ports",
        ),
        (
            '[target.t]\nkind = "lost"',
            "[target.t] kind: 'lost' among targets cannot be loaded: No module named 'no_such_library';"
            " this is a fault of no_such_library.targets:Lost: install it anew, or another version",
        ),
        (
            '[target.t]\nkind = "wrapping"\naround = "inne"\n[target.inner]\nkind = "simple"',
            "[target.t] around: no target 'inne'; did you mean 'inner'?",
        ),
        (
            '[target.t]\nkind = "wrapping"\naround = "t"',
            "[target.t] around: targets are wrapped around one another in a circle: t -> t",
        ),
        (
            '[target.t]\nkind = "wrapping"\naround = "u"\n[target.u]\nkind = "simpel"',
            "[target.u] kind: no 'simpel' among targets; did you mean 'simple'?",
        ),
    ],
)
def test_a_wrong_section_is_one_problem_and_is_not_made(text, sentence):
    assembly = build(FACTORY + text)
    assert lines(assembly) == [sentence]
    assert not assembly.plan.sources
    assert set(assembly.plan.targets) <= {"inner"}


def test_a_section_without_a_kind_is_told_the_kinds():
    (line,) = lines(build(FACTORY + "[source.s]"))
    assert line.startswith("[source.s] kind: is missing; it wants one of command, htcondor, local, null, ")


def test_a_wrong_monitor_stops_nothing_else():
    assembly = build(FACTORY + '[monitor.m]\nkind = "quite"\n[target.t]\nkind = "simple"')
    assert lines(assembly) == ["[monitor.m] kind: no 'quite' among monitors; did you mean 'quiet'?"]
    assert list(assembly.plan.targets) == ["t"]
    assert assembly.plan.monitors == {}


def test_queues_without_a_source_need_the_null_source(monkeypatch):
    monkeypatch.setitem(strangers.DECLARED, "sources", {"null": "strangers:number"})
    text = '[target.t]\nkind = "simple"\n[defaults]\ntarget = "t"\n[queue.A]\n[queue.B]'
    assembly = build(f"{FACTORY}{text}\n[defaults.simple]\npilot.program = 'x'")
    sentence = "[source.'(none)']: 'null' among sources is no plug-in: strangers:number is not a class"
    assert lines(assembly) == [sentence]
    assert failures(assembly) == dict.fromkeys("AB", (f"site.toml: {sentence}",))


def test_one_of_ours_that_cannot_be_loaded_is_a_problem_of_the_whole(monkeypatch):
    monkeypatch.setitem(strangers.DECLARED, "monitors", {"log": "strangers:number"})
    assert lines(build(FACTORY)) == [
        "[monitor.log]: 'log' among monitors is no plug-in: strangers:number is not a class"
    ]
