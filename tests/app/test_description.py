"""A plug-in tells its options, and what a queue holds for it, by its code alone."""

import pytest

from autopyfactory.app.description import describe_plugin, options_of, queue_model
from autopyfactory.options import TargetSection
from autopyfactory.targets.dry_run import DryRunTarget
from strangers import Optionless, Pilot, Plain, Quiet, SimpleTarget, Source, Work


def test_options_of_a_table_within_have_dotted_names_and_its_defaults():
    found = {option.name: option for option in options_of(TargetSection)}
    assert found["guard.per_minute"].default == 6000
    assert found["guard.per_minute"].type == "a whole number, 0 or more or 'unlimited'"
    assert found["held_as"].type == "one of 'pending', 'running', 'nothing'"
    assert found["max_age"].default == "1m"


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
