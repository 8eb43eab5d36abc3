"""VOMS attributes are read and carried as VOMS means them; what is broken is refused and nothing else."""

import base64
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autopyfactory.clients.attributes import (
    BEGIN,
    END,
    NAMES,
    SEQUENCE,
    Attributes,
    elements,
    make_extension,
    read_attributes,
    unpack,
    wrap,
)
from issuer import attribute_certificate

PRODUCTION = "/atlas/Role=production/Capability=NULL"
MEMBER = "/atlas/Role=NULL/Capability=NULL"


def test_names_and_times_are_read() -> None:
    one = attribute_certificate([PRODUCTION, MEMBER], 1000, 4600)
    assert read_attributes(make_extension([one])) == Attributes(
        names=(PRODUCTION, MEMBER), begin=1000, end=4600
    )


def test_of_several_the_first_to_expire_is_the_end() -> None:
    first = attribute_certificate([PRODUCTION], 1000, 9000)
    second = attribute_certificate(["/cms"], 2000, 4600)
    assert read_attributes(make_extension([first, second])) == Attributes(
        names=(PRODUCTION, "/cms"), begin=2000, end=4600
    )


def test_what_is_no_name_is_passed_over() -> None:
    one = attribute_certificate([MEMBER], 1000, 4600, kind=NAMES[:-1] + b"\x0b")
    assert read_attributes(make_extension([one])).names == ()


@given(st.binary(max_size=300))
def test_what_cannot_be_read_is_refused(junk: bytes) -> None:
    with pytest.raises(ValueError, match="holds VOMS attributes that cannot be read"):
        read_attributes(junk)


@given(st.integers(0, 400))
def test_what_is_cut_off_is_refused(length: int) -> None:
    whole = make_extension([attribute_certificate([PRODUCTION] * 10, 1000, 4600)])
    with pytest.raises(ValueError, match="cannot be read"):
        read_attributes(whole[: min(length, len(whole) - 1)])


@given(st.binary(max_size=70_000))
def test_an_element_is_read_as_it_was_written(content: bytes) -> None:
    assert list(elements(wrap(SEQUENCE, content))) == [(SEQUENCE, content)]


@given(st.lists(st.binary(max_size=200), min_size=1))
def test_all_certificates_of_a_pem_file_are_found(certificates: Sequence[bytes]) -> None:
    blocks = [BEGIN + b"\n" + base64.encodebytes(one) + END + b"\n" for one in certificates]
    assert unpack(b"".join(blocks)) == certificates


@pytest.mark.parametrize("pem", [b"", b"nothing", BEGIN + b"\nAAA\n" + END])
def test_a_file_without_any_is_refused(pem: bytes) -> None:
    with pytest.raises(ValueError, match=r"holds no attribute certificate|padding"):
        unpack(pem)
