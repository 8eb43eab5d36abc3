"""What every command promises: exit codes, sentences instead of tracebacks, JSON for programs, no colour."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autopyfactory import __version__
from autopyfactory.app.cli import app
from autopyfactory.errors import ConfigError, FactoryError, Unavailable
from daemons import APF, HEAD, apf, environment, write

COMMANDS = ["run", "demo", "check", "once", "status", "reload", "plugins", "schema", "version", "jobs"]
COMMANDS += ["explain", "history", "diff", "simulate", "plan", "replay"]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write(tmp_path)


def run(*words: object) -> tuple[int, str, str]:
    """A command in this process: exit code, what it said and what it complained about."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_help_names_every_command_and_the_exit_codes() -> None:
    code, said, _ = run("--help")
    assert code == 0
    assert all(f"  {command} " in said for command in COMMANDS)
    assert "0 fine, 1 trouble, 2 wrong configuration or usage" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    assert run(command, "-h")[0] == 0


@pytest.mark.parametrize("words", [["version"], ["--help"]])
def test_a_short_question_loads_nothing_that_takes_time(words: Sequence[str]) -> None:
    slow = {"rich.progress", "sqlalchemy", "cryptography", "urllib3", "htcondor2"}
    code = (
        f"import sys; from autopyfactory.app import cli; cli.perform(cli.app, {list(words)!r})\n"
        f"print(sorted({slow!r} & set(sys.modules)))"
    )
    done = subprocess.run([APF[0], "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.endswith("[]\n"), done.stdout


def test_the_version_is_that_of_the_package() -> None:
    assert run("version")[1] == f"{__version__}\n"
    assert json.loads(run("version", "--json")[1]) == {"version": __version__}


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["run"],
        ["run", "x.toml", "--cycles", "0"],
        ["run", "x.toml", "--cycles", "many"],
        ["check", "x.toml", "--liv"],
        ["once", "x.toml"],
        ["demo", "--jobs", "0"],
        ["jobs", "add", "x.sqlite"],
        ["plugins", "polices"],
        ["status"],
    ],
)
def test_wrong_usage_ends_with_2_and_a_sentence(
    words: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    code, said, complaint = run(*words)
    assert (code, said) == (2, "")
    assert complaint
    assert "Traceback" not in complaint


BAD = {
    "missing file": (None, ["factory.toml", "no such file"]),
    "broken TOML": ("[factory\n", ["factory.toml", "line 1"]),
    "no factory": ("[queue.A]\n", ["[factory]", "is missing"]),
    "unknown policy": (
        HEAD.replace('"fixed"', '"fixt"') + "[queue.A]\n",
        ["[defaults]", "no 'fixt' among policies", "did you mean 'fixed'?"],
    ),
    "unknown target": (
        HEAD + '[queue.A]\ntarget = "her"\n',
        ["[queue.A]", "target", "'her'", "did you mean 'here'?"],
    ),
    "unknown plug-in": (
        HEAD.replace('kind = "local"', 'kind = "lokal"') + "[queue.A]\n",
        ["[target.here]", "no 'lokal' among targets", "did you mean 'local'?"],
    ),
    "unknown option": (
        HEAD + "[queue.A]\nintervall = 1\n",
        ["[queue.A]", "intervall", "did you mean 'interval'?"],
    ),
    "missing option": (
        HEAD.replace('{ kind = "fixed", count = 0 }', '{ kind = "max_pending" }') + "[queue.A]\n",
        ["limit", "is missing"],
    ),
    "wrong unit": (
        HEAD.replace('"100ms"', '"6 parsecs"') + "[queue.A]\n",
        ["[defaults]", "interval", "'6m'"],
    ),
    "wrong type": (HEAD.replace("count = 0", 'count = "x"') + "[queue.A]\n", ["count", "whole number"]),
    "bad queue name": (HEAD + '[queue."-A"]\n', ["-A", "letters"]),
    "duplicate queue": (HEAD + "[queue.A]\n[queue.A]\n", ["factory.toml", "line"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_with_its_place_and_its_mend(case: str, tmp_path: Path) -> None:
    text, wanted = BAD[case]
    config = tmp_path / "factory.toml"
    if text is not None:
        config.write_text(text)
    for words in (["check", config], ["run", config], ["once", config, "A"]):
        code, said, complaint = run(*words)
        assert code == 2, words
        assert "Traceback" not in said + complaint
        missing = [word for word in wanted if word not in said + complaint]
        assert missing == [], (words, said, complaint)
    assert not (tmp_path / "state").exists()


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    head = HEAD.replace('"fixed"', '"fixt"')
    code, said, _ = run("check", write(tmp_path, ["A"], head, tail='target = "x"\nintervall = 5\n'))
    assert code == 2
    assert all(word in said for word in ("'fixed'", "'interval'", "[queue.A] target"))


def test_what_is_said_as_json_is_json_also_in_trouble(config: Path, tmp_path: Path) -> None:
    jobs = tmp_path / "jobs.sqlite"
    for words in (
        ["check", config],
        ["check", config, "--live"],
        ["check", tmp_path / "none.toml"],
        ["once", config, "A", "--dry-run"],
        ["once", config, "A"],
        ["once", config, "B"],
        ["status", config],
        ["reload", config],
        ["plugins"],
        ["plugins", "nonsense"],
        ["version"],
        ["jobs", "list", jobs],
        ["jobs", "add", jobs, "--", "true"],
        ["jobs", "list", jobs],
        ["jobs", "clear", jobs],
        ["jobs", "clear", jobs, "--state", "dne"],
    ):
        at = words.index("--") if "--" in words else len(words)
        code, said, _ = run(*words[:at], "--json", *words[at:])
        told = json.loads(said)
        assert isinstance(told, dict | list), words
        assert code == 0 or told.get("error") or told.get("problems"), words


def test_the_schema_is_json_whatever_happens() -> None:
    code, said, _ = run("schema")
    assert code == 0
    assert json.loads(said)["type"] == "object"


def test_nothing_is_coloured_when_it_is_piped(config: Path) -> None:
    for words in (["--help"], ["check", config], ["once", config, "A", "--dry-run"], ["plugins", "policies"]):
        done = apf(*words)
        assert done.returncode == 0
        assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("error", "code"), [(ConfigError("mend"), 2), (Unavailable("wait"), 1), (FactoryError("odd"), 1)]
)
def test_an_error_is_a_sentence_and_an_exit_code(
    error: FactoryError, code: int, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*words: object) -> int:
        raise error

    monkeypatch.setattr("autopyfactory.app.commands.run.serve", fail)
    assert run("run", config) == (code, "", f"{error}\n")


def test_output_that_nobody_reads_is_no_error(config: Path) -> None:
    with subprocess.Popen(
        [*APF, "plugins"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_the_version_is_an_option_too() -> None:
    assert run("--version") == (0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check", "--json"], "Missing argument"),
        (["status", "--json", "--jsn"], "--jsn"),
        (["nosuch", "--json"], "nosuch"),
    ],
)
def test_wrong_usage_is_json_where_json_is_asked_for(words: Sequence[str], sentence: str) -> None:
    done = apf(*words)
    assert done.returncode == 2
    assert sentence in json.loads(done.stdout)["error"]


def test_wrong_usage_is_a_sentence_for_people_and_words_behind_dashes_are_not_ours() -> None:
    done = apf("jobs", "add", "--", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing argument" in done.stderr


@pytest.mark.parametrize("words", [["plugins"], ["plugins", "--json"], ["version"]])
def test_a_full_disk_under_the_output_is_one_sentence(words: Sequence[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*APF, *words], env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert (done.returncode, done.stderr) == (1, "standard output: No space left on device\n")
