"""Secrets are read where nobody else can, parsed anew only when they changed, and written whole."""

import os
import pwd
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autopyfactory.clients.kept import KeptFile, keep, read_secret
from autopyfactory.errors import Unavailable


def number(content: bytes) -> int:
    if not content.isdigit():
        raise ValueError("holds no number")
    return int(content)


def test_what_is_kept_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secret"
    keep(path, b"1")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert read_secret(path) == b"1"
    keep(path, b"2", owner=pwd.getpwuid(os.getuid()).pw_name)
    assert read_secret(path) == b"2"
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_kept_leaves_what_there_was(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    keep(path, b"1")
    with pytest.raises(KeyError):
        keep(path, b"2", owner="nobody-at-all")
    assert read_secret(path) == b"1"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_parsed_once_until_it_changes(tmp_path: Path) -> None:
    path, parsed = tmp_path / "secret", []
    keep(path, b"1")
    file = KeptFile(path, lambda content: parsed.append(content) or number(content))
    assert [file.read() for _ in range(3)] == [1, 1, 1]
    keep(path, b"2")
    assert file.read() == 2
    assert parsed == [b"1", b"2"]


def test_what_is_wrong_with_a_file_is_said_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    file = KeptFile(path, number)
    with pytest.raises(Unavailable, match=f"^'{path}': No such file or directory$"):
        file.read()
    with pytest.raises(Unavailable, match=r"^there is none yet$"):
        KeptFile(path, number, "there is none yet").read()
    keep(path, b"secret")
    with pytest.raises(Unavailable, match=f"^'{path}' holds no number$"):
        file.read()
    keep(path, b"1")
    path.chmod(0o640)
    for _ in range(2):
        with pytest.raises(Unavailable, match="has mode 0640, so that others get at it: chmod 600"):
            file.read()


def test_every_reader_sees_the_old_or_the_new(tmp_path: Path) -> None:
    path, done = tmp_path / "secret", threading.Event()
    keep(path, b"1" * 4000)
    file = KeptFile(path, lambda content: (len(content), content[:1]))

    def write() -> None:
        while not done.is_set():
            keep(path, b"2" * 3000)
            keep(path, b"1" * 4000)

    with ThreadPoolExecutor() as threads:
        writer = threads.submit(write)
        try:
            seen = set(threads.map(lambda _: file.read(), range(600)))
        finally:
            done.set()
        writer.result()
    assert seen <= {(4000, b"1"), (3000, b"2")}
