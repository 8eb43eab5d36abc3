"""What is legal and hardly meant is a warning, and the queue runs."""

import pytest

import strangers
from assembling import HEAD, build, planned, with_head


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    strangers.declare(monkeypatch)


def warn(text):
    assembly = with_head(text)
    plan = planned(assembly)
    return [str(warning).removeprefix("site.toml: ") for warning in plan.warnings]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('interval = "0.5s"', "interval: 0.5 s is very short: every cycle looks at source and target"),
        ("policies = []", "policies: has none, so this queue never submits a pilot"),
        (
            'policies = [{ kind = "ready" }, { kind = "null" }]',
            "policies: never submits a pilot: null() leaves none",
        ),
        (
            "policy.max_pending.limit = 0",
            "policies: never submits a pilot: max_pending(limit=0) leaves none",
        ),
        (
            'policies = [{ kind = "max_pending", limit = 3 }, { kind = "max_per_cycle", limit = 2 }]',
            "policies: never submits a pilot: no policy of the chain asks for any",
        ),
        (
            'policies = [{ kind = "failing" }]',
            "policies: a policy fails with plenty of work and no pilots:"
            ' ZeroDivisionError("a stranger\'s mistake")',
        ),
        (
            'policies = [{ kind = "ready" }]\nwhen_unknown = { submit = 3 }',
            "when_unknown: submits 3 pilots every cycle while the demand is unknown, and no cap stops it;"
            " add max_pending or another cap",
        ),
    ],
)
def test_what_is_odd_about_a_queue(text, sentence):
    assert warn(f"[queue.A]\n{text}") == [f"[queue.A] {sentence}"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "interval = 1",
        "when_unknown = { submit = 3 }",
        'policies = [{ kind = "ready" }]\nwhen_unknown = { submit = 0 }',
        'policies = [{ kind = "null" }, { kind = "min_pending", limit = 2 }]',
        "policy.max_pending = { limit = 0, unlimited_when_idle = true }",
        'policies = [{ kind = "keep_n_queue_life", count = 2 }]',
    ],
)
def test_what_is_not_odd(text):
    assert warn(f"[queue.A]\n{text}") == []


def test_a_chain_that_submits_only_in_one_status_is_not_odd():
    text = HEAD.replace('kind = "local"\n\n[target', 'kind = "rich"\n\n[target')
    queue = '[queue.A]\nwork.site = "A"\npolicies = [{ kind = "null" }, { kind = "status_test", pilots = 1 }]'
    assert planned(build(text + queue)).warnings == ()


def test_sections_that_nobody_uses_are_told():
    assert warn(
        """
        [source.spare]
        kind = "null"
        [target.spare]
        kind = "local"
        [target.inner]
        kind = "local"
        [target.outer]
        kind = "dry_run"
        target = "inner"
        [template.unused]
        like = "base"
        [template.base]
        [queue.A]
        target = "outer"
        [queue.B]
        work.label = "other"
        enabled = false
        like = "base"
        [queue.C]
        work.label = "third"
        """
    ) == [
        "[source.spare]: is used by no queue",
        "[target.spare]: is used by no queue",
        "[template.unused]: is used by no queue",
    ]


@pytest.mark.parametrize("key", ["target = 'ce0l'", "targt = 'ce01'", "like = 'spair'"])
def test_what_a_misspelt_word_may_mean_is_not_called_unused(key):
    text = HEAD.replace('target = "ce01"\n', "") + f"[template.spare]\n[queue.A]\n{key}\n"
    assert not [str(warning) for warning in build(text).plan.warnings if "no queue" in str(warning)]


def test_a_credential_is_used_by_queues_and_by_sections():
    text = """
        [credential.pilots]
        kind = "key"
        [credential.ours]
        kind = "key"
        [credential.idle]
        kind = "key"
        [source.wms]
        kind = "proving"
        credentials = ["ours"]
        [target.site]
        kind = "proving"
        [queue.A]
        source = "wms"
        work.site = "A"
        target = "site"
        credentials = ["pilots"]
        pilot.program = "run"
        """
    said = warn(text)
    assert [sentence for sentence in said if "credential" in sentence] == [
        "[credential.idle]: is used by no queue"
    ]
