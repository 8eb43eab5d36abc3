"""The closed-loop properties, for every scenario that comes with the program and for random ones."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import playing
from autopyfactory.app.simulation.clock import START
from autopyfactory.app.simulation.scenario import read, shipped
from playing import Played

SHIPPED = shipped()
WARM = 4 * 3600.0  # seconds after which a queue has found its level
STEADY = ("steady", "slow-feedback")  # the demand is constant


@pytest.fixture(scope="module")
def stages() -> dict[str, Played]:
    """What was played, once."""
    return {}


@pytest.fixture(params=sorted(SHIPPED))
def played(request: pytest.FixtureRequest, stages: dict[str, Played]) -> Played:
    name = request.param
    if name not in stages:
        stages[name] = playing.play(read(SHIPPED[name]))
    return stages[name]


def test_the_scenarios_that_were_promised_are_there() -> None:
    promised = "steady burst black-hole source-down target-down flapping-site slow-feedback spot-preemption"
    assert set(SHIPPED) >= set(promised.split())


def test_caps_are_never_exceeded(played: Played) -> None:
    assert playing.broken_caps(played) == []


def test_nothing_is_started_or_retired_in_an_outage(played: Played) -> None:
    assert playing.acts_in_outages(played) == []


def test_no_payload_is_killed_and_no_job_is_lost(played: Played) -> None:
    assert played.result.total.killed == 0
    assert playing.lost_jobs(played) == []


def test_work_is_done(played: Played) -> None:
    for name, measures in played.result.queues.items():
        assert measures.finished > 0.5 * played.play.stage.jobs[name].arrived


def test_every_failed_cycle_has_an_outage_to_blame(played: Played) -> None:
    for report in played.reports:
        spans = list(played.outages(played.queues[report.queue]))
        age = report.began - START
        assert report.error is None or any(begin <= age < end + 10 for begin, end, _ in spans), report.error


def test_after_trouble_no_cycle_starts_more_than_what_waits(played: Played) -> None:
    for report in played.reports:
        if report.seen is not None and report.outcome is not None:
            assert len(report.outcome.submitted) <= max(1, report.seen.ready())


@pytest.mark.parametrize("name", ["source-down", "target-down", "black-hole", "flapping-site"])
def test_what_was_left_undone_in_trouble_is_caught_up(name: str, stages: dict[str, Played]) -> None:
    played = stages.setdefault(name, playing.play(read(SHIPPED[name])))
    recoveries = [measures.recovery for measures in played.result.queues.values()]
    assert all(recovery is not None and recovery < 3600 for recovery in recoveries)


@pytest.mark.parametrize("name", STEADY)
def test_under_constant_demand_pilots_vary_by_one_chain_step_at_most(
    name: str, stages: dict[str, Played]
) -> None:
    played = stages.setdefault(name, playing.play(read(SHIPPED[name])))
    for queue in played.queues.values():
        pilots = played.pilots(queue.name, WARM)
        assert max(pilots) - min(pilots) <= playing.limits(queue)[0]


SECONDS = st.integers(0, 3600).map("{}s".format)
SPELLS = st.lists(st.tuples(SECONDS, SECONDS, st.booleans()), max_size=2)
MAKERS = st.sampled_from(
    [
        '{ kind = "ready" }',
        '{ kind = "ready" }, { kind = "scale", factor = 1.7 }',
        '{ kind = "ready" }, { kind = "keep_n_running" }',
        '{ kind = "fixed", count = 3 }',
    ]
)
WORLD = """
[scenario]
duration = "2h"
seed = {seed}
[source.wms]
kind = "simulated"
target = "grid"
behind = "{behind}s"
lag = "{behind}s"
outages = [{source_outages}]
work.A = {{ per_hour = {rate}, run_time = {{ mean = "{job}s", shape = "exponential" }} }}
[target.grid]
kind = "simulated"
slots = {slots}
queue_delay = {{ mean = "{delay}s", shape = "exponential" }}
run_time = {{ mean = "30m" }}
failures = {share}
holds = {share}
outages = [{target_outages}]
black_holes = [{{ after = "30m", lasts = "20m", share = {share} }}]
preemption = {{ mean = "1h", shape = "exponential" }}
closed = [{{ after = "70m", lasts = "10m" }}]
guard = {{ max_pilots = 30 }}
[queue.A]
source = "wms"
target = "grid"
work = {{ name = "A" }}
interval = "1m"
when_unknown = {{ submit = 1 }}
policies = [
    {maker},
    {{ kind = "max_per_cycle", limit = 4 }},
    {{ kind = "max_pending", limit = 8, may_retire = true }},
]
"""


def write_outages(spells: list[tuple[str, str, bool]]) -> str:
    return ", ".join(
        f'{{ after = "{after}", lasts = "{lasts}", hangs = {str(hangs).lower()} }}'
        for after, lasts, hangs in spells
    )


@given(
    st.fixed_dictionaries(
        {
            "seed": st.integers(0, 99),
            "behind": st.integers(0, 900),
            "rate": st.integers(0, 200),
            "job": st.integers(0, 3000),
            "slots": st.integers(0, 40),
            "delay": st.integers(0, 900),
            "share": st.floats(0, 0.5),
            "maker": MAKERS,
            "source_outages": SPELLS.map(write_outages),
            "target_outages": SPELLS.map(write_outages),
        }
    )
)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_properties_hold_in_any_world(tmp_path: Path, words: dict[str, Any]) -> None:
    played = playing.play_text(tmp_path, WORLD.format(**words))
    assert playing.broken_caps(played) == []
    assert playing.acts_in_outages(played, started=False) == []  # `when_unknown` starts one at a time
    assert playing.lost_jobs(played) == []
    assert played.result.total.killed == 0
    assert repr(playing.play(played.scenario).reports) == repr(played.reports)
