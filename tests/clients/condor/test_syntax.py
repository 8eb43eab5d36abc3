"""The syntax of ClassAd expressions: common slips are named, and nothing that is right is refused."""

import classad2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopyfactory.clients.condor.syntax import mistake

OPERATORS = "== =?= =!= != < <= > >= && || ! - + * / % ~ & | ^ << >> >>> = ? : is isnt"
OTHERS = "Kind a.b MY.x .y f 5 1.5e-3 .5 0x1F 10K true ( ) { } [ ] , ;"
QUOTED = ['"text"', '"a\\"b"', "'odd name'", "// note\n", "/* note */"]
WORDS = st.sampled_from([*OPERATORS.split(), *OTHERS.split(), *QUOTED])


def parses(text: str) -> bool:
    try:
        classad2.ExprTree(f"({text}\n)")
        classad2.ExprTree(f"{text}\n")
    except classad2.ClassAdException:
        return False
    return True


@settings(max_examples=1000)
@given(st.lists(WORDS, max_size=9).map(" ".join))
def test_nothing_that_parses_is_refused(text: str) -> None:
    assert not (mistake(text) and parses(text)), (text, mistake(text))


@pytest.mark.parametrize(
    "text",
    [
        "true",
        'Kind == "a" && (RequestCpus > 4 || !Flag)',
        'stringListMember(Kind, "a,b") ? JobPrio > -1 : false',
        "Kind ?: 5",
        "f() && size({1, 2, {}}) == 3",
        'Owner isnt undefined && "x" =!= Kind // the rest',
        "time() - QDate > 10 * 60",
        "split(Kind)[0] == 5",
        "1.5e-3 < x",
    ],
)
def test_what_is_right_is_accepted(text: str) -> None:
    assert parses(text)
    assert mistake(text) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('Kind = "a"', "'=' is no comparison"),
        ('Kind == "a', "a quote is not closed"),
        ("Kind ==", "still to come"),
        ("== 5", "something is missing before '=='"),
        ("(a == 5", "')' is missing at the end"),
        ("a == 5)", "')' closes nothing"),
        ("(a == 5}", "'}' closes nothing"),
        ("a b", "an operator is missing before b"),
        ("a {5}", "an operator is missing before '{'"),
        ("a && && b", "something is missing before '&&'"),
        ("(a &&)", "something is missing before ')'"),
        ("a, b", "',' stands outside of any list"),
        ("a; b", "'; b': it has no meaning there"),
        ("a == 5 # note", "'# note'"),
        ("", "still to come"),
    ],
)
def test_a_slip_is_named(text: str, words: str) -> None:
    assert not parses(text)
    assert words in mistake(text)
