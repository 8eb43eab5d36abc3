"""Errors tell what the reader does about them."""

import pytest

from autopyfactory.errors import Closed, ConfigError, Rejected, Unavailable, given_up, keep, may_have_happened


@pytest.mark.parametrize(
    ("error", "uncertain"),
    [
        (Unavailable("x"), True),
        (Unavailable("x", untouched=True), False),
        (Rejected("x"), False),
        (ConfigError("x"), False),
        (OSError("x"), True),
    ],
)
def test_only_a_sure_no_means_that_an_act_did_not_happen(error, uncertain):
    assert may_have_happened(error) is uncertain


def test_an_error_that_is_kept_holds_no_frames():
    def fail() -> None:
        try:
            raise OSError("disk")
        except OSError as error:
            raise Unavailable("no answer") from error

    with pytest.raises(Unavailable) as caught:
        fail()
    kept = keep(caught.value)
    assert kept is caught.value
    assert kept.__traceback__ is None
    assert kept.__cause__.__traceback__ is None


def test_the_frames_of_a_bug_go_to_the_log(caplog):
    with caplog.at_level("DEBUG"):
        keep(ZeroDivisionError("a bug"))
        keep(Unavailable("no bug"))
    assert [record.exc_info[1].args for record in caplog.records] == [("a bug",)]


def test_a_cycle_is_given_up_when_what_it_asked_was_closed_also_at_second_hand() -> None:
    second = Unavailable("target ce")
    second.__cause__ = Closed("closed")
    assert [given_up(error) for error in (None, Unavailable("x"), Closed("x"), second)] == [
        False,
        False,
        True,
        True,
    ]
