"""Proxies of our own are made anew in time, judged before they are kept, and never replaced by worse ones."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import issuer
from autopyfactory.clients.certificates import digest
from autopyfactory.clients.delegation import Signer, delegate
from autopyfactory.clients.kept import keep
from autopyfactory.clients.proxies import ProxyFile, ProxySection
from autopyfactory.errors import Unavailable

NOW = 2_000_000_000.0
ROBOT = issuer.issue(["Robot"], NOW - 90_000, NOW + 900_000)
OTHER = issuer.issue(["Other"], NOW - 90_000, NOW + 900_000)
PRODUCTION = "/atlas/Role=production/Capability=NULL"
MEMBER = "/atlas/Role=NULL/Capability=NULL"


def proxy(hours: float, *names: str, of: issuer.Certificate = ROBOT) -> bytes:
    """A proxy that was made now, with attributes that last as long."""
    signer = Signer(chain=[of.certificate], key=of.key)
    granted = [issuer.attribute_certificate(names, NOW, NOW + hours * 3600)] if names else []
    return delegate(signer, NOW, timedelta(hours=hours), granted)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "proxy"


def kept(path: Path, clock: Callable[[], float] = lambda: NOW, **options: Any) -> ProxyFile:
    return ProxyFile(path, ProxySection(voms_program=("true",), **options), clock)


@pytest.mark.parametrize(
    ("renew", "hours", "due"),
    [
        (None, 4.9, False),
        (None, 5.1, True),
        ("1h", 5.1, False),
        ("1h", 8.9, False),
        ("1h", 9.1, True),
        ("9h", 4.9, False),
        ("9h", 5.1, True),
        (None, 11, True),
        ("0s", 9.85, False),
        ("0s", 9.9, True),
    ],
)
def test_it_is_made_anew_in_time_and_at_half_its_life_at_the_earliest(
    path: Path, renew: str | None, hours: float, due: bool
) -> None:
    keep(path, proxy(10))
    assert kept(path, lambda: NOW + hours * 3600, renew=renew).is_due() is due


def test_one_that_is_not_there_or_not_readable_is_made(path: Path) -> None:
    assert kept(path).is_due()
    keep(path, b"junk")
    assert kept(path).is_due()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("proxy", "proxy' is not there yet: the daemon makes it$"),
        ("x" * 300, "x': File name too long$"),
    ],
)
def test_that_it_is_not_there_yet_is_said_only_where_that_is_so(
    tmp_path: Path, name: str, sentence: str
) -> None:
    file = kept(tmp_path / name)
    with pytest.raises(Unavailable, match=sentence):
        file.read()
    assert file.is_due()


@pytest.mark.parametrize(
    ("names", "voms", "due"),
    [
        ([], "", False),
        ([MEMBER], "", False),
        ([], "atlas", True),
        ([MEMBER], "atlas", False),
        ([MEMBER], "atlas:/atlas", False),
        ([MEMBER], "atlas:/atlas/Role=production", True),
        ([PRODUCTION, MEMBER], "atlas:/atlas/Role=production", False),
        ([PRODUCTION, MEMBER], "atlas:/atlas/Role=prod", True),
    ],
)
def test_one_without_the_attributes_asked_for_is_made_anew(
    path: Path, names: list[str], voms: str, due: bool
) -> None:
    keep(path, proxy(10, *names))
    assert kept(path, voms=voms).is_due() is due


def test_one_that_something_else_signed_is_made_anew(path: Path) -> None:
    keep(path, proxy(10))
    assert not kept(path).is_due(digest(ROBOT.certificate))
    assert kept(path).is_due(digest(OTHER.certificate))


@pytest.mark.parametrize(
    ("content", "voms", "sentence"),
    [
        (b"junk", "", "the new proxy holds no certificate; put it and its private key into one file"),
        (proxy(10), "atlas", "the new proxy lacks the attributes of atlas; it has none"),
        (proxy(10, MEMBER), "atlas:/atlas/Role=pilot", f"Role=pilot; it has {MEMBER}"),
        (proxy(0.05), "", "the new proxy would end at 2033-05-18T03:36:20Z, too soon"),
        (proxy(1), "", "the new proxy would end at 2033-05-18T04:33:20Z, no later than the one there is"),
    ],
)
def test_a_new_one_that_is_no_good_leaves_the_old_one(
    path: Path, content: bytes, voms: str, sentence: str
) -> None:
    old = proxy(2, PRODUCTION)
    keep(path, old)
    with pytest.raises(Unavailable, match=sentence):
        kept(path, voms=voms).replace(content)
    assert path.read_bytes() == old


@pytest.mark.parametrize("old", [None, proxy(5), proxy(20, of=OTHER), b"junk"])
def test_a_good_one_takes_the_place_of_what_there_was(path: Path, old: bytes | None) -> None:
    if old is not None:
        keep(path, old)
    file = kept(path)
    file.replace(proxy(10))
    assert file.read().end == NOW + 36_000
    assert path.stat().st_mode & 0o777 == 0o600


def test_attributes_count_more_than_a_later_end(path: Path) -> None:
    keep(path, proxy(20))
    kept(path, voms="atlas").replace(proxy(10, MEMBER))
    assert not kept(path, voms="atlas").is_due()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(600, 400_000), st.none() | st.integers(0, 400_000))
def test_a_new_one_is_never_due_at_once(path: Path, seconds: int, renew: int | None) -> None:
    path.unlink(missing_ok=True)
    file = kept(path, renew=renew)
    file.replace(proxy(seconds / 3600))
    assert not file.is_due()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match=f"'{tmp_path}/file/proxy' cannot be written: "):
        kept(tmp_path / "file" / "proxy").replace(proxy(1))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"voms": "atlas", "voms_program": ["voms-proxy-innit-x"]},
            "voms_program 'voms-proxy-innit-x' is not",
        ),
        ({"voms": "atlas /Role=x"}, "is neither a VO nor attributes of one"),
        ({"voms": "-out:/etc"}, "is neither a VO nor"),
        ({"lifetime": "1m"}, "greater than or equal to"),
        ({"owner": "nobody-at-all"}, "there is no account"),
        ({"certificates": "/no/such/folder"}, "certificates\n.*'/no/such/folder' does not exist"),
        ({"vomses": "/no/such/file"}, "vomses\n.*'/no/such/file' does not exist"),
    ],
)
def test_what_is_wrong_with_a_section_is_said(options: Any, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        ProxySection(**options)


def test_a_path_that_is_not_given_lies_in_the_state_folder(tmp_path: Path) -> None:
    assert ProxySection().locate(str(tmp_path), "robot") == tmp_path / "credentials" / "robot"
    assert ProxySection(path=tmp_path / "x").locate("state", "robot") == tmp_path / "x"
    assert ProxySection(certificates=tmp_path).environment == {"X509_CERT_DIR": str(tmp_path)}
