"""What others wrote stands on one line."""

from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.printable import LONGEST, printable


@given(st.text())
def test_any_text_becomes_one_line_that_is_not_too_long(text: str) -> None:
    line = printable(text)
    assert line.isprintable()
    assert len(line) <= LONGEST


@given(st.text(alphabet=st.characters(whitelist_categories=["L", "N"]), max_size=LONGEST))
def test_what_can_be_printed_stays(text: str) -> None:
    assert printable(text) == text
