"""A secret stands in a file of its own, which nobody else can read."""

from pathlib import Path

import pytest

import issuer
from autopyfactory.clients.secret import check_secret, read_word
from autopyfactory.errors import Unavailable


def test_a_secret_is_what_stands_in_its_file(tmp_path: Path) -> None:
    path = issuer.keep(tmp_path / "secret", b" a word or two \n")
    assert read_word(path) == "a word or two"
    assert check_secret(path) == path


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        (b"", 0o600, "holds no secret on a line of its own"),
        (b" \n", 0o600, "holds no secret on a line of its own"),
        (b"two\nlines", 0o600, "holds no secret on a line of its own"),
        (b"\xff", 0o600, "holds no secret on a line of its own"),
        (b"word", 0o640, "has mode 0640, so that others get at it: chmod 600"),
        (b"word", 0o604, "has mode 0604"),
    ],
)
def test_what_is_no_secret_is_said_and_not_repeated(
    tmp_path: Path, content: bytes, mode: int, sentence: str
) -> None:
    path = issuer.keep(tmp_path / "secret", content, mode)
    with pytest.raises(Unavailable, match=sentence) as caught:
        read_word(path)
    assert str(path) in str(caught.value)
    assert "word" not in str(caught.value)
    with pytest.raises(ValueError, match=sentence):
        check_secret(path)


def test_a_secret_in_place_of_its_path_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^names no file that we can read; it wants the path") as caught:
        check_secret(tmp_path / "s3cret")
    assert "s3cret" not in str(caught.value)
