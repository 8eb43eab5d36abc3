"""`apf plan`: what a new configuration would change."""

import json
from pathlib import Path
from typing import Any

import pytest

from daemons import HEAD, apf, daemon, write

COUNTING = HEAD.replace("count = 0", "count = 3").replace("100ms", "1h")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write(tmp_path, ["A", "B"], COUNTING)


def new(old: Path, text: str) -> Path:
    path = old.with_name("new.toml")
    path.write_text(text)
    return path


def plan(*words: object) -> Any:
    done = apf("plan", *words, "--json")
    return {**json.loads(done.stdout), "code": done.returncode}


def test_the_same_configuration_in_other_words_is_no_change(old: Path) -> None:
    other = new(old, COUNTING.replace("1h", "60m") + "[queue.B]\n[queue.A]\nweight = 1.0\n")
    told = plan(other, "--running", old)
    assert (told["code"], told["same"], told["queues"]) == (0, True, [])
    done = apf("plan", other, "--running", old)
    assert done.stdout.splitlines() == [f"compared with {old}", "nothing differs: 2 queues"]


def test_every_changed_queue_is_told_with_its_keys_and_its_numbers(old: Path) -> None:
    text = COUNTING + "[queue.A]\npolicies = [{ kind = 'fixed', count = 5 }]\n[queue.C]\n"
    told = plan(new(old, text), "--running", old)
    assert (told["code"], told["same"], told["settings"], told["trouble"]) == (3, False, [], {})
    kinds = {queue["queue"]: queue["kind"] for queue in told["queues"]}
    assert kinds == {"A": "changed", "B": "removed", "C": "added"}
    numbers = {
        queue["queue"]: [queue[when] and queue[when]["decision"] for when in ("before", "after")]
        for queue in told["queues"]
    }
    assert numbers == {"A": [3, 5], "B": [3, None], "C": [None, 3]}
    assert told["queues"][0]["changes"] == [{"key": "policies.fixed.count", "before": 3, "after": 5}]
    assert not (old.parent / "state").exists()


def test_it_is_told_in_words(old: Path) -> None:
    text = COUNTING.replace('id = "site-one"', 'id = "site-one"\ngrace = "20s"')
    done = apf("plan", new(old, text + "[queue.A]\npolicy.fixed.count = 0\n[queue.B]\n"), "--running", old)
    assert done.returncode == 3
    assert done.stdout.splitlines()[1:] == [
        "factory.grace was 10s and is 20s",
        "A: changed",
        "  policies.fixed.count was 3 and is 0",
        "  now: would submit 3 (fixed(count=3): 0 -> 3)",
        "  then: would do nothing: no work waits",
        "queues: 0 added, 0 removed, 1 changed, 1 the same; the guard was not asked",
    ]


def test_a_monitor_is_compared_too(old: Path) -> None:
    told = plan(new(old, old.read_text() + "[monitor.diary]\nkind = 'history'\n"), "--running", old)
    assert (told["code"], told["queues"]) == (3, [])
    assert "monitor.diary.kind" in [change["key"] for change in told["settings"]]


def test_without_a_file_it_compares_with_the_daemon_and_then_with_its_history(old: Path) -> None:
    with daemon(old) as process:
        other = new(old, COUNTING + "[queue.A]\n")
        told = plan(other)
        assert (told["running"], told["code"]) == ("what the running daemon has loaded", 3)
        assert [(queue["queue"], queue["kind"]) for queue in told["queues"]] == [("B", "removed")]
        for name in "AB":
            assert apf("once", old, name).returncode == 0
        process.terminate()
        process.wait(20)
    told = plan(other)
    assert "history" in told["running"]
    assert (told["code"], told["settings"]) == (3, None)
    assert "only queues are compared" in apf("plan", other).stdout


def test_with_nothing_to_compare_with_it_says_so(old: Path) -> None:
    done = apf("plan", old)
    assert done.returncode == 2
    assert "--running OLD" in done.stderr


def test_a_wrong_configuration_is_refused_with_all_its_problems(old: Path) -> None:
    done = apf("plan", new(old, COUNTING + "[queue.A]\ninterval = 'soon'\nweigth = 1\n"), "--running", old)
    assert done.returncode == 2
    assert "interval" in done.stderr
    assert "did you mean 'weight'" in done.stderr


def test_what_is_wrong_in_what_runs_and_what_does_not_answer_is_told(old: Path) -> None:
    broken = new(old, COUNTING + "[queue.A]\ninterval = 'soon'\n[queue.B]\n")
    head = COUNTING.replace('kind = "local"', 'kind = "command"\ncommand = ["false"]')
    target = old.with_name("third.toml")
    target.write_text(head + "[queue.A]\n[queue.B]\n")
    done = apf("plan", target, "--running", broken)
    assert done.returncode == 3
    assert "wrong in what runs: " in done.stdout
    assert "target here: " in done.stdout
    assert "then: failed: " in done.stdout
