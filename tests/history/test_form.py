"""Every part of a report is kept, and comes back as it was."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.errors import Closed, ConfigError, FactoryError, Rejected, Unavailable
from autopyfactory.history import form
from autopyfactory.history.coders import SAME
from autopyfactory.history.columns import pack
from autopyfactory.history.form import FORM, coder_of
from autopyfactory.history.packing import Columns, seal
from autopyfactory.model import Decision, Outcome, Report, Step, Supply
from autopyfactory.policies.max_pending import MaxPending
from autopyfactory.policies.ready import Ready
from autopyfactory.shared import say
from autopyfactory.testing import observations
from autopyfactory.testing.strategies import OFTEN, SELDOM
from reported import Site, as_kept, without_starts


def kept(reports: list[Report]) -> list[Report]:
    """What the history makes of reports."""
    past: dict[int, tuple[Any, ...]] = {}
    rows = json.loads(json.dumps([FORM.row(report, past) for report in reports]))
    columns = Columns(seal(pack(FORM.shape, rows)))
    values = {name: FORM.values(name, columns, len(reports)) for name in FORM.fields}
    return FORM.build({**values, "definition": [report.definition for report in reports]}, len(reports))


STEPS = st.tuples(st.sampled_from(["a sentence", Ready(offset=2), MaxPending(limit=3)]), st.integers())
DECISIONS = st.builds(Decision, count=st.integers(), steps=st.lists(STEPS.map(Step._make)).map(tuple))
IDENTIFIERS = st.lists(st.text(max_size=5)).map(tuple)
REPORTS = st.builds(
    Report,
    queue=st.just("SITE_A"),
    number=st.integers(),
    wall=st.floats(allow_nan=False),
    began=st.floats(allow_nan=False),
    seen=st.none() | observations(),
    decision=st.none() | DECISIONS,
    outcome=st.none() | st.builds(Outcome, submitted=IDENTIFIERS, retired=IDENTIFIERS),
)


@given(st.lists(REPORTS, max_size=6))
@SELDOM
def test_any_reports_come_back_exactly(reports):
    assert list(map(without_starts, kept(reports))) == [without_starts(as_kept(one)) for one in reports]


def test_a_day_of_a_site_comes_back_exactly():
    reports = list(Site("SITE_A").reports(250))
    assert list(map(without_starts, kept(reports))) == [without_starts(as_kept(one)) for one in reports]


def test_starts_come_back_to_a_tenth_of_a_second():
    reports = list(Site("SITE_A").reports(50))
    for before, after in zip(reports, kept(reports), strict=True):
        assert after.seen.supply.starts == pytest.approx(before.seen.supply.starts, abs=0.0501)
    assert any(report.seen.supply.starts for report in reports)


def test_starts_that_a_target_tells_anew_are_written_once():
    past: dict[int, tuple[Any, ...]] = {}
    coder = form.facts_of(Supply)
    place = list(coder.fields).index("starts")
    coder.row(Supply(starts=(100.0, 160.0), clock=5000.0, as_of=200.0), past)
    later = Supply(starts=(100.0004, 160.0004), clock=5360.0, as_of=560.0004)
    assert coder.row(later, past)[place] == SAME


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (Unavailable("no answer", untouched=True), Unavailable, "no answer"),
        (Closed("it stops"), Closed, "it stops"),
        (Rejected("no"), Rejected, "no"),
        (ConfigError("mend it"), ConfigError, "mend it"),
        (ValueError("odd"), FactoryError, "ValueError: odd"),
    ],
)
def test_an_error_keeps_its_kind_and_its_words(error, kind, words):
    [report] = kept([Report(queue="q", error=error)])
    assert type(report.error) is kind
    assert say(report.error) == words


def test_an_error_of_a_stranger_is_of_the_nearest_kind():
    class Full(Unavailable):
        pass

    [report] = kept([Report(queue="q", error=Full("no room"))])
    assert type(report.error) is Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What a report may hold some day."""

    names: tuple[str, ...] = field(default_factory=tuple)
    rate: float | None = None


def test_a_fact_that_nobody_thought_of_is_kept_without_new_code():
    coder = coder_of(tuple[Later, ...] | None)
    value = (Later(names=("a",), rate=0.1), Later())
    column = pack(coder.shape, json.loads(json.dumps([coder.row(value, {}), coder.row(None, {})])))
    assert coder.unpack(column, 2) == [value, None]


def test_a_list_that_came_later_is_empty_in_what_is_older():
    assert form.facts_of(Later).unpack({}, 1) == [Later()]


@pytest.mark.parametrize("hint", [dict[str, int], tuple[int, str], int | Later, Later | Supply])
def test_what_cannot_be_kept_is_refused_when_the_program_starts(hint):
    with pytest.raises(TypeError, match="the history keeps no"):
        coder_of(hint)


@given(st.lists(st.builds(Report, queue=st.just("q"), wall=st.floats(allow_nan=False)), min_size=1))
@OFTEN
def test_no_moment_is_rounded(reports):
    assert [report.wall for report in kept(reports)] == [report.wall for report in reports]
