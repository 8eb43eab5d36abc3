"""What every catalogue must keep."""

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autopyfactory.configuration import Extract
from autopyfactory.errors import ConfigError, Unavailable
from autopyfactory.options import CatalogSection
from autopyfactory.plan import NAME
from autopyfactory.ports import Catalog
from autopyfactory.testing.plugins import OURS, Make, PlugInContract
from autopyfactory.testing.strategies import SELDOM, SUITES
from autopyfactory.testing.watch import WATCH

# To read a document changes nothing, so one catalogue may read all of them.
ONE_FOR_ALL = settings(SELDOM, suppress_health_check=[*SUITES, HealthCheck.function_scoped_fixture])


class CatalogContract(PlugInContract):
    """What every catalogue promises.  A subclass gives a `section` with which there are queues in it."""

    ancestor = CatalogSection

    @pytest.fixture
    def catalog(self, make: Make) -> Any:
        return make(OURS)

    @pytest.fixture
    def document(self, catalog: Any) -> bytes:
        found: bytes = catalog.fetch()
        return found

    def test_it_is_a_catalogue(self, catalog: Any) -> None:
        assert isinstance(catalog, Catalog)

    def test_its_queues_have_names_and_tables(self, catalog: Any, document: bytes) -> None:
        queues = catalog.extract(document).queues
        assert queues
        for name, table in queues.items():
            assert re.fullmatch(NAME, name)
            assert dict(table) == table

    def test_it_gives_a_verdict_on_every_queue_and_a_reason_where_there_is_none(
        self, catalog: Any, document: bytes
    ) -> None:
        extract = catalog.extract(document)
        judged = [verdict.queue for verdict in extract.verdicts if verdict.queue]
        assert sorted(judged) == sorted(extract.queues)
        assert all(bool(verdict.queue) != bool(verdict.reason) for verdict in extract.verdicts)

    def test_the_same_document_gives_the_same_and_nothing_else_is_looked_at(
        self, make: Make, document: bytes
    ) -> None:
        one, other = make(OURS), make(OURS)
        with WATCH.effects() as effects:
            found = [one.extract(document), one.extract(document), other.extract(document)]
        assert found[0] == found[1] == found[2]
        assert effects == []

    @ONE_FOR_ALL
    @given(garbage=st.binary(max_size=200), end=st.integers(0, 10_000))
    def test_what_is_no_whole_catalogue_is_read_as_far_as_it_goes_or_refused(
        self, catalog: Any, document: bytes, garbage: bytes, end: int
    ) -> None:
        for text in (garbage, document[: end % len(document)], document + garbage):
            with suppress(Unavailable, ConfigError):
                assert isinstance(catalog.extract(text), Extract)
