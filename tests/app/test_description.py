"""A plug-in tells its options, and what a queue holds for it, by its code alone."""

import pytest

from autopyfactory.app.description import describe_plugin, options_of, queue_model
from autopyfactory.clients.condor.options import Job
from autopyfactory.options import Options, Positive, TargetSection
from autopyfactory.targets.dry_run import DryRunTarget
from strangers import Optionless, Pilot, Plain, Quiet, SimpleTarget, Source, Work


def test_options_of_a_table_within_have_dotted_names_and_its_defaults():
    found = {option.name: option for option in options_of(TargetSection)}
    assert found["guard.per_minute"].default == 6000
    assert found["guard.per_minute"].type == "a whole number, 0 or more or 'unlimited'"
    assert found["held_as"].type == "one of 'pending', 'running', 'nothing'"
    assert found["max_age"].default == "1m"


def test_options_of_a_table_with_several_forms_are_told_form_by_form():
    found = {option.name: option for option in options_of(Job)}
    assert found["grid"].type == "a table"
    assert found["grid[arc].endpoint"].required
    assert found["grid[condor].port"].default == 9619
    assert all(option.documentation for option in found.values())


def test_what_a_queue_holds_for_a_plugin_stands_in_the_types_of_its_methods():
    assert queue_model("sources", Source) == ("work", Work)
    assert queue_model("targets", SimpleTarget) == ("pilot", Pilot)


class Nameless:
    def submit(self, order: "NoSuchName") -> None:  # type: ignore[name-defined]  # noqa: F821
        """Types that are only names."""


@pytest.mark.parametrize("plugin", [DryRunTarget, Optionless, Nameless])
def test_where_they_tell_nothing_nothing_is_told(plugin):
    assert queue_model("targets", plugin) == ("pilot", None)


def test_a_source_is_described_in_full():
    told = describe_plugin("sources", "rich", "farm 1.0", Source)
    assert told.summary == "Knows all that a source can know."
    assert [option.name for option in told.options] == ["max_age", "timeout", "lag", "color"]
    assert [(option.name, option.required) for option in told.queue_options] == [
        ("site", True),
        ("labels", False),
    ]
    assert told.table == "work"


def test_a_policy_and_a_monitor_hold_nothing_of_a_queue():
    assert describe_plugin("policies", "plain", "", Plain).needs == ("idle",)
    assert describe_plugin("policies", "plain", "", Plain).options[0].default == 1
    assert describe_plugin("monitors", "quiet", "", Quiet).table == ""
    assert describe_plugin("monitors", "none", "", Optionless).options == ()


class Inner(Options):
    """A table within."""

    size: Positive
    """How large it is."""


class Outer(Options):
    """Tables within, in all their forms."""

    preset: Inner = Inner(size=3)
    needed: Inner
    many: tuple[Inner, ...] = ()
    perhaps: Inner | None = None


def test_what_a_table_within_holds_is_required_only_where_nothing_else_says_it():
    found = {option.name: option for option in options_of(Outer)}
    assert (found["preset.size"].required, found["preset.size"].default) == (False, 3)
    assert found["preset.size"].documentation == "How large it is. Must be there where `preset` is written."
    assert found["needed.size"].required
    assert found["needed.size"].documentation == "How large it is."


def test_the_keys_of_tables_in_a_list_and_of_one_that_may_be_missing_are_options_too():
    found = {option.name: option.type for option in options_of(Outer)}
    assert found["many[].size"] == found["perhaps.size"] == "a whole number, 1 or more"
