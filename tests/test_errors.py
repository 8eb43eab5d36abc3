"""Errors tell what the reader does about them."""

import pytest

from autopyfactory.errors import ConfigError, Rejected, Unavailable, may_have_happened


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
