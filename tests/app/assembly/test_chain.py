"""A chain is made of its entries and of what overrides them."""

import pytest

import strangers
from autopyfactory.app.assembly.chain import make_chain
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.ready import Ready
from strangers import Plain

READY = {"kind": "ready"}
LIMIT = {"kind": "max_pending", "limit": 10}
NAMED = {"kind": "max_pending", "name": "night", "limit": 3}


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    strangers.declare(monkeypatch)


def complain(entries, overrides=None):
    _, complaints = make_chain(entries, overrides or {})
    return [(complaint.path, complaint.text) for complaint in complaints]


@pytest.mark.parametrize(
    ("entries", "overrides", "chain"),
    [
        ([], {}, ()),
        ([READY, LIMIT], {}, (Ready(), MaxPending(limit=10))),
        ([READY, LIMIT], {"max_pending": {"limit": 2}}, (Ready(), MaxPending(limit=2))),
        ([{"kind": "max_pending"}], {"max_pending": {"limit": 2}}, (MaxPending(limit=2),)),
        ([LIMIT, NAMED], {"night": {"limit": 1}}, (MaxPending(limit=10), MaxPending(limit=1))),
        ([NAMED], {"max_pending": {"limit": 1}}, (MaxPending(limit=1),)),
        (
            [NAMED],
            {"max_pending": {"limit": 1}, "night": {"may_retire": True}},
            (MaxPending(limit=1, may_retire=True),),
        ),
        ([{"kind": "plain", "limit": 4}], {}, (Plain(4),)),
    ],
)
def test_a_chain_with_overrides(entries, overrides, chain):
    assert make_chain(entries, overrides) == (chain, [])


def test_what_reads_the_same_is_one_object_and_nothing_else_is():
    one, same, other = (make_chain([entry], {})[0][0] for entry in (LIMIT, dict(LIMIT), LIMIT | {"limit": 1}))
    assert one is same
    assert other == MaxPending(limit=1)
    wrong = "must be a whole number, 0 or more, such as 10; found"
    assert complain([LIMIT | {"limit": True}]) == [(("policies", 0, "limit"), f"{wrong} true")]


@pytest.mark.parametrize(
    ("entries", "overrides", "complaint"),
    [
        (
            [READY, {"kind": "max_pendin"}],
            {},
            (("policies", 1), "no 'max_pendin' among policies; did you mean 'max_pending'?"),
        ),
        ([{"kind": 3}], {}, (("policies", 0), "kind must be text; found 3")),
        (
            [LIMIT | {"limt": 3}],
            {},
            (("policies", 0, "limt"), "unknown key; did you mean 'limit'?"),
        ),
        (
            [LIMIT],
            {"max_pendin": {"limit": 2}},
            (("policy", "max_pendin"), "no policy 'max_pendin' in the chain; did you mean 'max_pending'?"),
        ),
        ([], {"ready": {}}, (("policy", "ready"), "no policy 'ready' in the chain; there are none")),
        (
            [LIMIT, LIMIT],
            {"max_pending": {"limit": 2}},
            (
                ("policy", "max_pending"),
                "there are 2 policies of kind 'max_pending' in the chain; give one a `name` and use that",
            ),
        ),
        (
            [LIMIT],
            {"max_pending": {"limit": "two"}},
            (
                ("policy", "max_pending", "limit"),
                "must be a whole number, 0 or more, such as 10; found 'two'",
            ),
        ),
        (
            [LIMIT],
            {"max_pending": {"kind": "ready"}},
            (
                ("policy", "max_pending", "kind"),
                "unknown key; there are: limit, may_retire, unlimited_when_idle",
            ),
        ),
        ([READY | {"name": 3}], {}, (("policies", 0, "name"), "must be text; found 3")),
        (
            [NAMED, READY | {"name": "night"}],
            {},
            (("policies", 1, "name"), "policies[0] has the name 'night' already"),
        ),
        (
            [{"kind": "plain", "limits": 4}],
            {},
            (("policies", 0, "limits"), "unknown key; did you mean 'limit'?"),
        ),
    ],
)
def test_what_is_wrong_with_a_chain(entries, overrides, complaint):
    assert complain(entries, overrides) == [complaint]


def test_an_entry_without_a_kind_is_told_the_kinds():
    ((path, text),) = complain([{"limit": 3}])
    assert path == ("policies", 0, "kind")
    assert text.startswith("is missing; it wants one of brittle, failing, fill_activated, ")


def test_a_policy_whose_options_cannot_be_read_says_so():
    ((path, text),) = complain([{"kind": "unreadable"}])
    assert path == ("policies", 0)
    assert text == (
        "the options of Unreadable cannot be read:"
        " Unable to generate pydantic-core schema for <class 'strangers.Source'>. Set"
        " `arbitrary_types_allowed=True` in the model_config to ignore this error or implement"
        " `__get_pydantic_core_schema__` on your type to fully support it."
    )


def test_all_that_is_wrong_is_said_at_once():
    found = complain([{"kind": "redy"}, {"kind": "max_pending"}], {"max_pendin": {}})
    assert [path for path, _ in found] == [
        ("policy", "max_pendin"),
        ("policies", 0),
        ("policies", 1, "limit"),
    ]
