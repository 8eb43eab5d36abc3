"""Who we are to a schedd: what is wrong is found when the configuration is read, and no secret is told."""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from autopyfactory.clients.condor.options import Contact
from autopyfactory.clients.condor.security import Method, Security

REQUIRED = {f"SEC_CLIENT_{what}": "REQUIRED" for what in ("AUTHENTICATION", "ENCRYPTION", "INTEGRITY")}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a secret, something that is none, and a folder of tokens."""
    for name, mode in (("secret", 0o600), ("open", 0o644)):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(mode)
    (tmp_path / "tokens").mkdir(mode=0o700)
    (tmp_path / "tokens" / "one").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".hidden").touch()
    return tmp_path


def security(folder: Path, **options: Any) -> Security:
    """With names of files in a folder."""
    context = {"folder": folder}
    return Security.model_validate(options, context=context)


@pytest.mark.parametrize(
    ("options", "methods", "settings"),
    [
        (
            {"tokens": "tokens"},
            "IDTOKENS",
            {"SEC_TOKEN_DIRECTORY": "tokens", "SEC_TOKEN_SYSTEM_DIRECTORY": "tokens"},
        ),
        ({"password": "secret"}, "PASSWORD", {"SEC_PASSWORD_FILE": "secret"}),
        (
            {"certificate": "open", "key": "secret", "ca": "open"},
            "SSL",
            {
                "AUTH_SSL_CLIENT_CERTFILE": "open",
                "AUTH_SSL_CLIENT_KEYFILE": "secret",
                "AUTH_SSL_CLIENT_CAFILE": "open",
            },
        ),
        (
            {"certificate": "secret", "ca": "empty"},
            "SSL",
            {
                "AUTH_SSL_CLIENT_CERTFILE": "secret",
                "AUTH_SSL_CLIENT_KEYFILE": "secret",
                "AUTH_SSL_CLIENT_CADIR": "empty",
            },
        ),
        (
            {"password": "secret", "tokens": "tokens"},
            "IDTOKENS, PASSWORD",
            {
                "SEC_TOKEN_DIRECTORY": "tokens",
                "SEC_TOKEN_SYSTEM_DIRECTORY": "tokens",
                "SEC_PASSWORD_FILE": "secret",
            },
        ),
    ],
)
def test_each_option_brings_its_method_and_its_settings(
    files: Path, options: dict[str, str], methods: str, settings: dict[str, str]
) -> None:
    expected = {**REQUIRED, "SEC_CLIENT_AUTHENTICATION_METHODS": methods}
    expected |= {name: str(files / file) for name, file in settings.items()}
    assert dict(security(files, **options).settings) == expected


def test_methods_may_be_named_and_ordered() -> None:
    assert Security(methods=(Method.FS, Method.IDTOKENS)).used == ("FS", "IDTOKENS")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "says nothing"),
        ({"methods": ["GSI"]}, "methods"),
        ({"methods": ["SSL"], "tokens": "tokens"}, "tokens is for the method IDTOKENS"),
        ({"tokens": "nowhere"}, "does not exist, or we may not read it"),
        ({"tokens": "open"}, "is no folder"),
        ({"tokens": "empty"}, "holds no token"),
        ({"password": "open"}, "others may read .mode 644."),
        ({"password": "empty"}, "is no regular file"),
        ({"certificate": "open"}, "others may read"),
        ({"certificate": "open", "key": "open"}, "others may read"),
        ({"methods": ["SSL"], "key": "secret"}, "key wants to know its certificate"),
        ({"ca": "a$b"}, "which HTCondor would make something else of"),
    ],
)
def test_what_cannot_work_is_refused(files: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        security(files, **options)


def test_a_password_in_the_place_of_its_file_is_not_repeated(files: Path) -> None:
    with pytest.raises(ValidationError) as error:
        security(files, password="correct horse")
    told = [problem["msg"] for problem in error.value.errors()]
    assert told == [
        "Value error, names no file that we can read; it wants the path of a file that holds the secret"
    ]


def test_a_token_of_somebody_else_is_none_of_ours(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(ValidationError, match="no token there belongs to us"):
        security(files, tokens="tokens")


def test_sections_that_come_as_two_do_not_share_a_child_and_none_tells_how_it_comes(files: Path) -> None:
    one, two = (
        Contact.model_validate({"schedd": "a", "security": options}, context={"folder": files})
        for options in ({"tokens": "tokens"}, {"password": "secret"})
    )
    assert one.identity != two.identity
    assert str(one.identity) == str(two.identity) == "schedd a"
