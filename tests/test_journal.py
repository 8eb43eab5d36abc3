"""The journal says at any moment which acts are open, whatever is cut short: a record, a file, the daemon."""

import contextlib
import os
import resource
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopyfactory import journal as module
from autopyfactory.journal import LARGE, NAME, SMALL, Journal, Record

RECORDS = [Record(f"t{number}", "q", "site", number) for number in range(1, 7)]
ONE, TWO, THREE, *_ = RECORDS


@pytest.fixture
def journal(tmp_path) -> Journal:
    return Journal(tmp_path)


def read(folder: Path) -> list[Record]:
    """What the next daemon would find, which leaves everything as it is."""
    return module.replay([folder / NAME])


@contextlib.contextmanager
def room(folder: Path, more: int) -> Iterator[None]:
    """Let files grow to so many bytes more than the journal has; of what is too much, a part is written."""
    size = (folder / NAME).stat().st_size if (folder / NAME).exists() else 0
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + more, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def descriptors(path: Path) -> list[Path]:
    """Those of this process that lead to this file."""
    return [one for one in Path("/proc/self/fd").iterdir() if one.resolve() == path]


def shrink(patch: pytest.MonkeyPatch) -> None:
    """Let it be written anew after a few records."""
    patch.setattr(module, "SMALL", 50)
    patch.setattr(module, "LARGE", 100)


def test_a_record_is_a_line_of_its_own(journal, tmp_path):
    journal.begin(Record("t1", "q", "sité", 10))
    journal.strike("t1")
    assert (tmp_path / NAME).read_text() == '\n["t1", "q", "sit\\u00e9", 10]\n"t1"'


@pytest.mark.parametrize(
    ("content", "standing"),
    [
        ("", []),
        ("\n\n\n", []),
        ('\n["t1", "q", "site", 1]', [ONE]),
        ('["t1", "q", "site", 1]\n', [ONE]),
        ('\n["t1", "q", "site", 1]\n["t2", "q", "site", 2]\n"t1"', [TWO]),
        ('\n"t1"\n["t1", "q", "site", 1]', [ONE]),
        ('\n["t1", "q", "site", 7]\n["t1", "q", "site", 1]', [ONE]),
        ('\n"nobody"\n["t1", "q", "site", 1]', [ONE]),
        ('{"tag": "t1", "queue": "q", "target": "site", "count": 1, "dead": null, "lacked": null}', [ONE]),
    ],
)
def test_an_act_is_open_from_its_record_to_its_tag(tmp_path, caplog, content, standing):
    (tmp_path / NAME).write_text(content)
    assert read(tmp_path) == standing
    assert caplog.text == ""


@pytest.mark.parametrize(
    "line",
    [
        b'["t9", "q", "site"',
        b'"t1',
        b"null",
        b"[]",
        b"{}",
        b'{"tag": "t9"}',
        b'["t9", "q", "site", "10"]',
        b'["t9", "q", "site", 1, 2]',
        b"\0" * 64,
        b"\xff\xfe\xfd",
        b"[" * 100_000,
    ],
)
def test_a_line_that_cannot_be_read_is_told_of_and_spoils_no_other(tmp_path, caplog, line):
    (tmp_path / NAME).write_bytes(b'\n["t1", "q", "site", 1]\n' + line + b'\n["t2", "q", "site", 2]')
    assert read(tmp_path) == [ONE, TWO]
    assert f"a line of {tmp_path / NAME} cannot be read" in caplog.text


def test_a_file_cut_anywhere_has_all_whole_records_before_the_cut(journal, tmp_path):
    ends, standing = [0], [[]]
    for now in ([ONE], [ONE, TWO], [TWO], [TWO, THREE], [TWO], []):
        for record in now[len(standing[-1]) :]:
            journal.begin(record)
        for record in standing[-1]:
            if record not in now:
                journal.strike(record[0])
        standing.append(now)
        ends.append((tmp_path / NAME).stat().st_size)
    whole = (tmp_path / NAME).read_bytes()
    for cut in range(len(whole) + 1):
        (tmp_path / NAME).write_bytes(whole[:cut])
        assert read(tmp_path) == standing[max(n for n, end in enumerate(ends) if end <= cut)]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["begin", "strike", "strike later"]), st.sampled_from(RECORDS)),
        st.sampled_from([("crash", ONE), ("remove", ONE)]),
    ),
    max_size=60,
)


@settings(deadline=None)  # the disk may take its time
@given(STEPS)
def test_whenever_the_daemon_dies_the_next_one_finds_the_open_acts_and_those_it_was_told_late_of(steps):
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        folder, journal, standing = Path(name), Journal(Path(name)), set()
        late: set[Record] = set()  # over, which the file need not know yet
        for step, record in steps:
            if step == "strike later":
                journal.strike(record[0], later=True)
                late |= {record} & standing
                standing.discard(record)
                assert standing <= set(read(folder)) <= standing | late
                continue
            if step == "crash":
                journal = Journal(folder)
                left = set(journal.read())
                assert standing <= left <= standing | late
                standing = left
            elif step == "remove" and standing != set(RECORDS):
                (folder / NAME).unlink(missing_ok=True)
                extra = min(set(RECORDS) - standing)
                journal.begin(extra)
                standing.add(extra)
            elif step == "begin":
                journal.begin(record)
                standing.add(record)
            elif step == "strike":
                journal.strike(record[0])
                standing.discard(record)
            elif late:  # nothing was removed
                continue
            late.clear()
            assert set(read(folder)) == standing
        assert list(folder.iterdir()) in ([], [folder / NAME])


def attempt(journal: Journal, folder: Path, record: Record, more: int, *, is_begin: bool) -> bool:
    """Begin or strike where there is room for so many bytes; false if that failed."""
    with contextlib.suppress(OSError), room(folder, more):
        journal.begin(record) if is_begin else journal.strike(record[0])
        return True
    return False


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from(RECORDS), st.integers(0, 60)), max_size=60))
def test_on_a_disk_that_is_full_now_and_then_no_written_act_is_lost(steps):
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        folder, journal = Path(name), Journal(Path(name))
        written, possible = set(), set()
        for is_begin, record, more in steps:
            is_done = attempt(journal, folder, record, more, is_begin=is_begin)
            if is_begin:
                possible.add(record)
                written.update([record] * is_done)
            else:
                written.discard(record)
                possible.difference_update([record] * is_done)
            assert written <= set(read(folder)) <= possible


def test_threads_that_write_at_the_same_time_spoil_nothing(tmp_path, monkeypatch):
    shrink(monkeypatch)
    journal = Journal(tmp_path)

    def act(thread: int) -> None:
        for number in range(100):
            journal.begin(Record(f"{thread}-{number}", "q", "site", 1))
            if number % 10:
                journal.strike(f"{thread}-{number}")

    threads = [threading.Thread(target=act, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {f"{thread}-{number}" for thread in range(8) for number in range(0, 100, 10)}
    assert {tag for tag, *_ in read(tmp_path)} == expected


@pytest.mark.parametrize(("standing", "bound"), [(0, SMALL), (1, LARGE), (3000, LARGE)])
def test_the_file_grows_no_further_than_its_bounds(journal, tmp_path, standing, bound):
    for number in range(standing):
        journal.begin(Record(f"standing-{number}", "q", "site", 1))
    least, sizes = (tmp_path / NAME).stat().st_size if standing else 0, []
    for number in range(10_000):
        journal.begin(Record(f"tag-{number}", "q", "site", 1))
        journal.strike(f"tag-{number}")
        sizes.append((tmp_path / NAME).stat().st_size)
    assert max(sizes) < least + bound + 100
    assert len(read(tmp_path)) == standing
    assert sum(after < before for before, after in pairwise(sizes)) < 100


def test_what_cannot_be_written_anew_is_not_tried_at_every_strike(tmp_path, monkeypatch):
    shrink(monkeypatch)
    journal = Journal(tmp_path)
    journal.begin(ONE)
    tried = []
    monkeypatch.setattr(module, "replace", lambda path, content: tried.append(content) or fail())
    for _ in range(20):
        journal.begin(TWO)
        journal.strike("t2")
    assert 0 < len(tried) < 10
    assert read(tmp_path) == [ONE]
    monkeypatch.undo()
    shrink(monkeypatch)
    for _ in range(20):
        journal.begin(TWO)
        journal.strike("t2")
    assert read(tmp_path) == [ONE]
    assert (tmp_path / NAME).stat().st_size < 200


def fail() -> int:
    """As where there is no room."""
    raise OSError("no room")


def test_what_was_not_taken_is_written_with_the_next_record(journal, tmp_path):
    journal.begin(ONE)
    with room(tmp_path, 10), pytest.raises(OSError, match="File too large"):
        journal.begin(TWO)
    assert read(tmp_path) == [ONE]
    journal.begin(THREE)
    assert read(tmp_path) == [ONE, TWO, THREE]


@pytest.mark.parametrize("is_begin", [True, False])
def test_a_file_that_vanished_with_its_folder_comes_back_with_all_open_acts(tmp_path, is_begin):
    folder = tmp_path / "acts"
    folder.mkdir()
    journal = Journal(folder)
    for record in (ONE, TWO):
        journal.begin(record)
    (folder / NAME).unlink()
    folder.rmdir()
    with pytest.raises(FileNotFoundError):
        journal.begin(THREE)
    folder.mkdir()
    journal.begin(THREE) if is_begin else journal.strike("t1")
    assert set(read(folder)) == ({ONE, TWO, THREE} if is_begin else {TWO, THREE})


def test_a_descriptor_that_cannot_be_closed_is_not_used_again(journal, tmp_path, monkeypatch):
    journal.begin(ONE)
    close = os.close

    def fail_to_close(file: int) -> None:
        close(file)
        raise OSError("the server is away")

    (tmp_path / NAME).unlink()
    monkeypatch.setattr(module.os, "close", fail_to_close)
    journal.begin(TWO)
    monkeypatch.undo()
    assert read(tmp_path) == [ONE, TWO]


def test_a_full_disk_leaves_no_draft(tmp_path, monkeypatch):
    shrink(monkeypatch)
    journal = Journal(tmp_path)
    for record in RECORDS:
        journal.begin(record)
    with room(tmp_path, -30), pytest.raises(OSError, match="File too large"):
        journal.strike("t1")  # neither anew nor behind what there is
    assert list(tmp_path.iterdir()) == [tmp_path / NAME]
    assert read(tmp_path) == RECORDS


def test_acts_that_earlier_versions_wrote_down_are_taken_over_once(journal, tmp_path, caplog):
    old = '{"tag": "%s", "queue": "q", "target": "site", "count": %d, "dead": null, "lacked": null}'
    for tag, _, _, count in (ONE, TWO):
        (tmp_path / f"{tag}.json").write_text(old % (tag, count))
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "t4.json").write_text(old % ("t4", 4))
    (tmp_path / NAME).write_text('\n["t3", "q", "site", 3]\n"t4"')  # struck out by who took it over
    assert set(journal.read()) == {ONE, TWO, THREE}
    assert f"a line of {tmp_path / 'bad.json'} cannot be read" in caplog.text
    assert list(tmp_path.iterdir()) == [tmp_path / NAME]
    journal.strike("t1")
    assert set(read(tmp_path)) == {TWO, THREE}


def test_a_file_that_cannot_be_read_at_all_is_told_of(journal, tmp_path, caplog):
    (tmp_path / NAME).mkdir()
    assert journal.read() == []
    assert f"{tmp_path / NAME} cannot be read, and its acts are forgotten" in caplog.text
    assert "the journal of acts is not written anew" in caplog.text


def test_what_was_read_but_not_written_anew_can_still_be_struck_out(journal, tmp_path, caplog):
    (tmp_path / NAME).write_text('\n["t1", "q", "site", 1]\n["t2", "q", "site", 2]')
    (tmp_path / "acts.draft").mkdir()
    assert journal.read() == [ONE, TWO]
    assert "the journal of acts is not written anew" in caplog.text
    journal.strike("t1")
    assert read(tmp_path) == [TWO]


def test_reading_makes_the_folder_and_a_file_for_our_eyes_only(tmp_path):
    Journal(tmp_path / "state" / "acts").read()
    assert (tmp_path / "state" / "acts" / NAME).stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_could_read_is_replaced(journal, tmp_path):
    (tmp_path / NAME).write_text("")
    (tmp_path / NAME).chmod(0o644)
    journal.read()
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def test_a_journal_that_nobody_has_any_more_lets_go_of_its_file(tmp_path):
    journal = Journal(tmp_path)
    journal.begin(ONE)
    held = descriptors(tmp_path / NAME)
    del journal
    assert (len(held), descriptors(tmp_path / NAME)) == (1, [])
