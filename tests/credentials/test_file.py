"""A file is read when it changed, checked with the configuration, and refused where others may read it."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import issuer
from autopyfactory.clients.kept import LARGEST
from autopyfactory.credentials import file
from autopyfactory.credentials.file import FileCredential, FileOptions
from autopyfactory.errors import Unavailable
from autopyfactory.model import CredentialType, Place
from autopyfactory.testing import CredentialContract

NOW = time.time()
TOKEN = issuer.token(sub="pilots", iss="https://i", iat=NOW - 60, exp=NOW + 3600)
PLACE = Place(section="robot", factory="f", logs="logs", state="state")


@pytest.fixture
def proxy(tmp_path: Path) -> Path:
    return issuer.keep(tmp_path / "proxy", issuer.proxy(NOW - 300, NOW + 3600))


@pytest.fixture
def token(tmp_path: Path) -> Path:
    return issuer.keep(tmp_path / "token", TOKEN)


def make(path: Path, **options: Any) -> FileCredential:
    return FileCredential(FileOptions(path=path, **options), PLACE)


class TestProxy(CredentialContract):
    plugin = FileCredential

    @pytest.fixture
    def section(self, proxy: Path) -> FileOptions:
        return FileOptions(path=proxy)


class TestToken(CredentialContract):
    plugin = FileCredential

    @pytest.fixture
    def section(self, token: Path) -> FileOptions:
        return FileOptions(path=token)


def test_what_a_file_holds_is_found_out(proxy: Path, token: Path) -> None:
    assert make(proxy).type is CredentialType.X509
    assert make(token).type is CredentialType.TOKEN


def test_it_says_what_the_file_says(proxy: Path, token: Path) -> None:
    assert make(proxy).proof().subject == "/DC=testbed/CN=Robot"
    assert make(proxy).proof().end == pytest.approx(NOW + 3600, abs=1)
    assert make(token).proof().subject == "pilots of https://i"
    assert make(token).proof().begin == pytest.approx(NOW - 60)


def test_a_file_that_expired_is_no_error_of_the_configuration(tmp_path: Path) -> None:
    old = issuer.keep(tmp_path / "old", issuer.proxy(NOW - 300, NOW - 100))
    assert make(old).proof().end == pytest.approx(NOW - 100, abs=1)


def test_a_file_is_read_again_only_when_it_changed(proxy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    look = file.look
    credential = make(proxy)
    monkeypatch.setattr(file, "look", lambda path: reads.append(path) or look(path))
    assert len({credential.proof() for _ in range(100)}) == 1
    assert len(reads) == 1
    issuer.keep(proxy, issuer.proxy(NOW - 300, NOW + 7200))
    assert credential.proof().end == pytest.approx(NOW + 7200, abs=1)
    proxy.chmod(0o644)
    with pytest.raises(Unavailable, match="mode 0644"):
        credential.proof()
    assert len(reads) == 3


@pytest.mark.parametrize(
    ("content", "mode", "sentence"),
    [
        (b"", 0o600, "holds no JSON Web Token"),
        (b"\x00\xff", 0o600, "holds no JSON Web Token"),
        (b"x" * (LARGEST + 1), 0o600, "too many for a credential"),
        (issuer.RIGHT[:400], 0o600, "without its private key"),
        (issuer.RIGHT, 0o640, "mode 0640, so that others get at it: chmod 600"),
        (TOKEN, 0o644, "mode 0644, so that others get at it: chmod 600"),
        (TOKEN, 0o620, "mode 0620"),
        (TOKEN, 0o640, ""),
    ],
)
def test_what_is_wrong_with_a_file_is_said_at_once_and_later(
    tmp_path: Path, proxy: Path, content: bytes, mode: int, sentence: str
) -> None:
    path = issuer.keep(tmp_path / "tried", content, mode)
    if not sentence:
        assert make(path).type is CredentialType.TOKEN
        return
    with pytest.raises(ValidationError) as caught:
        FileOptions(path=path)
    (wrong,) = caught.value.errors()
    assert wrong["loc"] == ("path",)
    assert sentence in wrong["msg"]
    credential = make(proxy)
    issuer.keep(proxy, content, mode)
    with pytest.raises(Unavailable) as later:
        credential.proof()
    assert sentence in str(later.value)
    assert str(proxy) in str(later.value)


def test_a_file_that_is_not_there_is_said_at_once_and_later(proxy: Path) -> None:
    credential = make(proxy)
    proxy.unlink()
    with pytest.raises(Unavailable, match=f"^'{proxy}': No such file or directory$"):
        credential.proof()
    with pytest.raises(ValidationError, match="No such file or directory"):
        FileOptions(path=proxy)


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def test_what_is_no_file_is_not_waited_for(tmp_path: Path, pipe: Path) -> None:
    for path in (pipe, tmp_path):
        with pytest.raises(ValidationError, match=r"is no regular file|Is a directory"):
            FileOptions(path=path)


def test_a_type_that_is_given_must_be_that_of_the_file(tmp_path: Path, proxy: Path, token: Path) -> None:
    assert make(proxy, type="x509").type is CredentialType.X509
    with pytest.raises(Unavailable, match="holds a credential of type x509, not token"):
        make(proxy, type="token").proof()
    credential = make(token)
    issuer.keep(token, issuer.RIGHT)
    with pytest.raises(Unavailable, match="holds a credential of type x509, not token"):
        credential.proof()
    with pytest.raises(ValidationError, match="type"):
        FileOptions(path=tmp_path, type="x5099")


def test_with_its_type_a_file_may_come_later(tmp_path: Path) -> None:
    path = tmp_path / "token"
    credential = make(path, type="token")
    with pytest.raises(Unavailable, match="No such file"):
        credential.proof()
    issuer.keep(path, TOKEN)
    assert credential.proof().subject == "pilots of https://i"


def test_options_are_others_when_the_file_holds_another_type(proxy: Path, token: Path) -> None:
    before = FileOptions(path=proxy)
    assert before == FileOptions(path=proxy)
    issuer.keep(proxy, TOKEN)
    assert before != FileOptions(path=proxy)


def test_a_file_that_is_being_replaced_is_the_old_one_or_the_new_one(proxy: Path) -> None:
    credential, done = make(proxy), threading.Event()
    contents = [issuer.proxy(NOW - 300, NOW + 3600 * hours) for hours in (1, 2)]

    def replace() -> None:
        while not done.is_set():
            for content in contents:
                issuer.keep(proxy, content)

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        ends = {round((credential.proof().end - NOW) / 3600) for _ in range(300)}
    finally:
        done.set()
        writer.join()
    assert ends <= {1, 2}


def test_secrets_are_not_repeated(tmp_path: Path) -> None:
    secret = issuer.keep(tmp_path / "token", b"s3cret.s3cret.s3cret")
    with pytest.raises(ValidationError) as caught:
        FileOptions(path=secret)
    assert "s3cret" not in str(caught.value)
