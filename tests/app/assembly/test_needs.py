"""A chain that needs what its source or target cannot tell is refused."""

import pytest

import strangers
from assembling import build, lines

HEAD = """
[factory]
id = "here"
state = "state"
[source.jobs]
kind = "local"
[target.site]
kind = "simple"
[defaults]
target = "site"
pilot.program = "run"
"""
RICH = '[source.wms]\nkind = "rich"\n'


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    strangers.declare(monkeypatch)


def complain(policy, rest):
    return lines(build(f"{HEAD}{rest}\n[queue.A]\npolicies = [{{ {policy} }}]\n"))


@pytest.mark.parametrize(
    ("policy", "rest", "sentence"),
    [
        (
            'kind = "ready"',
            "",
            "ready() needs the waiting work, but its queue names no source; [source.jobs] can",
        ),
        (
            'kind = "ready", offset = 2',
            RICH,
            "ready(offset=2) needs the waiting work, but its queue names no source;"
            " [source.jobs] and [source.wms] can",
        ),
        (
            'kind = "status_test"',
            "[defaults.local]\n",
            "status_test() needs the site's status, but its queue names no source; no source of this"
            " configuration can",
        ),
        (
            'kind = "throttle"',
            '[target.near]\nkind = "local"',
            "throttle() needs the recently ended pilots, which target 'site' cannot tell; [target.near] can",
        ),
        (
            'kind = "plain"',
            "",
            "Plain(limit=1) needs the running pilots without payload, which target 'site' cannot tell;"
            " no target of this configuration can",
        ),
    ],
)
def test_a_need_that_nobody_meets_is_refused(policy, rest, sentence):
    assert complain(policy, rest) == [f"[queue.A] policies[0]: {sentence}"]


def test_a_source_that_lacks_something_is_named():
    text = 'source = "jobs"\npolicies = [{ kind = "status_offline" }]\n'
    assert lines(build(f"{HEAD}{RICH}[queue.A]\n{text}")) == [
        "[queue.A] policies[0]: status_offline() needs the site's status, which source 'jobs' cannot tell;"
        " [source.wms] can"
    ]


@pytest.mark.parametrize(
    ("section", "who"),
    [
        ('[source.wms]\nkind = "rich"\ncolour = 1', "[source.wms] can"),
        ('[source.wms]\nkind = "reich"', "no source of this configuration that is right can"),
    ],
)
def test_a_source_that_is_wrong_may_be_the_one_that_could(section, who):
    last = complain('kind = "status_test"', section)[-1]
    assert last.endswith(f"but its queue names no source; {who}")


def test_a_queue_without_a_right_target_is_not_told_what_that_lacks():
    text = 'target = "nowhere"\npolicies = [{ kind = "plain" }]\n'
    assert lines(build(f"{HEAD}[queue.A]\n{text}")) == [
        "[queue.A] target: no target 'nowhere'; there are: site"
    ]
