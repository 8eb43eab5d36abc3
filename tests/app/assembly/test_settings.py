"""The settings of the factory are complete, with whole paths, or they are not there at all."""

from pathlib import Path

import pytest

from assembling import configure, findings, written
from autopyfactory.app.assembly.problems import Findings
from autopyfactory.app.assembly.settings import read_settings
from autopyfactory.configuration import Configuration
from autopyfactory.options import FOREVER


@pytest.fixture(autouse=True)
def home(monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/var/lib/state")
    monkeypatch.setenv("HOME", "/users/grid")


@pytest.mark.parametrize(
    ("text", "state", "logs", "log"),
    [
        ("", "/var/lib/state/autopyfactory/a", "/var/lib/state/autopyfactory/a/logs", "stderr"),
        ('state = "s"', "/site/s", "/site/s/logs", "stderr"),
        ('state = "/s"\nlogs = "l"', "/s", "/site/l", "stderr"),
        ('state = "~/s"\nlog = "journal"', "/users/grid/s", "/users/grid/s/logs", "journal"),
        ('state = "/s"\nlog = "./a.log"', "/s", "/s/logs", "/site/a.log"),
        ('state = "/s"\nlog = "~/a.log"', "/s", "/s/logs", "/users/grid/a.log"),
    ],
)
def test_paths_are_relative_to_the_file(text, state, logs, log):
    found = findings(f'[factory]\nid = "a"\n{text}')
    settings = read_settings(found)
    assert written(found) == []
    assert (settings.state, settings.logs, settings.log) == (Path(state), Path(logs), log)


def test_without_a_file_paths_are_taken_as_they_are():
    found = Findings(Configuration.of({"factory": {"id": "a", "state": "s", "log": "./l"}}))
    settings = read_settings(found)
    assert (settings.state, settings.log) == (Path("s"), "l")


def test_without_a_home_folder_the_state_must_be_named(monkeypatch):
    monkeypatch.delenv("XDG_STATE_HOME")

    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    found = findings('[factory]\nid = "a"')
    assert read_settings(found) is None
    assert written(found) == [
        "[factory] state: is missing, and there is no home folder to keep it in; name a folder"
    ]


NAMING = "a name of letters, digits and . _ + - that begins with a letter or digit, 64 characters at most"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", ["[factory]: is missing; begin with [factory] and id = 'my-site'"]),
        ("factory = 3", ["[factory]: must be a table; found 3"]),
        ("[factory]", [f"[factory] id: is missing; it wants {NAMING}"]),
        ('[factory]\nid = "a b"', [f"[factory] id: must be {NAMING}; found 'a b'"]),
        (
            '[factory]\nid = "a"\nlog = "stder"',
            ["[factory] log: no log 'stder': a file is written './stder'; did you mean 'stderr'?"],
        ),
        (
            '[factory]\nid = "a"\nlog = "~nobody-of-this-name/x"',
            ["[factory] log: ~nobody-of-this-name/x: there is no such home folder"],
        ),
        (
            '[factory]\nid = "a"\nguard.fal = 0.5\ngrace = "ten"\nlog_level = "loud"',
            [
                "[factory] log_level: must be one of 'debug', 'info', 'warning', 'error'; found 'loud'",
                "[factory] grace: 'ten' is no duration; write '90s', '6m', '1h30m' (units ms, s, m, h, d, w)",
                "[factory] guard.fal: unknown key; did you mean 'fall'?",
            ],
        ),
    ],
)
def test_what_is_wrong_is_said(text, sentences):
    found = Findings(configure(text))
    assert read_settings(found) is None
    assert written(found) == sentences


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("keep_days = 0", "keep_days: must be 1 at least, or 'unlimited'; found 0"),
        ("keep_days = 'ever'", "keep_days: must be "),
        ("keep_days = true", "keep_days: must be "),
        ("keep_bytes = 0", "keep_bytes: "),
        ("keep_bytes = '10 pounds'", "keep_bytes: '10 pounds' is no size; write '2GB'"),
    ],
)
def test_a_retention_that_nobody_can_mean_is_refused(text, complaint):
    found = findings(f'[factory]\nid = "a"\n{text}')
    assert read_settings(found) is None
    (line,) = written(found)
    assert complaint in line


@pytest.mark.parametrize(
    ("text", "days"), [("", None), ("keep_days = 30", 30), ("keep_days = 'unlimited'", FOREVER)]
)
def test_logs_are_kept_for_ever_unless_somebody_says_so(text, days):
    settings = read_settings(findings(f'[factory]\nid = "a"\n{text}'))
    assert (settings.keep_days, settings.keep_bytes) == (days, None)
