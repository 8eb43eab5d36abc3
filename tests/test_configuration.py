"""A configuration knows in which file everything stands."""

from pathlib import Path

from autopyfactory.configuration import Configuration

JOINED = Configuration.join(
    [
        ("main.toml", {"factory": {"id": "a"}, "defaults": {"interval": "6m"}, "queue": {}, "loose": 1}),
        ("one.toml", {"queue": {"A": {"x": 1}, "B": {}}, "defaults": {"grid": {}}, "template": {}}),
        ("two.toml", {"queue": {"A": {"x": 2}}, "loose": 2, "template": {}}),
    ],
    name="main.toml",
    folder=Path("/site"),
)


def test_entries_of_all_files_are_put_together():
    assert dict(JOINED) == {
        "factory": {"id": "a"},
        "defaults": {"interval": "6m", "grid": {}},
        "queue": {"A": {"x": 1}, "B": {}},
        "loose": 1,
        "template": {},
    }
    assert len(JOINED) == 5


def test_every_entry_knows_its_file():
    assert JOINED.file("queue", "A") == "one.toml"
    assert JOINED.file("queue", "A", "x", "y") == "one.toml"
    assert JOINED.file("defaults", "interval") == "main.toml"
    assert JOINED.file("defaults", "grid", "pilot") == "one.toml"
    assert JOINED.file("loose") == "main.toml"


def test_a_table_without_a_file_of_its_own_stands_where_its_first_entry_does():
    assert JOINED.file("defaults") == "main.toml"
    assert JOINED.file("queue", "C") == "main.toml"


def test_what_is_nowhere_is_named_by_the_whole():
    assert JOINED.file() == "main.toml"
    assert JOINED.file("target", "ce01") == "main.toml"


def test_entries_in_two_files_are_told_and_repeated_titles_are_not():
    assert JOINED.doubles() == {
        ("queue", "A"): ("one.toml", "two.toml"),
        ("loose",): ("main.toml", "two.toml"),
    }


def test_a_table_beside_a_number_of_the_same_name_keeps_the_number():
    joined = Configuration.join(
        [("a", {"queue": 3}), ("b", {"queue": {"A": {}}})], name="a", folder=Path("/site")
    )
    assert dict(joined) == {"queue": 3}


def test_plain_tables_are_a_configuration_too():
    plain = Configuration.of({"factory": {"id": "a"}})
    assert plain["factory"] == {"id": "a"}
    assert plain.file("factory", "id") == ""
    assert Configuration.of(plain) is plain
