"""What others do to a file is seen from outside."""

import pytest

from autopyfactory.errors import Unavailable
from autopyfactory.history.footing import Footing, is_cut


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"x" * 100)
    return path


def log(path, size):
    path.with_name(f"{path.name}-wal").write_bytes(b"x" * size)


@pytest.mark.parametrize(
    ("size", "log_size", "cut"),
    [(100, 50, False), (200, 50, False), (100, 80, False), (99, 50, True), (100, 49, True), (0, 90, True)],
)
def test_a_file_and_its_log_only_grow(path, size, log_size, cut):
    log(path, 50)
    before = Footing.of(path)
    path.write_bytes(b"x" * size)
    log(path, log_size)
    assert is_cut(path, before) is cut


def test_one_without_a_log_has_none(path):
    assert Footing.of(path).log == 0
    assert not is_cut(path, Footing.of(path))


def test_one_that_is_gone_or_another_is_told(path, tmp_path):
    before = Footing.of(path)
    (tmp_path / "other").write_bytes(b"x" * 100)
    (tmp_path / "other").replace(path)
    with pytest.raises(Unavailable, match=r"history .*history\.sqlite is another file now"):
        is_cut(path, before)
    path.unlink()
    with pytest.raises(Unavailable, match=r"history\.sqlite is gone: No such file or directory"):
        is_cut(path, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, Footing(1, 2, 50, 60)),
        (Footing(1, 2, 40, 50), Footing(1, 2, 50, 60)),
        (Footing(1, 2, 90, 50), Footing(1, 2, 90, 60)),
        (Footing(1, 2, 40, 90), Footing(1, 2, 50, 90)),
        (Footing(1, 7, 40, 50), Footing(1, 7, 40, 50)),
    ],
)
def test_harm_that_is_done_during_a_write_is_seen_at_the_next(before, after):
    assert Footing(1, 2, 50, 60).after(before) == after
