"""What programs of the grid complain of is told in one line."""

import pytest

from autopyfactory.clients.complaint import explain

VOMS = """..+++*....

Error: atlas: User unknown to this VO.

None of the contacted servers for atlas were capable
of returning a valid AC for the user.
"""
MYPROXY = """Failed to receive credentials.
ERROR from myproxy-server:
invalid credential passphrase
"""


@pytest.mark.parametrize(
    ("complaint", "sentence"),
    [
        ("", ""),
        ("....\n\n+++*\n", ""),
        (
            VOMS,
            "Error: atlas: User unknown to this VO. None of the contacted servers for atlas were capable"
            " of returning a valid AC for the user.",
        ),
        (MYPROXY, "Failed to receive credentials. ERROR from myproxy-server: invalid credential passphrase"),
        (
            "user key and certificate don't match\n    Function: load\n",
            "user key and certificate don't match",
        ),
        ("\x1b[1mbad\n", "?[1mbad"),
    ],
)
def test_a_complaint_is_one_line(complaint: str, sentence: str) -> None:
    assert explain(complaint) == sentence


def test_a_long_complaint_is_cut() -> None:
    assert explain("x" * 5000).endswith("...")
