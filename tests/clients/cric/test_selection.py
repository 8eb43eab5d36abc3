"""Records are selected by any field."""

from typing import Any

import pytest

from autopyfactory.clients.cric.selection import Wanted, select


@pytest.mark.parametrize(
    ("patterns", "value", "accepted"),
    [
        (("atlas",), "ATLAS", True),
        (("ATLAS",), "atlas", True),
        (("atlas", "osg"), "osg", True),
        (("atlas",), "cms", False),
        (("atlas",), None, False),
        (("!cms",), "atlas", True),
        (("!cms",), "CMS", False),
        (("!cms",), None, True),
        (("T*", "!T3*"), "T2D", True),
        (("T*", "!T3*"), "T3", False),
        (("1",), 1, True),
        (("false",), False, True),
        (("",), None, True),
        (("pr",), ["pl", "pr"], True),
        (("!pr",), ["pl", "pr"], False),
        (("pr",), [], False),
    ],
)
def test_a_value_is_wanted_or_refused(patterns: tuple[str, ...], value: Any, accepted: bool) -> None:
    assert Wanted("x", patterns).accepts(value) is accepted


def test_why_a_record_is_not_taken_is_told_field_by_field() -> None:
    wanted = {
        "cloud": Wanted("cloud", ("US", "DE")),
        "type": Wanted("type", ("!special",)),
        "tools": Wanted("tools", ("x",)),
        "tier": Wanted("tier", ("T1",)),
    }
    record = {"cloud": "ND", "type": "special", "tools": ["a", "b"]}
    assert list(select(record, wanted, {})) == [
        "cloud is 'ND', not US or DE",
        "type is 'special', not wanted",
        "tools is 'a', 'b', not x",
        "tier is empty, not T1",
    ]


def test_a_field_that_is_not_there_is_as_usual_unless_it_was_asked_for() -> None:
    usual = {"state": Wanted("state", ("ACTIVE",))}
    assert list(select({}, {}, usual)) == []
    assert list(select({"state": "DISABLED"}, {}, usual)) == ["state is 'DISABLED', not ACTIVE"]
    assert list(select({"state": "DISABLED"}, {"state": Wanted("state", ("*",))}, usual)) == []
