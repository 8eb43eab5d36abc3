"""Every text stands once in a history, whoever writes it and however often."""

import pytest
from sqlalchemy import func, select

from autopyfactory.history.database import connect
from autopyfactory.history.tables import DEFINITIONS, FORMS, QUEUES
from autopyfactory.history.texts import Texts


@pytest.fixture
def connection(tmp_path):
    with connect(tmp_path / "history.sqlite", make=True) as connection:
        yield connection


@pytest.mark.parametrize("table", [QUEUES, DEFINITIONS, FORMS])
def test_what_the_file_lacks_is_added_once_and_told(connection, table):
    texts = Texts(table)
    assert texts.learn(connection, ["b", "a", "b"]) == ["b", "a"]
    assert texts.learn(connection, ["a", "c"]) == ["c"]
    assert texts.learn(connection, ["a", "b"]) == ()
    assert len({texts["a"], texts["b"], texts["c"]}) == 3
    assert connection.execute(select(func.count()).select_from(table)).scalar() == 3


@pytest.mark.parametrize("table", [QUEUES, DEFINITIONS, FORMS])
def test_what_is_there_keeps_its_number(connection, table):
    earlier, later = Texts(table), Texts(table)
    earlier.learn(connection, ["a", "b"])
    assert later.learn(connection, ["b"]) == []
    assert later.learn(connection, ["b", "c", "a"]) == ["c"]
    assert [later[text] for text in "ab"] == [earlier[text] for text in "ab"]
