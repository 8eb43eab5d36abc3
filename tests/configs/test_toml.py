"""TOML files: which are read, and what is said of those that cannot be."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.configs.toml import TomlConfig
from autopyfactory.errors import ConfigError


def put(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def complain(path):
    with pytest.raises(ConfigError) as caught:
        TomlConfig(path).read()
    return str(caught.value)


def test_one_file_is_a_configuration(tmp_path):
    main = put(tmp_path, "apf.toml", '[factory]\nid = "here"\n')
    put(tmp_path, "other.toml", "wrong")
    read = TomlConfig(main).read()
    assert dict(read) == {"factory": {"id": "here"}}
    assert read.file("factory", "id") == str(main)
    assert read.folder == tmp_path


def test_a_path_may_be_text_and_relative(tmp_path, monkeypatch):
    put(tmp_path, "site/apf.toml", "[queue.A]\n")
    monkeypatch.chdir(tmp_path)
    read = TomlConfig("site/apf.toml").read()
    assert read.file("queue", "A") == "site/apf.toml"
    assert read.folder == tmp_path / "site"


def test_files_in_conf_d_are_read_after_the_main_file_in_the_order_of_their_names(tmp_path):
    main = put(tmp_path, "apf.toml", "[queue.A]\n")
    put(tmp_path, "conf.d/20.toml", "[queue.C]\n")
    put(tmp_path, "conf.d/10.toml", "[queue.B]\n")
    put(tmp_path, "conf.d/.#10.toml", "an editor's")
    put(tmp_path, "conf.d/notes.txt", "no configuration")
    read = TomlConfig(main).read()
    assert list(read["queue"]) == ["A", "B", "C"]
    assert read.file("queue", "B") == str(tmp_path / "conf.d" / "10.toml")


def test_a_folder_stands_for_all_its_files_and_its_conf_d(tmp_path):
    put(tmp_path, "b.toml", "[queue.B]\n")
    put(tmp_path, "a.toml", "[queue.A]\n")
    put(tmp_path, "conf.d/0.toml", "[queue.C]\n")
    read = TomlConfig(tmp_path).read()
    assert list(read["queue"]) == ["A", "B", "C"]
    assert read.name == str(tmp_path)


def test_an_entry_in_two_files_is_kept_once_and_both_are_named(tmp_path):
    main = put(tmp_path, "apf.toml", "[queue.A]\nweight = 1\n")
    second = put(tmp_path, "conf.d/a.toml", "[queue.A]\nweight = 2\n")
    read = TomlConfig(main).read()
    assert read["queue"] == {"A": {"weight": 1}}
    assert read.doubles() == {("queue", "A"): (str(main), str(second))}


def test_an_empty_file_holds_nothing(tmp_path):
    assert dict(TomlConfig(put(tmp_path, "apf.toml", "")).read()) == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[queue.A\n", "line 1, column 9: expected ']' at the end of a table declaration"),
        ("a = 1\nb = \n", "line 2, column 5: invalid value"),
        ("[queue.A]\n[queue.A]\n", "line 2, column 9: cannot declare ('queue', 'A') twice"),
        ('a = 1\nb = """', "line 2, at the end of the file: unterminated string"),
        (b'a = "\xe4"\n', "line 1 is not text in UTF-8; save the file as UTF-8"),
        (b'a = 1\n\nb = "\xff"\n', "line 3 is not text in UTF-8; save the file as UTF-8"),
        ("a = " + "[" * 5000, "lists or tables are nested too deeply"),
    ],
)
def test_a_broken_file_is_named_with_line_and_column(tmp_path, text, sentence):
    path = put(tmp_path, "apf.toml", text)
    assert complain(path).replace(f"{path}: ", "", 1) == sentence


def test_a_number_that_python_does_not_read_is_an_error_too(tmp_path):
    path = put(tmp_path, "apf.toml", "a = " + "9" * 10_000)
    assert complain(path).startswith(f"{path}: no valid TOML: ")


def test_all_broken_files_are_named_at_once(tmp_path):
    main = put(tmp_path, "apf.toml", "a = \n")
    put(tmp_path, "conf.d/a.toml", "[queue.A]\n")
    second = put(tmp_path, "conf.d/b.toml", "b")
    assert [line.split(": ")[0] for line in complain(main).splitlines()] == [str(main), str(second)]


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "no.toml"
    assert complain(path) == f"{path} cannot be read: there is no such file"


def test_a_folder_without_files_is_named(tmp_path):
    assert complain(tmp_path) == f"{tmp_path}: there is no file *.toml in this folder"


def test_what_is_no_file_is_named(tmp_path):
    path = tmp_path / "conf.d" / "a.toml"
    path.mkdir(parents=True)
    main = put(tmp_path, "apf.toml", "")
    assert complain(main) == f"{path} cannot be read: is a directory"


def test_a_path_that_can_be_none_is_refused():
    assert complain("a\0b") == "a\0b cannot be read: embedded null byte"
    assert complain("x" * 5000).endswith("cannot be read: file name too long")


def test_a_folder_that_may_not_be_listed_is_named(tmp_path, monkeypatch):
    main = put(tmp_path, "apf.toml", "")
    (tmp_path / "conf.d").mkdir()

    def refuse(path):
        raise PermissionError(13, os.strerror(13), str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert complain(main) == f"{tmp_path / 'conf.d'} cannot be read: permission denied"


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_file_gives_tables_or_a_sentence(tmp_path_factory, content):
    path = put(tmp_path_factory.mktemp("any"), "apf.toml", content)
    try:
        names = [TomlConfig(path).read().file("anything")]
    except ConfigError as error:
        names = str(error).splitlines()
    assert all(name.startswith(str(path)) for name in names)
