"""Tokens say who they are for and when, and are read without being believed."""

import math
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import issuer
from autopyfactory.clients.tokens import read_token


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"sub": "pilots", "iss": "https://i", "aud": "https://ce"}, "pilots of https://i for https://ce"),
        ({"sub": "pilots", "aud": ["a", "b"]}, "pilots for a, b"),
        ({"iss": "https://i"}, "nobody of https://i"),
        ({"sub": "two\nlines"}, "two?lines"),
        ({"sub": "x" * 1000}, "x" * 297 + "..."),
    ],
)
def test_a_token_names_its_bearer_its_issuer_and_who_shall_take_it(
    claims: dict[str, Any], sentence: str
) -> None:
    assert read_token(issuer.token(**claims)).subject == sentence


@pytest.mark.parametrize(
    ("claims", "begin", "end"),
    [
        ({"exp": 200}, 0.0, 200.0),
        ({"iat": 100, "exp": 200}, 100.0, 200.0),
        ({"iat": 100, "nbf": 150.5, "exp": 200}, 150.5, 200.0),
        ({}, 0.0, math.inf),
        ({"exp": 10**400}, 0.0, math.inf),
        ({"exp": -(10**400)}, 0.0, 0.0),
    ],
)
def test_a_token_says_when_it_is_valid(claims: dict[str, Any], begin: float, end: float) -> None:
    token = read_token(issuer.token(**claims))
    assert (token.begin, token.end) == (begin, end)


@pytest.mark.parametrize("wrong", ["soon", True, [1], {"a": 1}])
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
def test_a_moment_that_is_none_is_said(name: str, wrong: Any) -> None:
    content = jwt.api_jws.encode(issuer.as_json({name: wrong}), issuer.SECRET, algorithm="HS256").encode()
    with pytest.raises(ValueError, match=f"whose {name} is no moment"):
        read_token(content)


@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_what_is_no_token_is_refused_without_repeating_it(junk: bytes) -> None:
    with pytest.raises(ValueError, match=r"^holds no JSON Web Token$"):
        read_token(junk)
