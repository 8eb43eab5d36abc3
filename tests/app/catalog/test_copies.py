"""Copies of catalogues on disk."""

import logging
from pathlib import Path

import pytest

from autopyfactory.app.catalog.copies import BELIEVED, DOUBTED, Copies, Copy

COPY = Copy(document=b'{"A":\n 1}', moment=1000.5, count=2)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    copies = Copies(tmp_path / "state", "atlas")
    assert copies.read(BELIEVED) is None
    copies.write(BELIEVED, COPY)
    assert copies.read(BELIEVED) == COPY
    assert copies.read(DOUBTED) is None
    copies.write(BELIEVED, None)
    copies.write(BELIEVED, None)
    assert copies.read(BELIEVED) is None


@pytest.mark.parametrize("text", ["", "{}\nx", '{"moment": null, "count": 1}\n', "[]\n"])
def test_a_copy_that_is_broken_is_as_good_as_none(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    copies = Copies(tmp_path, "atlas")
    copies.write(BELIEVED, COPY)
    (tmp_path / "catalogs" / "atlas.believed").write_text(text)
    assert copies.read(BELIEVED) is None
    assert "cannot be read" in caplog.text


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "catalogs").write_text("no folder")
    with caplog.at_level(logging.ERROR):
        Copies(tmp_path, "atlas").write(BELIEVED, COPY)
    assert "catalog atlas: no copy can be kept" in caplog.text
