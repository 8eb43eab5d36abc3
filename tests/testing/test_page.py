"""The page for authors of plug-ins holds: its package passes the kit, and its broken variants do not."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
BLOCK = re.compile(r"^`([\w/.]+)`:\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILES = dict(BLOCK.findall(PAGE.read_text("utf-8")))


def install(folder: Path, project: Mapping[str, Any]) -> None:
    """Declare the package in `folder` as pip would: by a folder of metadata."""
    name, version = project["name"], project["version"]
    metadata = folder / f"{name}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{kind} = {reference}" for kind, reference in points.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package as the page has it."""
    for path, text in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    install(tmp_path, tomllib.loads(FILES["pyproject.toml"])["project"])
    return tmp_path


def run(package: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A program of this environment in the package's folder."""
    return subprocess.run(
        [Path(sys.executable).with_name(program), *words],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(package), "PYTEST_ADDOPTS": "-p no:cacheprovider"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
    )


def test_the_package_of_the_page_passes_the_kit(package: Path) -> None:
    answer = run(package, "pytest", "-q", "tests")
    assert answer.returncode == 0, answer.stdout
    assert re.search(r"^\d+ passed in", answer.stdout, re.MULTILINE)


def test_the_configuration_of_the_page_is_right_and_decides(package: Path) -> None:
    (package / "spool").mkdir()
    (package / "spool" / "short.1.ready").touch()
    checked = run(package, "apf", "check", "factory.toml")
    assert checked.returncode == 0, checked.stdout
    once = run(package, "apf", "once", "factory.toml", "SHORT", "--dry-run")
    assert once.returncode == 0, once.stdout
    assert "night(keep=0.5)" in once.stdout


ENTRY_POINTS = "my_site-1.0.dist-info/entry_points.txt"
NIGHT, SPOOL = "my_site/night.py", "my_site/spool.py"


@pytest.mark.parametrize(
    ("file", "right", "wrong", "caught"),
    [
        (ENTRY_POINTS, "night = ", "dark = ", "a_trail_shows_it_by_its_kind"),
        (ENTRY_POINTS, "my_site.night:", "my_site.dark:", "it_is_declared"),
        (NIGHT, "slots=True, ", "", "it_is_a_frozen_fact"),
        (NIGHT, "part(count, self.keep)", "count * self.keep", "an_integer_of_an_integer"),
        (NIGHT, "else count", "else count + 1", "a_cap_only_takes_away"),
        (NIGHT, "else count", "else -count", "never_gives_fewer_pilots"),
        (NIGHT, "else count", "else seen.demand.ready", "what_it_does_not_need"),
        (NIGHT, "        hour =", "        open('log', 'a').close()\n        hour =", "it_touches_nothing"),
        (
            SPOOL,
            "        self._folder =",
            "        os.mkdir(place.logs)\n        self._folder =",
            "touches_nothing",
        ),
        (SPOOL, "(ready=ready,", "(ready=ready / 2,", "it_counts_in_whole_numbers"),
        (SPOOL, "for work in works}", "for work in list(works)[:1]}", "it_names_every_asked_work"),
        (SPOOL, "{Need.DEMAND}", "{Need.DEMAND, Need.STATUS}", "its_answers_hold_what_it_gives"),
    ],
)
def test_a_broken_variant_is_caught(package: Path, file: str, right: str, wrong: str, caught: str) -> None:
    text = (package / file).read_text("utf-8")
    assert text.count(right) == 1
    (package / file).write_text(text.replace(right, wrong), "utf-8")
    answer = run(package, "pytest", "-q", "tests", "-k", caught)
    assert answer.returncode == 1, answer.stdout
