"""A queue is made of defaults, those of its kinds, its templates and its own table."""

from datetime import timedelta

import pytest

import strangers
from assembling import build, failures, lines, planned
from autopyfactory.policies.fixed import Fixed

HEAD = """
[factory]
id = "here"
state = "state"

[source.wms]
kind = "rich"

[target.site]
kind = "simple"

[target.around]
kind = "wrapping"
around = "site"

[defaults]
target = "site"
policies = [{ kind = "fixed", count = 1 }]
"""


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    strangers.declare(monkeypatch)


def make(text):
    """The queue A."""
    return planned(build(HEAD + text)).queues["A"]


def complain(text):
    assembly = build(HEAD + text)
    assert assembly.plan.queues == {}
    assert assembly.plan.failed["A"].problems == assembly.problems
    return lines(assembly)


def test_a_queue_with_all_its_keys():
    queue = make(
        """
        [queue.A]
        source = "wms"
        work = { site = "A", labels = ["x"] }
        pilot = { program = "run", cores = 8 }
        policies = [{ kind = "fixed", name = "few", count = 2 }]
        policy.few.count = 3
        interval = "90s"
        when_unknown = { submit = 0 }
        weight = 2
        """
    )
    assert (queue.name, queue.source.name, queue.target.name) == ("A", "wms", "site")
    assert queue.work == strangers.Work(site="A", labels=("x",))
    assert queue.pilot == strangers.Pilot(program="run", cores=8)
    assert queue.policies == (Fixed(count=3),)
    assert (queue.interval, queue.when_unknown, queue.weight) == (90.0, 0, 2.0)


def test_a_queue_with_no_more_than_it_must_have():
    queue = make('[queue.A]\npilot.program = "run"')
    assert (queue.source.name, queue.interval, queue.when_unknown) == ("(none)", 360.0, None)
    assert queue.siblings == ()


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ('[defaults.simple]\npilot.program = "kind"\n[queue.A]', "kind"),
        ('[defaults.simple]\npilot.program = "kind"\n[queue.A]\npilot.program = "own"', "own"),
        (
            '[defaults.simple]\npilot.program = "kind"\n[template.t]\npilot.program = "like"\n'
            '[queue.A]\nlike = "t"',
            "like",
        ),
        (
            '[template.t]\npilot.program = "t"\n[template.u]\nlike = "t"\npilot.program = "u"\n'
            '[queue.A]\nlike = "u"',
            "u",
        ),
        (
            '[template.t]\npilot.program = "t"\n[template.u]\npilot.program = "u"\n'
            '[queue.A]\nlike = ["u", "t"]',
            "t",
        ),
        (
            '[defaults.simple]\npilot.program = "inner"\n[queue.A]\ntarget = "around"',
            "inner",
        ),
        (
            '[defaults.simple]\npilot.program = "inner"\n[defaults.wrapping]\npilot.program = "outer"\n'
            '[queue.A]\ntarget = "around"',
            "outer",
        ),
    ],
)
def test_who_comes_later_wins(text, program):
    assert make(text).pilot.program == program


def test_defaults_of_a_kind_reach_only_its_sources_and_targets():
    text = """
    [defaults.rich]
    interval = "5m"
    work.site = "DEFAULT"
    pilot.nonsense = "of another target"
    [defaults.simple]
    pilot.program = "run"
    work.nonsense = "of another source"
    [queue.A]
    source = "wms"
    [queue.B]
    """
    queues = planned(build(HEAD + text)).queues
    assert queues["A"].work == strangers.Work(site="DEFAULT")
    assert [queues[name].interval for name in "AB"] == [300.0, 360.0]


def test_a_new_chain_forgets_what_was_overridden_in_the_old_one():
    text = """
    [template.t]
    policy.fixed.count = 7
    [queue.A]
    like = "t"
    policies = [{ kind = "fixed", count = 2 }]
    pilot.program = "run"
    """
    assert make(text).policies == (Fixed(count=2),)


def test_a_queue_that_is_not_enabled_is_neither_run_nor_failed():
    plan = planned(build(HEAD + '[queue.A]\nenabled = false\ntarget = "nowhere"'))
    assert plan.queues == {}
    assert plan.failed == {}


PILOT = 'pilot.program = "run"\n'


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "[queue]\nA = 3",
            ["[queue.A]: must be a table; found 3", "[queue.A] pilot.program: is missing; it wants text"],
        ),
        ("[queue.A]", ["[queue.A] pilot.program: is missing; it wants text"]),
        (
            "[defaults.simple]\npilot.cores = 3\n[queue.A]",
            ["[queue.A] pilot.program: is missing; it wants text"],
        ),
        (
            f'[queue.A]\ntarget = "sight"\n{PILOT}',
            ["[queue.A] target: no target 'sight'; did you mean 'site'?"],
        ),
        (
            f'[template.t]\nsource = "xyz"\n[queue.A]\nlike = "t"\n{PILOT}',
            ["[template.t] source: no source 'xyz'; there are: wms"],
        ),
        (
            f'[queue.A]\nsource = "wms"\n{PILOT}work.sight = "A"',
            ["[queue.A] work.sight: unknown key; did you mean 'site'?"],
        ),
        (
            f'[queue.A]\nwork.site = "A"\n{PILOT}',
            ["[queue.A] work: means nothing: the queue names no source"],
        ),
        (
            "[template.t]\npilot = { program = 'run', cores = 'many' }\n[queue.A]\nlike = 't'",
            ["[template.t] pilot.cores: must be a whole number, 1 or more, such as 10; found 'many'"],
        ),
        ("[queue.A]\npilot.program = 'bomb'", ["[queue.A] pilot: program 'bomb' is not for this target"]),
        (
            f"[queue.A]\n{PILOT}pilot.words.a = 1",
            [
                "[queue.A] pilot: cannot be checked, which is a fault of the plug-in:"
                " TypeError(\"unhashable type: 'dict'\")"
            ],
        ),
        (
            f"[queue.A]\n{PILOT}pilot.fuse = 1",
            ['[queue.A] pilot: the plug-in cannot read its options: KeyError("a stranger\'s validator")'],
        ),
        (
            f"[queue.A]\n{PILOT}policy.fixd.count = 3",
            ["[queue.A] policy.fixd: no policy 'fixd' in the chain; did you mean 'fixed'?"],
        ),
        (
            f'[template.t]\npolicies = [{{ kind = "fixed" }}]\n[queue.A]\nlike = "t"\n{PILOT}',
            ["[template.t] policies[0].count: is missing; it wants a whole number, 0 or more, such as 10"],
        ),
    ],
)
def test_what_is_wrong_stands_where_it_is_written(text, sentences):
    assert complain(text) == sentences


def test_a_queue_needs_a_target():
    text = HEAD.replace('target = "site"', "") + f"[queue.A]\n{PILOT}"
    assert lines(build(text)) == [
        "[queue.A] target: is missing; name the target of this queue; there are: around, site"
    ]


def test_queues_fail_with_what_they_use_and_the_others_run():
    text = """
    [target.broken]
    kind = "simple"
    max_aeg = "5s"
    [template.t]
    wieght = 1
    pilot.program = "run"
    [queue.A]
    pilot.program = "run"
    [queue.B]
    like = "t"
    [queue.C]
    target = "broken"
    pilot.program = "run"
    [queue.D]
    target = "outside"
    pilot.program = "run"
    """
    assembly = build(HEAD + text + '[target.outside]\nkind = "wrapping"\naround = "broken"')
    assert list(assembly.plan.queues) == ["A"]
    wrong_section = "site.toml: [target.broken] max_aeg: unknown key; did you mean 'max_age'?"
    assert failures(assembly) == {
        "B": ("site.toml: [template.t] wieght: unknown key; did you mean 'weight'?",),
        "C": (wrong_section,),
        "D": (wrong_section,),
    }
    assert len(assembly.problems) == 2


@pytest.mark.parametrize("target", ["broken", "outside"])
def test_a_wrong_section_hides_no_mistake_of_its_queues(target):
    sections = """
    [target.broken]
    kind = "simple"
    max_aeg = "5s"
    [target.outside]
    kind = "wrapping"
    around = "broken"
    [source.odd]
    kind = "rich"
    colour = "red"
    [defaults.simple.pilot]
    program = "run"
    """
    queue = f"[queue.A]\ntarget = '{target}'\nsource = 'odd'\nwork.sight = 'x'\npilot.cores = 'many'\n"
    assert lines(build(HEAD + sections + queue)) == [
        "[source.odd] colour: unknown key; did you mean 'color'?",
        "[target.broken] max_aeg: unknown key; did you mean 'max_age'?",
        "[queue.A] work.sight: unknown key; did you mean 'site'?",
        "[queue.A] pilot.cores: must be a whole number, 1 or more, such as 10; found 'many'",
    ]


def test_a_policy_without_a_kind_is_told_once():
    (line,) = complain(f"[queue.A]\npolicies = [{{ limit = 3 }}]\n{PILOT}")
    assert line.startswith("[queue.A] policies[0].kind: is missing; it wants one of ")


def test_a_wrong_default_fails_only_those_whom_it_reaches():
    text = f"[defaults.wrapping]\nintervall = '5m'\n[queue.A]\n{PILOT}[queue.B]\ntarget = 'around'\n{PILOT}"
    assembly = build(HEAD + text)
    assert list(assembly.plan.queues) == ["A"]
    assert failures(assembly) == {
        "B": ("site.toml: [defaults.wrapping] intervall: unknown key; did you mean 'interval'?",)
    }


def test_an_interval_is_seconds():
    assert make(f"[queue.A]\ninterval = 7\n{PILOT}").interval == timedelta(seconds=7).total_seconds()


def test_a_shadow_chain_is_checked_like_the_real_one():
    chain = 'policies = [{ kind = "fixed", count = 1 }]'
    text = f'[queue.A]\n{chain}\nshadow = [{{ kind = "fixed", count = 5 }}]\n{PILOT}'
    assert make(text).shadow == (Fixed(count=5),)
    (line,) = complain(f'[queue.A]\n{chain}\nshadow = [{{ kind = "fixd", count = 5 }}]\n{PILOT}')
    assert line.startswith("[queue.A] shadow[0]: no 'fixd' among policies; did you mean 'fixed'?")
    (line,) = complain(f'[queue.A]\n{chain}\nshadow = [{{ kind = "fixed", cont = 5, count = 1 }}]\n{PILOT}')
    assert line == "[queue.A] shadow[0].cont: unknown key; did you mean 'count'?"
    (line,) = complain(f'[queue.A]\n{chain}\nshadow = [{{ kind = "status_offline" }}]\n{PILOT}')
    assert line.startswith("[queue.A] shadow[0]: status_offline() needs the site's status")


def test_the_guard_of_a_queue_is_read_and_its_mistakes_are_named():
    text = f"[queue.A]\nguard = {{ breaker = {{ failures = 5 }} }}\n{PILOT}"
    assert make(text).limits.breaker.failures == 5
    window = "downtime = [{ start = '08:00', end = '09:00', zone = 'Europe/Zurrich' }]"
    (line,) = complain(f"[queue.A]\nguard = {{ {window} }}\n{PILOT}")
    assert line == (
        "[queue.A] guard.downtime[0].zone: no time zone 'Europe/Zurrich'; did you mean 'Europe/Zurich'?"
    )


class TestCredentials:
    HEAD = """
        [credential.robot]
        kind = "key"
        [credential.reserve]
        kind = "key"
        [credential.grid]
        kind = "proxy"
        [credential.broken]
        kind = "key"
        fits = "maybe"
        [target.proud]
        kind = "proving"
        [defaults.proving]
        credentials = ["robot", "reserve"]
        pilot.program = "run"
        """

    def test_they_stand_in_order_of_preference_and_in_any_layer(self):
        text = self.HEAD.replace('"maybe"', "true")
        plan = planned(build(HEAD + text + '[queue.A]\ntarget = "proud"'))
        assert plan.queues["A"].credentials == (plan.credentials["robot"], plan.credentials["reserve"])

    def test_a_queue_may_do_without_those_of_its_defaults(self):
        text = self.HEAD.replace('"maybe"', "true")
        assert (
            planned(build(HEAD + text + '[queue.A]\ntarget = "proud"\ncredentials = []'))
            .queues["A"]
            .credentials
            == ()
        )

    @pytest.mark.parametrize(
        ("queue", "sentence"),
        [
            (
                'credentials = ["robott"]',
                "[queue.A] credentials[0]: no credential 'robott'; did you mean 'robot'?",
            ),
            (
                'credentials = ["robot", "grid"]',
                "[queue.A] credentials[1]: credential 'grid' is of type x509, and target 'proud' can give its"
                " pilots those of type token only",
            ),
            (
                'credentials = ["robot"]\ntarget = "site"',
                "[queue.A] credentials[0]: credential 'robot' is of type token, and target 'site' can give"
                " its pilots none",
            ),
            (
                'credentials = ["broken"]',
                "[credential.broken] fits: must be true or false; found 'maybe'",
            ),
        ],
    )
    def test_one_that_its_pilots_cannot_have_is_refused(self, queue, sentence):
        target = "" if "target" in queue else 'target = "proud"'
        assembly = build(HEAD + self.HEAD + f'[queue.A]\npilot.program = "run"\n{target}\n{queue}')
        assert assembly.plan.queues == {}
        assert [str(problem) for problem in assembly.plan.failed["A"].problems] == [f"site.toml: {sentence}"]
