"""A model that is fitted to a record foretells what another configuration comes to in the same world."""

from pathlib import Path

import pytest

from assembling import planned, with_head
from autopyfactory.app.replay.closed_loop import Closed, last_definitions, place_of, play
from autopyfactory.app.simulation.play import Result
from autopyfactory.app.simulation.scenario import Scenario, read
from autopyfactory.errors import ConfigError
from autopyfactory.history.database import FILE, connect
from autopyfactory.history.reader import History, Span
from autopyfactory.history.retention import Keep
from autopyfactory.history.writer import Writer

HOURS = 8
WORLD = """
[scenario]
duration = "8h"
seed = 3

[source.wms]
kind = "simulated"
target = "grid"
work.A = { per_hour = 120, run_time = { mean = "20m", shape = "lognormal", sigma = 0.5 } }
work.B = { per_hour = 30, run_time = { mean = "40m" } }

[target.grid]
kind = "simulated"
slots = 100
queue_delay = { mean = "5m", shape = "exponential" }
run_time = { mean = "1s" }

[defaults]
interval = "1m"
source = "wms"
target = "grid"
policies = [{ kind = "ready" }, { kind = "max_pending", limit = @LIMIT@ }]

[queue.A]
work = { name = "A" }

[queue.B]
work = { name = "B" }
"""


def world(folder: Path, limit: int) -> Scenario:
    path = folder / f"limit{limit}.toml"
    path.write_text(WORLD.replace("@LIMIT@", str(limit)))
    return read(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a factory that ran with a limit of 20."""
    folder = tmp_path_factory.mktemp("world")
    writer = Writer(folder / FILE, Keep(days=100_000, bytes=10**9))
    world(folder, 20).play().run(HOURS * 3600.0, writer.add)
    writer.close()
    return folder


@pytest.fixture(scope="module")
def closed(folder: Path) -> Closed:
    shown: list[float] = []
    with History(folder / FILE) as history:
        span = history.span()
        assert span is not None
        found = play(history, span, world(folder, 4).configuration, shown.append)
    assert shown == sorted(shown)
    assert shown[-1] == pytest.approx(2 * (span.last - span.first))
    return found


def compare(found: Result | None, truth: Result) -> None:
    assert found is not None
    for name in ("submitted", "finished"):
        assert getattr(found.total, name) == pytest.approx(getattr(truth.total, name), rel=0.1), name
    assert found.total.unmet == pytest.approx(truth.total.unmet, rel=0.25)
    assert found.total.peak_pilots == pytest.approx(truth.total.peak_pilots, rel=0.25)


def test_under_its_own_configuration_the_model_does_what_the_world_did(closed: Closed, folder: Path) -> None:
    compare(closed.before, world(folder, 20).play().run(HOURS * 3600.0))


def test_under_another_configuration_it_does_what_the_world_would_have_done(
    closed: Closed, folder: Path
) -> None:
    truth = world(folder, 4).play().run(HOURS * 3600.0)
    compare(closed.after, truth)
    assert closed.after is not None
    assert closed.after.total.finished < 0.7 * closed.before.total.finished


def test_recorded_outages_and_holds_are_played_again(tmp_path: Path) -> None:
    text = WORLD.replace("@LIMIT@", "20")
    text = text.replace("[target.grid]", 'outages = [{ after = "2h", lasts = "40m" }]\n\n[target.grid]')
    law = 'holds = 0.1\nheld_for = "20m"\noutages = [{ after = "4h", lasts = "1h" }]\n'
    troubled = tmp_path / "troubled.toml"
    troubled.write_text(text.replace("slots = 100\n", f"slots = 100\n{law}"))
    writer = Writer(tmp_path / FILE, Keep(days=100_000, bytes=10**9))
    truth = read(troubled).play().run(HOURS * 3600.0, writer.add)
    writer.close()
    with History(tmp_path / FILE) as history:
        span = history.span()
        assert span is not None
        found = play(history, span, None, lambda _: None).before
    compare(found, truth)
    assert truth.total.failed > 150
    assert found.total.failed == pytest.approx(truth.total.failed, rel=0.05)


def test_without_another_configuration_only_its_own_is_played(folder: Path) -> None:
    with History(folder / FILE) as history:
        span = history.span()
        assert span is not None
        short = Span(span.first, span.first + 7200)
        found = [play(history, short, None, lambda _: None) for _ in range(2)]
    assert found[0].after is None
    assert found[0].before.total == found[1].before.total  # chance has a fixed seed
    assert sorted(found[0].before.queues) == ["A", "B"]


def test_a_record_without_a_cycle_at_its_end_cannot_be_played(tmp_path: Path) -> None:
    connect(tmp_path / FILE, make=True).close()
    with History(tmp_path / FILE) as history, pytest.raises(ConfigError, match="nothing to play"):
        last_definitions(history, Span(0, 1))


def test_the_place_of_a_queue_is_what_all_wrappers_are_around() -> None:
    text = "[target.look]\nkind = 'dry_run'\ntarget = 'ce01'\n[queue.A]\ntarget = 'look'\n"
    assert place_of(planned(with_head(text)).queues["A"].definition) == "ce01"
    assert place_of("") == place_of("{}") == ""
