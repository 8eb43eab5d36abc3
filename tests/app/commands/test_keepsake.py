"""The history of the last demonstration is kept, and no more than that."""

from autopyfactory.app.commands.keepsake import keep


def test_it_takes_the_place_of_the_last_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    for text in ("first", "second"):
        (tmp_path / "history.sqlite").write_text(text)
        folder = keep(tmp_path)
        assert folder == tmp_path / "home" / "autopyfactory" / "demo"
        assert [file.name for file in folder.iterdir()] == ["history.sqlite"]
        assert (folder / "history.sqlite").read_text() == text
        (folder / "history.sqlite-wal").touch()


def test_where_none_can_be_kept_none_is(tmp_path, monkeypatch):
    (tmp_path / "home").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    assert keep(tmp_path) is None
