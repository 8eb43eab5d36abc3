"""Numbers over time as one line."""

import pytest

from autopyfactory.app.commands.sparks import extent, spark


@pytest.mark.parametrize(
    ("points", "line"),
    [
        ([(0, 0), (1, 1), (2, 2), (3, 4), (4, 8)], "▁▁▃▄█"[:5]),
        ([(0, 0), (4, 0)], "▁   ▁"),
        ([(0, 8), (4, 4)], "█   ▅"),
        ([(0, 1), (0.1, 8), (4, 2)], "█   ▃"),
        ([], "     "),
    ],
)
def test_each_part_of_the_time_has_its_largest_number(points, line):
    found = spark(points, 0, 4, 5)
    assert len(found) == 5
    assert [bar == " " for bar in found] == [bar == " " for bar in line]
    if points:
        assert found[0] == line[0]
        assert found[-1] == line[-1]


def test_a_single_moment_is_one_bar():
    assert spark([(7, 3)], 7, 7, 1) == "█"


def test_the_extent_is_told():
    assert extent([(0, 3), (1, 5)]) == "3 to 5"
    assert extent([]) == "unknown"
