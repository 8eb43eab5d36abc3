"""The submit language: quoting keeps words whole, and macros only where they are meant.

That the schedd reads it so is shown in integration/test_htcondor_target.py.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.condor.words import arguments, canonical, environment, literal, string


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ([], '""'),
        (["one", "two"], '"one two"'),
        (["two words", ""], "\"'two words' ''\""),
        (["it's"], "\"'it''s'\""),
        (['say "x"'], '"\'say ""x""\'"'),
        (["tab\there"], "\"'tab\there'\""),
    ],
)
def test_arguments_are_written_in_the_new_syntax(words: list[str], written: str) -> None:
    assert arguments(words) == written


def test_the_environment_is_written_in_the_new_syntax() -> None:
    assert environment([("A", "1"), ("B", "x y"), ("C", "$(Cluster)")]) == "\"A=1 B='x y' C=$(Cluster)\""


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ("$HOME", "$(DOLLAR)HOME"),
        ("$(x)", "$(DOLLAR)(x)"),
        ("$$(x)", "$$(DOLLARDOLLAR)(x)"),
        ("$$$(x)", "$$(DOLLARDOLLAR)$(DOLLAR)(x)"),
    ],
)
def test_dollars_are_guarded(text: str, written: str) -> None:
    assert literal(text) == written


@given(st.text())
def test_guarded_text_holds_no_macro_but_the_guards(text: str) -> None:
    written = literal(text).replace("$$(DOLLARDOLLAR)", "").replace("$(DOLLAR)", "")
    assert written == text.replace("$", "")


def test_a_string_keeps_quotes_and_backslashes() -> None:
    assert string('a"b\\c') == '"a\\"b\\\\c"'


def test_both_spellings_of_an_attribute_are_one() -> None:
    assert canonical("+Foo") == canonical("MY.foo") == "my.foo"
    assert canonical("Request_CPUs") == "request_cpus"
