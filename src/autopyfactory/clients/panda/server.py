"""A PanDA server: one call of its REST interface, the data of its answer, or what is wrong with that.

The interface is version 1 of panda-server 1.0: every answer is `{"success", "message", "data"}`, and
errors of the application come with status 200 and `success: false`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autopyfactory.clients.web import EXCERPT, Reply, Web, check_address
from autopyfactory.errors import Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """As whom a call is made: a certificate or proxy with its key in one file, or a token, or nobody."""

    certificate: Path | None = None
    token: str = ""
    origin: str = ""  # VO and role that the token is for, 'atlas.production'

    @property
    def headers(self) -> Mapping[str, str]:
        """What a token adds to a request."""
        return {"Authorization": f"Bearer {self.token}", "Origin": self.origin} if self.token else {}


NOBODY = Access()
ROOT = "/api/v1"


class Failed(Unavailable):
    """The server has answered, and says that it failed: it is there."""


class Denial(ValueError):
    """An answer that says so."""


def check_url(text: str) -> str:
    """Where the REST interface is: 'https://HOST:25443', with or without '/api/v1'."""
    try:
        address = check_address(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no address of a PanDA server; write 'https://HOST:25443'") from error
    return address if "/" in address.partition("://")[2] else f"{address}{ROOT}"


def show(name: str, file: Path, *, is_token: bool, origin: str) -> Access:
    """Access by the credential `name` in this file; `Unavailable` where a token cannot be read."""
    if not is_token:
        return Access(certificate=file)
    try:
        return Access(token=file.read_text().strip(), origin=origin)
    except (OSError, ValueError) as error:
        raise Unavailable(f"credential {name}: {error}") from error


class Server:
    """One PanDA server at `url` ('https://HOST:25443/api/v1')."""

    def __init__(self, url: str, web: Web) -> None:
        self.url = url
        self._web = web

    def get(self, call: str, seconds: float, access: Access = NOBODY, **query: str) -> Any:
        """The data that a call answers within about `seconds`.

        Raises `Failed` when the server says that it failed, else `Unavailable`.
        """
        return self._call("GET", call, seconds, access, fields=query)

    def post(self, call: str, seconds: float, access: Access, **values: Any) -> Any:
        """The same for a call that changes something at the server."""
        return self._call("POST", call, seconds, access, json=values)

    def _call(self, method: str, call: str, seconds: float, access: Access, **content: Any) -> Any:
        where = f"{self.url}/{call}"
        reply = self._web.request(
            method,
            where,
            seconds=seconds,
            certificate=access.certificate,
            headers={"Accept": "application/json", **access.headers},
            **content,
        )
        try:
            return unpack(reply)
        except Denial as error:
            raise Failed(f"{where} {error}") from error
        except ValueError as error:
            raise Unavailable(f"{where} {error}") from error


def unpack(reply: Reply) -> Any:
    """The data of an answer; `ValueError` with what follows the address in a sentence.

    The type of the content is not looked at: PanDA says 'text/plain' of its JSON.
    """
    if reply.status != 200:
        reason = "refuses us, 403" if reply.status == 403 else f"answers {reply.status}"
        raise ValueError(f"{reason}: {reply.excerpt}")
    try:
        answer = json.loads(reply.body)
    except ValueError as error:
        raise ValueError(f"answers with no JSON: {reply.excerpt}") from error
    if not isinstance(answer, dict) or not isinstance(answer.get("success"), bool):
        raise ValueError(f"answers in no way that PanDA does: {reply.excerpt}")
    if not answer["success"]:
        raise Denial(f"has failed: {' '.join(str(answer.get('message')).split())[:EXCERPT]}")
    return answer.get("data")
