"""What is passed on to those who act for us."""

from autopyfactory.clients.inheritance import inherit, inherited


def test_files_are_passed_on_until_others_are() -> None:
    assert inherited() == ()
    inherit(3, 4)
    try:
        assert inherited() == (3, 4)
    finally:
        inherit()
    assert inherited() == ()
