"""The folder of logs is there, open to those who must write in it, and not full, or nothing is submitted."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autopyfactory.clients.condor.log_folder import LEAST, make_folder, shortage
from autopyfactory.errors import Unavailable


def test_what_is_made_below_the_top_has_its_mode(tmp_path: Path) -> None:
    top = tmp_path / "logs"
    top.mkdir()
    top.chmod(0o1777)
    make_folder(top, f"{top}/2030-01-31/ALPHA")
    make_folder(top, f"{top}/2030-01-31/BETA")
    for folder in (top / "2030-01-31", top / "2030-01-31" / "ALPHA"):
        assert folder.stat().st_mode & 0o7777 == 0o1777


def test_the_top_is_made_where_it_is_missing(tmp_path: Path) -> None:
    make_folder(tmp_path / "new" / "logs", f"{tmp_path}/new/logs/day")
    assert (tmp_path / "new" / "logs" / "day").is_dir()


@pytest.mark.parametrize("place", ["logs", "logs/day", "logs/day/ALPHA"])
def test_a_file_in_the_way_is_named(tmp_path: Path, place: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("")
    with pytest.raises(Unavailable, match="no folder for pilot logs: ") as caught:
        make_folder(tmp_path / "logs", f"{tmp_path}/logs/day/ALPHA")
    assert caught.value.untouched


def test_a_folder_that_was_removed_where_it_is_mounted_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mkdir(path: Path, *_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    (tmp_path / "logs").mkdir()
    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(Unavailable, match="no folder for pilot logs") as caught:
        make_folder(tmp_path / "logs", f"{tmp_path}/logs/day/ALPHA")
    assert caught.value.untouched


def test_many_who_make_the_same_at_once_all_find_it(tmp_path: Path) -> None:
    top = tmp_path / "logs"
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(make_folder, top, f"{top}/day-{number // 8}/ALPHA") for number in range(1600)]
    assert [one.exception() for one in made] == [None] * 1600


@pytest.mark.parametrize(
    ("free", "files", "free_files", "words"),
    [
        (LEAST, 1000, 1, ""),
        (LEAST, 0, 0, ""),  # btrfs
        (LEAST - 1, 1000, 1, "1023 KiB are free"),
        (0, 0, 0, "0 KiB are free"),
        (LEAST, 1000, 0, "no more files can be made"),
    ],
)
def test_a_full_disk_is_short_of_bytes_or_of_files(
    free: int, files: int, free_files: int, words: str
) -> None:
    assert shortage(free, files, free_files) == words
