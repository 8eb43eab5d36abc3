"""A recorded stream is read line by line, and the line that is wrong is named."""

from pathlib import Path

import pytest

from autopyfactory.clients.simulation.trace import read_trace
from autopyfactory.errors import ConfigError


def test_a_trace_is_read_without_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_text("# seconds,jobs\n0,3\n\n12.5,1\n")
    assert read_trace(path) == [(0.0, 3), (12.5, 1)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0,3\nsoon,1\n", "line 2: 'soon,1' is not 'SECONDS,JOBS'"),
        ("5\n", "line 1: '5' is not"),
        ("-1,5\n", "line 1: seconds and jobs are 0 or more"),
        ("nan,5\n", "line 1: seconds and jobs are 0 or more"),
        ("1,-5\n", "line 1: seconds and jobs are 0 or more"),
        ("9,1\n8,1\n", "8 s stands behind 9 s"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "trace.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_trace(path)


def test_what_is_no_text_or_not_there_is_said(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    with pytest.raises(ConfigError, match="No such file"):
        read_trace(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="it is no text"):
        read_trace(path)
