"""Endpoints are understood with and without scheme and port."""

import pytest

from autopyfactory.clients.cric.endpoints import read_endpoint


@pytest.mark.parametrize(
    ("written", "flavour", "url"),
    [
        ("ce.example.org:9619", "htcondor-ce", "https://ce.example.org:9619"),
        ("ce.example.org", "htcondor-ce", "https://ce.example.org:9619"),
        ("CE.Example.org:9616", "htcondor-ce", "https://ce.example.org:9616"),
        ("https://arc.example.org:443", "arc-ce", "https://arc.example.org:443"),
        ("https://arc.example.org/arex/", "arc-ce", "https://arc.example.org:443/arex"),
        ("gsiftp://arc.example.org:2811", "arc-ce", "https://arc.example.org:443"),
        ("arc.example.org:2811", "arc-ce", "https://arc.example.org:443"),
        ("cream.example.org", "cream-ce", "https://cream.example.org:8443"),
        ("[2001:db8::1]:9619", "htcondor-ce", "https://[2001:db8::1]:9619"),
        ("ssh.example.org:22", "other", "https://ssh.example.org:22"),
    ],
)
def test_an_endpoint_is_host_and_port(written: str, flavour: str, url: str) -> None:
    assert read_endpoint(written, flavour).url == url


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "there is no ce_endpoint"),
        ("a b", "is no address"),
        ("https://", "is no address"),
        ("user@ce.example.org", "is no address"),
        ("ce.example.org:99999", "is no address"),
        ("[::1", "is no address"),
        ("ce.example.org", "has no port"),
        ("ce.example.org:0", "has no port"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_endpoint(written, "other")
