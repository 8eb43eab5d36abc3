"""What a model came to, as `apf replay --model` tells it."""

from dataclasses import replace

import pytest

from autopyfactory.app.commands.model_table import MODEL, model_data, tell_model
from autopyfactory.app.replay.closed_loop import Closed
from autopyfactory.app.simulation.measures import Measures
from autopyfactory.app.simulation.play import Result

SOME = Measures(
    cycles=60, failed=0, submitted=7, retired=0, uncertain=0, finished=5, waiting=1, unmet=1.25, idle=0.0,
    lost=0.0, barren=0, peak_pending=3, peak_pilots=4, burst=2, killed=0, recovery=None,
)  # fmt: skip
MORE = replace(SOME, submitted=9, unmet=0.5)
BEFORE = Result(queues={"A": SOME, "B": SOME}, total=SOME, samples=())
AFTER = Result(queues={"A": MORE, "C": MORE}, total=MORE, samples=())


def test_two_numbers_stand_where_both_differ(capsys: pytest.CaptureFixture[str]) -> None:
    tell_model(Closed(before=BEFORE, after=AFTER))
    said = capsys.readouterr().out.splitlines()
    assert said[1] == MODEL
    rows = {line.split()[0]: line.split()[1:] for line in said[3:]}
    assert rows["A"] == ["7", "->", "9", "0", "5", "2", "0.0", "1.2", "->", "0.5", "4"]
    assert rows["B"] == ["7", "0", "5", "2", "0.0", "1.2", "4"]
    assert rows["C"] == ["9", "0", "5", "2", "0.0", "0.5", "4"]
    assert list(rows) == ["A", "B", "C", "all"]


def test_for_programs_both_are_told_or_only_the_first() -> None:
    told = model_data(Closed(before=BEFORE, after=AFTER))
    assert (told["queues"]["B"]["after"], told["queues"]["C"]["before"]) == (None, None)
    assert told["total"]["after"]["submitted"] == 9
    alone = model_data(Closed(before=BEFORE, after=None))
    assert sorted(alone["queues"]) == ["A", "B"]
    assert alone["total"]["after"] is None
