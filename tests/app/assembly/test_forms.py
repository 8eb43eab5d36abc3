"""Defaults, templates and queues are looked at one by one, whether or not anybody uses them."""

import pytest

from assembling import HEAD, build, findings, lines, written
from autopyfactory.app.assembly.forms import Forms

NAMING = "a name of letters, digits and . _ + - that begins with a letter or digit, 64 characters at most"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("[queue.A]\n[template.t]\n[defaults]\n[defaults.local]", []),
        ("[queue.A]\nintervl = 3", ["[queue.A] intervl: unknown key; did you mean 'interval'?"]),
        ("[queue.A]\ninterval = 0", ["[queue.A] interval: an interval is longer than 0 and at most 7d"]),
        ('[queue.A]\ninterval = "8d"', ["[queue.A] interval: an interval is longer than 0 and at most 7d"]),
        (
            '[queue.A]\ninterval = "soon"',
            [
                "[queue.A] interval: 'soon' is no duration; write '90s', '6m', '1h30m'"
                " (units ms, s, m, h, d, w)"
            ],
        ),
        (
            "[queue.A]\nweight = 0",
            ["[queue.A] weight: must be a number, more than 0 and at most 1000000, such as 0.5; found 0"],
        ),
        ('[queue.A]\nenabled = "no"', ["[queue.A] enabled: must be true or false; found 'no'"]),
        ("[queue.A]\nsource = 3", ["[queue.A] source: must be text; found 3"]),
        (
            "[queue.A]\nwork = 3",
            ["[queue.A] work: must be a table, such as { key = 'value' }; found 3"],
        ),
        (
            "[queue.A]\nwhen_unknown = { submit = -1 }",
            ["[queue.A] when_unknown.submit: must be a whole number, 0 or more, such as 10; found -1"],
        ),
        (
            "[queue.A]\nwhen_unknown = { sumbit = 1 }",
            ["[queue.A] when_unknown.sumbit: unknown key; did you mean 'submit'?"],
        ),
        (
            '[queue.A]\npolicies = "ready"',
            ["[queue.A] policies: must be a list, each a table, such as [{ kind = 'ready' }]; found 'ready'"],
        ),
        (
            '[queue.A]\npolicies = ["ready"]',
            ["[queue.A] policies[0]: must be a table, such as { key = 'value' }; found 'ready'"],
        ),
        (
            "[queue.A]\npolicy.ready = 3",
            ["[queue.A] policy.ready: must be a table, such as { key = 'value' }; found 3"],
        ),
        ('[queue."a b"]', [f"[queue.'a b']: a queue's name is {NAMING}"]),
        ('[template.".t"]', [f"[template.'.t']: a template's name is {NAMING}"]),
        ("[template]\nt = 3", ["[template.t]: must be a table; found 3"]),
        (
            '[template.grid]\n[queue.A]\nlike = "gird"',
            ["[queue.A] like: no template 'gird'; did you mean 'grid'?"],
        ),
        (
            '[template.a]\nlike = "b"\n[template.b]\nlike = ["a"]',
            [
                "[template.a] like: templates are like one another in a circle",
                "[template.b] like: templates are like one another in a circle",
            ],
        ),
        (
            '[template.a]\npolicies = [{ kind = "redy" }]',
            ["[template.a] policies[0]: no 'redy' among policies; did you mean 'ready'?"],
        ),
        (
            '[defaults]\nlike = "a"',
            ["[defaults] like: does not belong here: only queues and templates have it"],
        ),
        ("[defaults]\nintervl = 3", ["[defaults] intervl: unknown key; did you mean 'interval'?"]),
        (
            "[defaults.locl]",
            [
                "[defaults] locl: neither a key of a queue nor a kind of source or target;"
                " did you mean 'local'?"
            ],
        ),
        ("[defaults]\nlocal = 3", ["[defaults.local]: must be a table; found 3"]),
        (
            '[defaults.local]\ntarget = "a"\nweight = "x"',
            [
                "[defaults.local] target: does not belong here: which defaults a queue gets depends on it",
                "[defaults.local] weight: must be a number, more than 0 and at most 1000000, such as 0.5;"
                " found 'x'",
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_table_by_itself(text, sentences):
    found = findings(text)
    Forms(found, {}).read_all()
    assert sorted(written(found)) == sorted(sentences)


def test_the_right_parts_of_a_wrong_table_are_kept():
    forms = Forms(findings("[queue.A]\nweight = 0\ninterval = 3\nnonsense = 1"), {})
    forms.read_all()
    assert forms.tables["queue", "A"] == {"interval": 3}
    assert len(forms.faults["queue", "A"]) == 2


def test_a_wrong_chain_that_nobody_uses_fails_nobody():
    text = HEAD.replace('kind = "ready"', 'kind = "redy"') + '[queue.A]\npolicies = [{ kind = "ready" }]'
    assembly = build(text)
    assert lines(assembly) == ["[defaults] policies[0]: no 'redy' among policies; did you mean 'ready'?"]
    assert list(assembly.plan.queues) == ["A"]
