"""An issuer of tokens, as OAuth 2 has it: found by its metadata, asked for one token at a time."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from autopyfactory.clients.printable import printable
from autopyfactory.clients.web import Reply, Web, check_address
from autopyfactory.errors import Unavailable

LOCAL = {"localhost", "127.0.0.1", "::1"}  # where nobody listens on the way
BASIC, POST = "client_secret_basic", "client_secret_post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who asks; without a secret it is a public client, which only a refresh token lets in."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What the issuer gave."""

    token: str = field(repr=False)
    seconds: float | None = None  # that the token is good for; None: it does not say
    refresh: str = field(default="", repr=False)  # the next refresh token; empty: the one before stays good
    scopes: tuple[str, ...] = ()  # that were granted; empty: it does not say


class Issuer:
    """One issuer, at an address that `check_issuer` let pass."""

    def __init__(self, address: str, web: Web, seconds: float) -> None:
        self._address = address
        self._web = web
        self._seconds = seconds  # for each of the two or three requests

    def grant(self, client: Client, form: Sequence[tuple[str, str]]) -> Granted:
        """One token, for a form that names the type of grant.

        Raises `Unavailable` when there is none; no secret that was sent is in its message.
        """
        metadata = self._discover()
        where = metadata["token_endpoint"]
        headers, words = authenticate(client, metadata)
        reply = self._web.request(
            "POST",
            where,
            seconds=self._seconds,
            headers={
                **headers,
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=urlencode([*form, *words]).encode(),
        )
        try:
            return read_grant(reply)
        except ValueError as error:
            secrets = [client.secret, *(value for name, value in form if name == "refresh_token")]
            raise Unavailable(
                f"{where} {conceal(str(error), secrets)}"
            ) from None  # its words may repeat a secret

    def _discover(self) -> Mapping[str, Any]:
        """What the issuer says of itself, read anew each time, for it may have moved."""
        for where in locations(self._address):
            reply = self._web.request(
                "GET", where, seconds=self._seconds, headers={"Accept": "application/json"}
            )
            if reply.status == 404:
                continue
            try:
                return read_metadata(reply, self._address)
            except ValueError as error:
                raise Unavailable(f"{where} {error}") from error
        raise Unavailable(
            f"{self._address} is no issuer: {' and '.join(locations(self._address))} are not there"
        )


def check_issuer(text: str) -> str:
    """The address of an issuer without its last '/'; `ValueError` where secrets would travel in the clear."""
    try:
        address = check_address(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no address of an issuer; write 'https://HOST/PATH'") from error
    if not address.startswith("https:") and urlsplit(address).hostname not in LOCAL:
        raise ValueError(f"{text!r} would be asked in the clear, secrets and all; write 'https://...'")
    return address


def locations(address: str) -> tuple[str, str]:
    """Where an issuer's metadata are, as OpenID Connect and as RFC 8414 has it."""
    parts = urlsplit(address)
    root = f"{parts.scheme}://{parts.netloc}/.well-known"
    return f"{address}/.well-known/openid-configuration", f"{root}/oauth-authorization-server{parts.path}"


def read_metadata(reply: Reply, address: str) -> Mapping[str, Any]:
    """The metadata of the issuer at `address`; `ValueError` with what follows the address in a sentence."""
    metadata = read_object(reply)
    if metadata is None or reply.status != 200:
        raise ValueError(f"answers {reply.status} and no metadata of an issuer: {reply.excerpt}")
    name = metadata.get("issuer")
    if not isinstance(name, str) or name.rstrip("/") != address:
        raise ValueError(f"speaks for another issuer, {printable(str(name))!r}")
    try:
        check_issuer(str(metadata.get("token_endpoint")).partition("?")[0])
    except ValueError as error:
        raise ValueError(f"names no place to ask for tokens: {error}") from error
    return metadata


def read_grant(reply: Reply) -> Granted:
    """What was granted; `ValueError` with what follows the address in a sentence, never the answer itself."""
    answer = read_object(reply)
    if answer is None:
        raise ValueError(f"answers {reply.status} and no JSON")
    if reply.status != 200:
        words = [answer.get("error"), answer.get("error_description")]
        why = ": ".join(" ".join(word.split()) for word in words if isinstance(word, str) and word)
        raise ValueError(f"refuses, {reply.status}: {printable(why) if why else 'it does not say why'}")
    token, seconds, refresh = (answer.get(name) for name in ("access_token", "expires_in", "refresh_token"))
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise ValueError("answers without a token")
    if str(answer.get("token_type", "bearer")).lower() != "bearer":
        raise ValueError("gives a token that is no bearer token")
    return Granted(
        token=token,
        seconds=read_seconds(seconds),
        refresh=refresh if isinstance(refresh, str) else "",
        scopes=tuple(str(answer.get("scope") or "").split()),
    )


def read_seconds(value: Any) -> float | None:
    """How long a token is good for, also where it is written as a word; None where nothing is said."""
    try:
        seconds = None if value is None else float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("gives a token whose expires_in is no number") from error
    if seconds is not None and not 0 < seconds < 1e12:
        raise ValueError("gives a token whose expires_in is no number of seconds")
    return seconds


def read_object(reply: Reply) -> Mapping[str, Any] | None:
    """The JSON object of a reply, if it is one."""
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def authenticate(
    client: Client, metadata: Mapping[str, Any]
) -> tuple[Mapping[str, str], list[tuple[str, str]]]:
    """The headers and the words of the form that say who asks, in a way that the issuer takes."""
    if not client.secret:
        return {}, [("client_id", client.id)]
    ways = metadata.get("token_endpoint_auth_methods_supported") or [BASIC]
    if BASIC not in ways and POST in ways:
        return {}, [("client_id", client.id), ("client_secret", client.secret)]
    pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}, []


def conceal(text: str, secrets: Sequence[str]) -> str:
    """The text without these secrets, should it repeat one."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text
