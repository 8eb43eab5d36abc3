"""A daemon is found by its configuration, whatever is wrong in it."""

from pathlib import Path

import pytest

from autopyfactory.app.whereabouts import locate
from autopyfactory.errors import ConfigError

RIGHT = '[factory]\nid = "one"\nstate = "state"\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "autopyfactory"


@pytest.mark.parametrize(
    "text",
    [
        RIGHT,
        RIGHT + "[queue.A\n",
        "[queue.A\n" + RIGHT + "[queue.B\n",
        RIGHT + 'log = "half\n[queue.B]\n',
        RIGHT + "colour = 3\n[queue.A]\ntarget = 7\n",
    ],
)
def test_the_state_folder_is_read_whatever_else_is_broken(tmp_path: Path, text: str) -> None:
    (tmp_path / "factory.toml").write_text(text)
    assert locate(tmp_path / "factory.toml") == tmp_path / "state"


def test_without_a_state_folder_it_is_the_default_one_of_the_id(tmp_path: Path, home: Path) -> None:
    (tmp_path / "factory.toml").write_text('[factory]\nid = "one"\n[queue.A\n')
    assert locate(tmp_path / "factory.toml") == home / "one"


def test_all_files_of_a_folder_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[factory]\nid = "one"\n')
    (tmp_path / "b.toml").write_text('[factory]\nstate = "/there"\n')
    (tmp_path / "c.toml").write_bytes(b"\xff")
    assert locate(tmp_path) == Path("/there")


@pytest.mark.parametrize(
    "text", ["[factory\nid = 'one'", "[queue.A]", "factory = 3", "[factory]\nid = ''", ""]
)
def test_where_nothing_can_be_read_another_way_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "factory.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"factory.toml: .*\nso nobody knows .*--state DIR"):
        locate(tmp_path / "factory.toml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        locate(tmp_path / "none.toml")
