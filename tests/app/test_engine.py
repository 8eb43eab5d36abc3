"""What every command that runs cycles is put together from."""

import re
from pathlib import Path

import pytest

from autopyfactory.app.engine import Engine, Tags, WrongConfig
from autopyfactory.app.state import Locked
from autopyfactory.clients.inheritance import inherited
from autopyfactory.ledger import Entry, Ledger
from catalogue import document, many
from daemons import HEAD, write


def test_tags_are_words_in_every_batch_system_and_never_the_same() -> None:
    tags = [tags() for tags in (Tags(), Tags()) for _ in range(1000)]
    assert len(set(tags)) == 2000
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{1,62}[a-z0-9]", tag) for tag in tags)
    assert len(max(tags, key=len)) < 32


def test_building_touches_nothing(tmp_path: Path) -> None:
    engine = Engine.build(write(tmp_path))
    assert engine.folder == tmp_path / "state"
    assert [path.name for path in tmp_path.iterdir()] == ["factory.toml"]
    assert engine.problems == ()


def test_a_wrong_factory_section_is_told_with_all_problems(tmp_path: Path) -> None:
    config = write(tmp_path, head=HEAD.replace('id = "site-one"', 'ids = "x"'))
    with pytest.raises(WrongConfig) as caught:
        Engine.build(config)
    assert len(caught.value.problems) >= 1
    assert "\n".join(str(problem) for problem in caught.value.problems) == str(caught.value)


def test_one_engine_acts_at_a_time_and_children_inherit_its_lock(tmp_path: Path) -> None:
    config = write(tmp_path)
    one, two = Engine.build(config), Engine.build(config)
    with one.acting() as lock:
        assert inherited() == (lock.descriptor,)
        with pytest.raises(Locked), two.acting(patience=0.0):
            pass
    assert inherited() == ()
    with two.acting(patience=0.0):
        pass


def test_acts_that_a_dead_process_left_without_an_answer_are_taken_over(tmp_path: Path) -> None:
    engine = Engine.build(write(tmp_path))
    acts = engine.folder / "acts"
    acts.mkdir(parents=True)
    Ledger(acts).begin(Entry(tag="t-1", queue="A", target="here", count=2))
    with engine.acting():
        assert engine.process.ledger.tags("here") == ["t-1"]


def test_a_second_reading_keeps_what_is_the_same(tmp_path: Path) -> None:
    engine = Engine.build(write(tmp_path))
    again = engine.read_again(engine.plan).plan
    assert again is not None
    assert again.queues == engine.plan.queues
    assert again.targets["here"] is engine.plan.targets["here"]


def test_a_refresh_reads_catalogues_and_no_files(tmp_path: Path) -> None:
    section = '[catalog.all]\nkind = "cric"\nfile = "all.json"\ntemplate.htcondor-ce.work = {}\n'
    catalogue = tmp_path / "all.json"
    catalogue.write_bytes(document(many(2)))
    config = write(tmp_path, tail=section)
    engine = Engine.build(config)
    assert len(engine.plan.queues) == 3
    config.write_text("half a fi")
    assert engine.refresh(engine.plan) is None
    catalogue.write_bytes(document(many(3)))
    again = engine.refresh(engine.plan)
    assert again is not None
    assert again.plan is not None
    assert again.plan.queues.keys() == {*engine.plan.queues, "SITE_2-ce0.site2.example.org-grid"}


def test_without_catalogues_there_is_nothing_to_refresh(tmp_path: Path) -> None:
    engine = Engine.build(write(tmp_path))
    assert engine.refresh(engine.plan) is None
