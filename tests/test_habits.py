"""Each rule about habits can fail: whatever breaks it is seen, and what looks alike is not."""

from pathlib import Path

import pytest

import habits
from shape import parse


@pytest.mark.parametrize(
    "body",
    [
        "try:\n        pass\n    except Exception:\n        pass",
        "try:\n        pass\n    except:\n        pass",
        "try:\n        pass\n    except (ValueError, BaseException):\n        pass",
        "with contextlib.suppress(Exception):\n        pass",
    ],
)
def test_every_way_to_catch_everything_is_seen(body: str) -> None:
    source = parse("cycle.py", f"def run():\n    {body}\ndef calm():\n    pass")
    assert habits.broad_places(source) == {("cycle.py", "run")}


def test_catching_what_one_expects_is_free() -> None:
    text = "def run():\n    try:\n        pass\n    except (ValueError, OSError):\n        pass"
    assert habits.broad_places(parse("cycle.py", text)) == set()


@pytest.mark.parametrize("text", ["import time\ntime.sleep(1)", "from time import sleep\nsleep(1)"])
def test_every_way_to_sleep_is_seen(text: str) -> None:
    assert habits.calling_places(parse("cycle.py", text), {"time.sleep"}) == {("cycle.py", "<module>")}


def test_a_library_is_seen_wherever_it_is_loaded() -> None:
    assert habits.loads(parse("x.py", "def act():\n    from htcondor2 import Schedd"), {"htcondor2"})
    assert not habits.loads(parse("x.py", "import htcondor2_stubs"), {"htcondor2"})


def test_a_place_that_is_not_listed_and_a_listed_one_that_is_gone_are_both_named() -> None:
    found = habits.differences({("a.py", "new")}, {("b.py", "old"): "why"}, "sleeps", "wait")
    assert [line.split(":")[0] for line in found] == ["a.py, new", "b.py, old"]
    assert "take it off the list" in found[1]


def test_a_plugin_file_without_entry_point_is_named() -> None:
    table = {"targets": {"local": "autopyfactory.targets.local:LocalTarget"}}
    (found,) = habits.undeclared(["targets/local.py", "targets/new.py"], table)
    assert found.startswith("targets/new.py is no entry point")


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("autopyfactory.targets.local:Local", "has no class Local"),
        ("autopyfactory.targets.gone:Gone", "should live in targets/local.py"),
    ],
)
def test_an_entry_point_without_its_class_is_named(reference: str, words: str) -> None:
    sources = [parse("targets/local.py", "class LocalTarget: ...")]
    (found,) = habits.missing_plugins(sources, {"targets": {"local": reference}})
    assert words in found


def test_a_stray_test_file_and_a_stale_exception_are_named() -> None:
    tests = ["targets/test_local.py", "clients/test_jobs.py", "test_odd.py"]
    found = habits.strays(tests, ["targets/local.py", "clients/jobs/__init__.py"], {"test_gone.py"})
    assert [line.split()[0] for line in found] == ["tests/test_odd.py", "tests/test_gone.py"]


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("cd /{}/main".format("work"), 1),
        ("open('/{}/me/file')".format("home"), 1),
        ("see https://{}.org/simple".format("pypi"), 1),
        ("https://example.org/{}/x, $HOME/{}/y, ./{}/z".format(*["work"] * 3), 0),
        ("/usr/libexec/wrapper.sh and /home/$USER/pilots", 0),
    ],
)
def test_paths_of_machines_and_registries_are_seen(line: str, count: int) -> None:
    assert len(habits.names_of_machines("README.md", line)) == count


def test_what_git_ignores_is_not_read(tmp_path: Path) -> None:
    left = (".venv/left.md", ".git/left", "src/__pycache__/left.pyc", "examples/pool/state/left")
    for name in (".gitignore", "kept.md", "state/kept", *left):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(".venv/\n\n__pycache__/\nexamples/*/state/\n")
    assert [file.name for file in habits.ours(tmp_path)] == [".gitignore", "kept.md", "kept"]


def test_dead_links_and_broken_examples_of_a_page_are_named(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = "[a](page.md#part) [b](gone.md) [c](#part) [d](https://example.org)\n```toml\n[queue\n```\n"
    page.write_text(text)
    assert habits.dead_links(page, text) == ["page.md links to gone.md, which is not there"]
    assert habits.broken_examples(page, text.replace("[queue", "[queue.A]")) == []
    assert "broken TOML" in habits.broken_examples(page, text)[0]
