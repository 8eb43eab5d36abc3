"""What is not there is a mistake of the configuration, not of the first renewal."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from autopyfactory.clients.there import Folder, There
from autopyfactory.options import Options


class Section(Options):
    """Names a file and a folder."""

    file: There | None = None
    folder: Folder | None = None


@pytest.mark.parametrize(
    ("key", "name", "sentence"),
    [
        ("file", "file", ""),
        ("file", "folder", ""),
        ("file", "nothing", "nothing' does not exist, or we may not read it"),
        ("file", "file/nothing", "nothing' does not exist, or we may not read it"),
        ("folder", "folder", ""),
        ("folder", "file", "file' is no folder that we can look into"),
        ("folder", "nothing", "nothing' does not exist, or we may not read it"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, key: str, name: str, sentence: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    if not sentence:
        assert getattr(Section(**{key: tmp_path / name}), key) == tmp_path / name
        return
    with pytest.raises(ValidationError, match=sentence):
        Section(**{key: tmp_path / name})
