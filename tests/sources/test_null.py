"""The null source knows no work and never fails."""

import pytest

from autopyfactory.options import SourceSection
from autopyfactory.sources.null import NullSource, NullWork
from autopyfactory.testing import SourceContract


class TestNullSource(SourceContract):
    plugin = NullSource

    @pytest.fixture
    def section(self) -> SourceSection:
        return SourceSection()

    @pytest.fixture
    def works(self) -> list[NullWork]:
        return [NullWork()]

    def test_it_gives_nothing(self, source: NullSource) -> None:
        assert source.gives == frozenset()
