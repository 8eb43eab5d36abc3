"""Cautions are heard, each once, as long as their request is worked on."""

import warnings

import pytest

from autopyfactory.clients.condor.cautions import Cautions


def test_what_is_warned_of_is_told_instead_of_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        cautions = Cautions()
        cautions.heed()
        for _ in range(2):
            cautions.begin()
            for words in ("the one\n  thing", "another", "another"):
                warnings.warn(words, stacklevel=1)
            assert cautions.said() == ["another", "the one thing"]
        cautions.begin()
        assert cautions.said() == []
    assert capsys.readouterr().err == ""
