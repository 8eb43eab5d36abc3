"""A definition holds all that a queue runs under, and its chain can be made of it anew."""

import json

import pytest
from hypothesis import given

from assembling import planned, with_head
from autopyfactory import __version__
from autopyfactory.app.assembly.definition import chain_of, describe_policy
from autopyfactory.errors import ConfigError
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.ready import Ready
from autopyfactory.rule import CAPITAL
from autopyfactory.testing import chains
from autopyfactory.testing.strategies import SELDOM

QUEUE = """
[queue.A]
work = { label = "short" }
policy.max_pending.limit = 3
when_unknown = { submit = 2 }
"""


def definition(text=QUEUE):
    return planned(with_head(text)).queues["A"].definition


def test_it_holds_every_option_also_those_that_nobody_wrote():
    told = json.loads(definition())
    assert told["policies"] == [
        {"kind": "ready", "offset": 0, "unit": "jobs"},
        {"kind": "max_pending", "limit": 3, "may_retire": False, "unlimited_when_idle": False},
    ]
    assert told["work"]["label"] == "short"
    assert told["pilot"]["cores"] == 1
    assert (told["source"]["name"], told["source"]["kind"]) == ("jobs", "local")
    assert told["source"]["options"]["max_age"] == "1s"
    limits = told["target"]["options"]["guard"]
    assert (limits["max_pilots"], limits["per_minute"], limits["retire_share"]) == (10_000, 6000, 0.2)
    assert told["guard"]["breaker"] == {"failures": 10, "backoff": "1m", "longest": "1h"}
    assert told["shadow"] == []
    assert (told["interval"], told["when_unknown"], told["weight"]) == ("6m", 2, 1.0)
    assert told["credentials"] == []
    assert told["packages"] == {"autopyfactory": __version__}


def test_it_holds_the_section_that_another_is_wrapped_around():
    text = '[target.dry]\nkind = "dry_run"\ntarget = "ce01"\n[queue.A]\ntarget = "dry"'
    target = json.loads(definition(text))["target"]
    assert (target["kind"], target["inner"]["name"], target["inner"]["kind"]) == ("dry_run", "ce01", "local")


def test_it_changes_with_the_queue_alone():
    assert definition() == definition()
    assert definition() != definition(QUEUE.replace("limit = 3", "limit = 4"))


def test_its_chain_is_the_chain_of_the_queue():
    assert chain_of(definition()) == planned(with_head(QUEUE)).queues["A"].policies
    assert chain_of(definition()) == (Ready(), MaxPending(limit=3))


@given(chains())
@SELDOM
def test_any_chain_is_made_anew_as_it_was(chain):
    kinds = [CAPITAL.sub("_", type(policy).__name__).lower() for policy in chain]
    entries = [describe_policy({"kind": kind}, {}, policy) for kind, policy in zip(kinds, chain, strict=True)]
    assert chain_of(json.dumps({"policies": entries})) == chain


def test_a_policy_that_nobody_can_write_stands_as_it_was_written():
    class Odd:
        pass

    entry = {"kind": "odd", "name": "night", "part": 3}
    assert describe_policy(entry, {"night": {"part": 4}}, Odd()) == {
        "kind": "odd",
        "name": "night",
        "part": 4,
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nobody knows what it was configured as"),
        ("{}", "nobody knows what it was configured as"),
        ('{"policies": [{"kind": "redy"}]}', "no 'redy' among policies; did you mean 'ready'?"),
    ],
)
def test_what_cannot_be_made_anew_is_told(text, words):
    with pytest.raises(ConfigError) as caught:
        chain_of(text)
    assert str(caught.value) == words
