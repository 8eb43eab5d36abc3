"""Bearer tokens: what a JSON Web Token says of itself."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from autopyfactory.clients.printable import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The claims of a token; times are seconds since the epoch."""

    subject: str  # 'pilots of https://issuer.example.org for https://ce.example.org'
    begin: float
    end: float  # infinite: it does not say
    audience: tuple[str, ...] = ()  # who shall take it; empty: it does not say
    scopes: tuple[str, ...] = ()  # what it is good for; empty: it does not say


def read_token(content: bytes) -> Token:
    """What a token says; `ValueError` for what is none.

    Its signature is not checked: whoever is shown the token does that, and has the issuer's keys.
    """
    try:
        claims = jwt.decode(content.strip(), options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise ValueError("holds no JSON Web Token") from error
    begin = read_moment(claims, "nbf", read_moment(claims, "iat", 0.0))
    return Token(
        subject=printable(describe(claims)),
        begin=begin,
        end=read_moment(claims, "exp", math.inf),
        audience=read_audience(claims),
        scopes=tuple(str(claims.get("scope", "")).split()),
    )


def read_moment(claims: Mapping[str, Any], name: str, otherwise: float) -> float:
    """A claim that is a moment; `ValueError` if it is anything else."""
    value = claims.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # nan
        raise ValueError(f"holds a token whose {name} is no moment")
    return float(max(value, 0)) if value < 1e300 else math.inf


def read_audience(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Who shall take it; one or many."""
    audience = claims.get("aud", ())
    return tuple(map(str, audience)) if isinstance(audience, list | tuple) else (str(audience),)


def describe(claims: Mapping[str, Any]) -> str:
    """Who, by whose word, for whom."""
    listed = read_audience(claims)
    words = [str(claims.get("sub", "nobody"))]
    words += [f"of {claims['iss']}"] if claims.get("iss") else []
    words += [f"for {', '.join(listed)}"] if listed else []
    return " ".join(words)
